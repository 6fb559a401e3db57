"""Every JSON path that base reads stands in the vendor's own description.

The descriptions lie beside the repository in ../shared/specs and are never copied into it; where
they are absent these tests skip. Google's are the protos of its own package.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project.conftest import PROJECT
from tests.dbt_project.declared_columns import declared_fields, read_paths

SPECS = PROJECT.parents[1] / "shared" / "specs"
META = {
    "accounts": "AdAccount",
    "campaigns": "Campaign",
    "ads": "Ad",
    "ad_performance": "AdsInsights",
    "facebook_posts": "PagePost",
    "instagram_media": "IGMedia",
}
# Edges are asked for as fields, and then come as an object with the edge's data.
META_EDGES = {"facebook_posts": "InsightsResult", "instagram_media": "InstagramInsightsResult"}
# Types for which the vendor publishes no field list; see the API's reference for these members.
META_UNLISTED = {"list<InsightsValue>", "list<InstagramInsightsValue>", "Object"}


def _read(vendor: str) -> list[tuple[str, str]]:
    models = sorted((PROJECT / "models/base" / vendor).glob("base_*.sql"))
    assert models
    return [(model.stem.split("__")[1], path) for model in models for path in read_paths(model)]


@cache
def _description(name: str) -> Any:
    path = Path(SPECS, name)
    if not path.exists():
        pytest.skip(f"the vendor's description {name} is not in ../shared/specs")
    return json.loads(path.read_text())


@pytest.mark.parametrize(("stream", "path"), _read("google_ads"))
def test_google_describes_what_base_reads(stream: str, path: str) -> None:
    services = pytest.importorskip(
        "google.ads.googleads.v26.services.types.google_ads_service",
        reason="the package google-ads, which has the protos, is not installed",
    )
    message = services.GoogleAdsRow.pb(services.GoogleAdsRow()).DESCRIPTOR
    for key in path.replace("[0]", "").split("."):
        fields = {field.json_name: field for field in message.fields}
        assert key in fields, f"{message.name} has no {key}"
        message = fields[key].message_type


@pytest.mark.parametrize(("stream", "path"), _read("meta_ads") + _read("meta_social"))
def test_meta_describes_what_base_reads(stream: str, path: str) -> None:
    kind = META[stream]
    keys = path.replace("[0]", "").split(".")
    if keys[:2] == ["insights", "data"]:
        kind, keys = META_EDGES[stream], keys[2:]
    for key in keys:
        if kind in META_UNLISTED:
            return
        listed = _description(f"meta/{kind}.json")["fields"]
        fields = {field["name"]: field["type"] for field in listed}
        assert key in fields, f"{kind} has no {key}"
        kind = fields[key].removeprefix("list<").removesuffix(">")
        if f"list<{kind}>" in META_UNLISTED:
            kind = f"list<{kind}>"


def test_snowplow_describes_what_base_reads() -> None:
    atomic = _description("snowplow/com.snowplowanalytics.snowplow_atomic_jsonschema_1-0-0.json")[
        "properties"
    ]
    assert [path for _, path in _read("snowplow") if path not in atomic] == []


def test_the_fields_of_an_enriched_event_are_in_their_canonical_order() -> None:
    model = PROJECT / "models/base/snowplow/base_snowplow__enriched_events.sql"
    fields = declared_fields(model)
    atomic = _description("snowplow/com.snowplowanalytics.snowplow_atomic_jsonschema_1-0-0.json")[
        "properties"
    ]
    assert len(fields) == 131
    assert [name for name in fields if name in atomic] == list(atomic)
