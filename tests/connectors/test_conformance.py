"""Every request to Meta against the lists of its code generator."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

import connectors
import sandbox
from connectors.settings import VendorSettings
from connectors.stream import Window
from tests.conformance.proofs import load

from .landed import END, START

Requests = list[requests.PreparedRequest]


@pytest.fixture
def sent(vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """What was sent since the test began."""
    seen: Requests = []
    send = HTTPAdapter.send

    def recording(self: HTTPAdapter, request: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(request.copy())
        return send(self, request, *args, **kwargs)

    monkeypatch.setattr(HTTPAdapter, "send", recording)
    return seen


def read_all(name: str) -> str:
    """Read every stream of a vendor without landing it; return the vendor's root URL."""
    vendor = connectors.vendors()[name]
    settings = VendorSettings(name, vendor.secrets)
    for stream in vendor.streams:
        for _ in stream.pages(vendor.connect(settings), Window(START, END)):
            pass
    return settings["base_url"]


class TestMeta:
    """Edges, parameters and fields against Meta's code generator's lists."""

    # What Graph takes on every edge: fields, page size, cursor, and paging by time.
    COMMON = frozenset({"fields", "limit", "after", "since", "until"})

    def edge(self, node: str, name: str) -> dict[str, Any]:
        for each in load(f"meta/{node}.json")["apis"]:
            if each["method"] == "GET" and (each.get("endpoint") or "").strip("/") == name:
                return dict(each)
        pytest.fail(f"{node} has no edge {name}")

    def check(self, request: requests.PreparedRequest, node: str, name: str, row: str) -> None:
        query = parse_qs(urlsplit(str(request.url)).query)
        known = {each["name"] for each in self.edge(node, name).get("params", [])}
        assert set(query) <= known | self.COMMON
        assert "access_token" not in query
        plain = re.sub(r"insights\..*\}", "", query["fields"][0])
        described = {each["name"] for each in load(f"meta/{row}.json")["fields"]}
        assert {field for field in plain.split(",") if field} <= described

    def enum(self, name: str) -> list[str]:
        found = (each for each in load("meta/enum_types.json") if each["name"] == name)
        return list(next(found)["values"])

    def test_the_ads_requests_are_as_described(self, sent: Requests) -> None:
        load("meta/AdAccount.json")
        read_all("meta_ads")
        rows = {"": "AdAccount", "campaigns": "Campaign", "ads": "Ad", "insights": "AdsInsights"}
        asked = set()
        for request in sent:
            name = urlsplit(str(request.url)).path.partition("/act_")[2].partition("/")[2]
            asked.add(name)
            self.check(request, "AdAccount", name, rows[name])
            query = parse_qs(urlsplit(str(request.url)).query)
            if "effective_status" in query:
                kind = "Campaign" if name == "campaigns" else "Ad"
                allowed = self.enum(f"{kind}_effective_status")
                assert set(json.loads(query["effective_status"][0])) <= set(allowed)
            if name == "insights":
                assert query["level"][0] in self.enum("adaccountinsights_level_enum_param")
        assert asked == set(rows)

    def test_the_organic_requests_are_as_described(self, sent: Requests) -> None:
        load("meta/Page.json")
        read_all("meta_social")
        posts, media = sent
        self.check(posts, "Page", "published_posts", "PagePost")
        self.check(media, "IGUser", "media", "IGMedia")
        fields = parse_qs(urlsplit(str(media.url)).query)["fields"][0]
        metrics = re.findall(r"insights\.metric\(([^)]*)\)", fields)[0].split(",")
        assert set(metrics) <= set(self.enum("shadowigmediainsights_metric_enum_param"))
        fields = parse_qs(urlsplit(str(posts.url)).query)["fields"][0]
        period = re.findall(r"\.period\(([^)]*)\)", fields)[0]
        assert period in self.enum("pagepostinsights_period_enum_param")
