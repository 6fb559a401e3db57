"""YouTube against the discovery documents of its two APIs, and Google's own client built from them.

The document of the reports has no list of dimensions and metrics, and says in words which
parameters are required and how they look. What the connector asks for is what base reads, and the
sandbox refuses other names. Google's client hands out answers as they came, so of the SDK it is
the question that proves something.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build_from_document

from tests.conformance.discovery import as_openapi
from tests.conformance.openapi import Description
from tests.conformance.proofs import Exchange, Proofs
from tests.conformance.sdk import differences, lost, replaying

DATA, REPORTS = "youtube.v3", "youtubeAnalytics.v2"
REPORT = "/v2/reports"
# A page of each stream, and where a row lies in it.
ROWS = {
    "channels": ("ChannelListResponse", "items[0]."),
    "uploads": ("PlaylistItemListResponse", "items[0]."),
    "videos": ("VideoListResponse", "items[0]."),
}
CELL = re.compile(r"\[columnHeaders\.name=(\w+)\]")
# What the document of the reports says in words only.
WORDS = {
    "ids": r"channel==[\w-]+",
    "startDate": r"\d{4}-\d{2}-\d{2}",
    "endDate": r"\d{4}-\d{2}-\d{2}",
    "metrics": r"[0-9a-zA-Z,]+",
    "dimensions": r"[0-9a-zA-Z,]+",
    "sort": r"[-0-9a-zA-Z,]+",
    "maxResults": r"[1-9]\d*",
}
# Of videos by day no more than these may be named:
# https://developers.google.com/youtube/analytics/dimensions#Filters
MOST_VIDEOS = 500


@cache
def document(name: str) -> dict[str, Any]:
    """One that Google's package carries."""
    documents = files("googleapiclient") / "discovery_cache" / "documents"
    content: dict[str, Any] = json.loads((documents / f"{name}.json").read_text())
    return content


@cache
def description(name: str) -> Description:
    """The same as the judge of requests and answers."""
    return Description(as_openapi(document(name)))


def _api(exchange: Exchange) -> str:
    return REPORTS if exchange.path == REPORT else DATA


def request(exchange: Exchange) -> list[str]:
    """The question as its API's document has it, and what that says in words."""
    found = description(_api(exchange)).request(exchange)
    if exchange.path != REPORT:
        return found
    asked = dict(exchange.query)
    for name, pattern in WORDS.items():
        if not re.fullmatch(pattern, asked.get(name, "")):
            found.append(f"{name} is {asked.get(name)!r}")
    named = asked.get("filters", "").removeprefix("video==").split(",")
    if len(named) > MOST_VIDEOS:
        found.append(f"{len(named)} videos are named, where {MOST_VIDEOS} are allowed")
    return found


def response(exchange: Exchange) -> list[str]:
    """The answer as its API's document has it, with the columns that were asked for in order."""
    found = description(_api(exchange)).response(exchange)
    if exchange.path != REPORT:
        return found
    asked = dict(exchange.query)
    columns = f"{asked['dimensions']},{asked['metrics']}".split(",")
    named = [each["name"] for each in exchange.json["columnHeaders"]]
    if named != columns:
        found.append(f"columns are {named}, asked were {columns}")
    if widths := {len(row) for row in exchange.json.get("rows", [])} - {len(columns)}:
        found.append(f"rows have {sorted(widths)} values, asked were {len(columns)}")
    if exchange.json.get("rows") == []:
        found.append("rows are left out where there are none")
    return found


def paths(stream: str, path: str) -> list[str]:
    """Of a resource, or of a cell in a column that has a header."""
    if stream in ROWS:
        schema, row = ROWS[stream]
        return description(DATA).reads(description(DATA).component(schema), f"{row}{path}")
    if CELL.fullmatch(path) is None:
        return [f"{path} names no column"]
    page = description(REPORTS).component("QueryResponse")
    found = description(REPORTS).reads(page, "columnHeaders[0].name")
    return found + description(REPORTS).reads(page, "rows[0]")


def sdk(exchange: Exchange) -> list[str]:
    """The client asks for the same, and hands out all of the answer."""
    with replaying(exchange) as replay:
        client = build_from_document(
            document(_api(exchange)),
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": replay.url},
        )
        asked = dict(exchange.query)
        if exchange.path == REPORT:
            call = client.reports().query(**asked)
        else:
            resource = exchange.path.rpartition("/")[2]
            call = getattr(client, resource)().list(**asked)
        read = call.execute()
        client.close()
    without = {"alt": "the client names the default"}
    return lost(exchange.json, read) + differences(exchange, replay, without=without)


PROOFS = Proofs(
    request=request,
    response=response,
    paths=paths,
    sdk=sdk,
    sources={
        proof: "discovery documents youtube v3 and youtubeAnalytics v2"
        for proof in ("request", "response", "paths")
    }
    | {"sdk": "google-api-python-client"},
    calls={
        "GET /youtube/v3/channels": "youtube.channels.list",
        "GET /youtube/v3/playlistItems": "youtube.playlistItems.list",
        "GET /youtube/v3/videos": "youtube.videos.list",
        "GET /v2/reports": "youtubeAnalytics.reports.query",
    },
)
