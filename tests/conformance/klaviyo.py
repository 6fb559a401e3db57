"""Klaviyo against its OpenAPI file, the grammar of its filters, and its own SDK."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from klaviyo_api import KlaviyoAPI

from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation, Exchange, Proofs, load
from tests.conformance.sdk import differences, lost, replaying

# The last page has no next one, and the first none before.
OVERLAY = tuple(
    Deviation(
        f"/components/schemas/CollectionLinks/properties/{name}",
        {"nullable": True},
        "klaviyo-api 24, models/collection_links.py: Optional[StrictStr]",
    )
    for name in ("prev", "next")
)

CALLS = {
    "profiles": "Profiles.get_profiles",
    "campaigns": "Campaigns.get_campaigns",
    "metrics": "Metrics.get_metrics",
    "events": "Events.get_events",
}


@cache
def description() -> Description:
    return Description(load("klaviyo/klaviyo-stable.json"), overlay=OVERLAY)


def request(exchange: Exchange) -> list[str]:
    """The request, and every condition of its filter."""
    found = description().request(exchange)
    operation = description().operation(exchange.method, exchange.path)
    for name, text in exchange.query:
        if operation and name == "filter":
            found += _filter(text, operation[0].get("x-klaviyo-filters", {}))
    return found


def _filter(text: str, filters: dict[str, Any]) -> list[str]:
    """Whether each condition uses a field that can be filtered by, and its operators."""
    conditions = re.findall(r"([a-z-]+)\(([a-z._]+),('[^']*'|[^(),]+)\)", text)
    if not conditions:
        return [f"filter: no condition in {text!r}"]
    found = []
    for operator, field, value in conditions:
        described = filters.get(field)
        if described is None:
            found.append(f"filter: {field} cannot be filtered by")
        elif operator not in described["operators"]["single"]:
            found.append(f"filter: {field} knows no {operator}")
        elif described["value"].get("format") == "date-time":
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
                found.append(f"filter: {value} is no moment")
        elif value.strip("'") not in described["value"].get("enum", [value.strip("'")]):
            found.append(f"filter: {value} is none of {described['value']['enum']}")
    return found


def paths(stream: str, path: str) -> list[str]:
    answer = description().answer("GET", f"/api/{stream}")
    return description().reads(answer, f"data[0].{path}")


def sdk(exchange: Exchange) -> list[str]:
    """The SDK of the same revision asks the same, and its models keep all that we answer."""
    group, call = CALLS[exchange.stream].split(".")
    with replaying(exchange) as replay:
        api = KlaviyoAPI("key", max_retries=0, test_host=replay.url)
        read = getattr(getattr(api, group), call)(**_arguments(exchange.query))
    return [
        *differences(exchange, replay, headers=["revision"]),
        *lost(exchange.json, read if isinstance(read, dict) else read.to_dict()),
    ]


def _arguments(query: list[tuple[str, str]]) -> dict[str, Any]:
    """`additional-fields[profile]` is `additional_fields_profile` in Python, and takes a list."""
    found: dict[str, Any] = {}
    for name, text in query:
        python = re.sub(r"[^a-z]+", "_", name).strip("_")
        is_list = "fields" in name or name == "include"
        is_number = name == "page[size]"
        found[python] = text.split(",") if is_list else int(text) if is_number else text
    return found


PROOFS = Proofs(
    request=request,
    response=lambda exchange: description().response(exchange),
    paths=paths,
    sdk=sdk,
    sources={
        "request": "OpenAPI 2026-07-15",
        "response": "OpenAPI 2026-07-15",
        "paths": "OpenAPI 2026-07-15",
        "sdk": "klaviyo-api 24",
    },
    calls=CALLS,
    overlay=OVERLAY,
)
