"""Google Analytics 4 against its discovery document, and its own client over REST.

The document has no list of dimensions and metrics: what the connector asks for is what base reads,
and the sandbox refuses other names.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta.services.beta_analytics_data.transports import (
    BetaAnalyticsDataRestTransport,
)
from google.analytics.data_v1beta.types import RunReportRequest, RunReportResponse
from google.auth.credentials import AnonymousCredentials
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from tests.conformance.discovery import as_openapi
from tests.conformance.openapi import Description
from tests.conformance.proofs import Exchange, Proofs
from tests.conformance.sdk import lost, replaying

# What the document says of a request in words only.
MOST = {"dimensions": 9, "metrics": 10}
MOST_ROWS = 250_000
CELL = re.compile(r"(\w+)\[(\w+)\.(\w+)=(\w+)\]\.(\w+)")
VALUES = {"dimensions": "dimensionValues", "metrics": "metricValues"}
HEADERS = {"dimensions": "dimensionHeaders", "metrics": "metricHeaders"}


@cache
def description() -> Description:
    """The document that Google's package carries."""
    documents = files("googleapiclient") / "discovery_cache" / "documents"
    content = (documents / "analyticsdata.v1beta.json").read_text()
    return Description(as_openapi(json.loads(content)))


def request(exchange: Exchange) -> list[str]:
    """The question as the document has it, and what it says in words."""
    found = description().request(exchange)
    body = exchange.body or {}
    for key, most in MOST.items():
        if len(body.get(key, [])) > most:
            found.append(f"{len(body[key])} {key}, where {most} are allowed")
    if not 0 < int(body.get("limit", 1)) <= MOST_ROWS:
        found.append(f"limit {body['limit']}")
    return found


def response(exchange: Exchange) -> list[str]:
    """The answer as the document has it, with the columns that were asked for in each row."""
    found = description().response(exchange)
    for key, headers in HEADERS.items():
        asked = [each["name"] for each in exchange.body.get(key, [])]
        named = [each["name"] for each in exchange.json.get(headers, [])]
        if asked != named:
            found.append(f"{headers} are {named}, asked were {asked}")
        widths = {len(row.get(VALUES[key], [])) for row in exchange.json.get("rows", [])}
        if widths - {len(asked)}:
            found.append(f"rows have {sorted(widths)} {VALUES[key]}, asked were {len(asked)}")
    return found


def paths(stream: str, path: str) -> list[str]:
    """Of the page beside its rows, or of a cell in a column that has a header."""
    page = description().component("RunReportResponse")
    if path.startswith("page:"):
        return description().reads(page, path.removeprefix("page:"))
    cell = CELL.fullmatch(path)
    if cell is None:
        return [f"{path} names no column"]
    values, headers, name, _, leaf = cell.groups()
    found = description().reads(page, f"rows[0].{values}[0].{leaf}")
    return found + description().reads(page, f"{headers}[0].{name}")


def sdk(exchange: Exchange) -> list[str]:
    """The client asks for the same, and reads all of the answer."""
    answer = RunReportResponse.pb(RunReportResponse())
    ours = RunReportRequest.pb(RunReportRequest())
    try:
        ParseDict(exchange.json, answer)
        ParseDict(exchange.body, ours)
    except ParseError as error:
        return [str(error)]
    ours.property = re.sub(r"^/v1beta/|:runReport$", "", exchange.path)
    with replaying(exchange) as replay:
        transport = BetaAnalyticsDataRestTransport(
            host=replay.url.removeprefix("http://"),
            url_scheme="http",
            credentials=AnonymousCredentials(),
        )
        read = BetaAnalyticsDataClient(transport=transport).run_report(
            RunReportRequest.deserialize(ours.SerializeToString())
        )
    (theirs,) = replay.seen
    found = lost(exchange.json, MessageToDict(answer))
    if RunReportResponse.pb(read) != answer:
        found.append("the client reads another answer")
    pairs: list[tuple[str, Any, Any]] = [
        ("method", exchange.method, theirs.method),
        ("path", exchange.path, theirs.path),
        ("body", _message(exchange.body), _message(theirs.body)),
    ]
    return found + [f"{what}: ours is {a!r}, the SDK's {b!r}" for what, a, b in pairs if a != b]


def _message(body: Any) -> Any:
    """The question as the protos write it: the client writes what is set and not the rest."""
    message = RunReportRequest.pb(RunReportRequest())
    ParseDict(body, message)
    message.property = ""
    return MessageToDict(message)


PROOFS = Proofs(
    request=request,
    response=response,
    paths=paths,
    sdk=sdk,
    sources={
        "request": "discovery document v1beta",
        "response": "discovery document v1beta",
        "paths": "discovery document v1beta",
        "sdk": "google-analytics-data",
    },
    calls=dict.fromkeys(
        ("traffic", "landing_pages", "events", "totals"), "BetaAnalyticsDataClient.run_report"
    ),
)
