"""Twilio against its OpenAPI files and its own SDK."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.base import deserialize
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation, Exchange, Proofs, load

ROWS = {
    "messages": ("messages", "api.v2010.account.message"),
    "usage_records": (
        "usage_records",
        "api.v2010.account.usage.usage_record.usage_record_daily",
    ),
    "messaging_services": ("services", "messaging.v1.service"),
}
# Where the sandbox has what Twilio has at messaging.twilio.com.
SECOND_HOST = "/messaging"
URIS = ("first_page_uri", "next_page_uri", "previous_page_uri", "uri")
# What the SDK's objects keep of a row as the row has it; the rest is theirs alone.
SAME = {
    "messages": {"sid", "status", "direction", "body", "price", "num_segments", "error_code"},
    "usage_records": {"category", "count", "usage", "price_unit", "as_of"},
    "messaging_services": {"sid", "friendly_name", "usecase"},
}
CALLS = {
    "messages": "client.messages.page",
    "usage_records": "client.usage.records.daily.page",
    "messaging_services": "client.messaging.v1.services.page",
}
LISTS = {
    "messages": "/2010-04-01/Accounts/{AccountSid}/Messages.json",
    "usage_records": "/2010-04-01/Accounts/{AccountSid}/Usage/Records/Daily.json",
}


def _relative() -> Iterator[Deviation]:
    """Page links are paths, while the file calls them URIs."""
    for path in LISTS.values():
        place = path.replace("/", "~1")
        for name in URIS:
            yield Deviation(
                f"/paths/{place}/get/responses/200/content/application~1json/schema/properties/{name}",
                {"format": None},
                "the file's own examples, which are paths: readFullPage1, readFull",
            )


OVERLAY = tuple(_relative())


@cache
def api() -> Description:
    return Description(load("twilio/twilio_api_v2010.json"), overlay=OVERLAY)


@cache
def messaging() -> Description:
    return Description(load("twilio/twilio_messaging_v1.json"), prefix=SECOND_HOST)


def description(stream: str) -> Description:
    return messaging() if stream == "messaging_services" else api()


def paths(stream: str, path: str) -> list[str]:
    _, component = ROWS[stream]
    return description(stream).reads(description(stream).component(component), path)


class Recorder(HttpClient):
    """Answers the SDK with what the sandbox answered, and keeps what it asked."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.asked: dict[str, Any] = {}

    def request(self, method: str, url: str, **rest: Any) -> Response:  # type: ignore[override]
        parts = urlsplit(url)
        given = {name: str(value) for name, value in (rest.get("params") or {}).items()}
        self.asked = {
            "method": method,
            "path": parts.path,
            "query": dict(parse_qsl(parts.query)) | given,
            "auth": rest.get("auth"),
        }
        return Response(self.exchange.status, self.exchange.answer.decode())


def sdk(exchange: Exchange) -> list[str]:
    """The SDK reads the page, its cursor included, and asks for it in the same words."""
    recorder = Recorder(exchange)
    page = _page(exchange, recorder)
    rows = exchange.json[ROWS[exchange.stream][0]]
    found = list(_asked_otherwise(exchange, recorder.asked))
    instances = list(page)
    if len(instances) != len(rows):
        found.append(f"the SDK reads {len(instances)} of {len(rows)} rows")
    for row, instance in zip(rows, instances, strict=False):
        for name in SAME[exchange.stream]:
            if str(getattr(instance, name)) != str(row[name]):
                found.append(f"the SDK reads {name} as {getattr(instance, name)!r}")
        if exchange.stream == "messages":
            moment = deserialize.rfc2822_datetime(row["date_sent"])
            if moment == row["date_sent"] or instance.date_sent != moment:
                found.append(f"the SDK reads no time from {row['date_sent']}")
    links = exchange.json.get("meta", exchange.json)
    onward = links.get("next_page_url") or links.get("next_page_uri")
    if bool(page.next_page_url) != bool(onward):
        found.append(f"the SDK's next page is {page.next_page_url}, ours {onward}")
    return found


def _page(exchange: Exchange, recorder: Recorder) -> Any:
    account = exchange.path.split("/")[3] if "Accounts" in exchange.path else "AC" + "0" * 32
    client = Client(account, "token", http_client=recorder)
    query = dict(exchange.query)
    size = int(query["PageSize"])
    paging = {"page_size": size}
    if "PageToken" in query:
        paging |= {"page_token": query["PageToken"], "page_number": int(query["Page"])}
    match exchange.stream:
        case "messages":
            return client.messages.page(
                date_sent_after=_moment(query["DateSent>"]),
                date_sent_before=_moment(query["DateSent<"]),
                **paging,
            )
        case "usage_records":
            return client.usage.records.daily.page(
                start_date=query["StartDate"],
                end_date=query["EndDate"],
                include_subaccounts=query["IncludeSubaccounts"] == "true",
                **paging,
            )
    return client.messaging.v1.services.page(**paging)


def _moment(text: str) -> Any:
    return deserialize.iso8601_datetime(text)


def _asked_otherwise(exchange: Exchange, asked: dict[str, Any]) -> Iterator[str]:
    ours = {
        "method": exchange.method,
        "path": exchange.path.removeprefix(SECOND_HOST),
        "query": dict(exchange.query),
    }
    for name, value in ours.items():
        if str(asked[name]).lower() != str(value).lower() and asked[name] != value:
            yield f"{name}: the SDK asks {asked[name]}, we ask {value}"
    if not (exchange.header("Authorization") or "").startswith("Basic "):
        yield "the SDK signs in with Basic, we do not"


PROOFS = Proofs(
    request=lambda exchange: description(exchange.stream).request(exchange),
    response=lambda exchange: description(exchange.stream).response(exchange),
    paths=paths,
    sdk=sdk,
    sources={
        "request": "OpenAPI 2026-04-14",
        "response": "OpenAPI 2026-04-14",
        "paths": "OpenAPI 2026-04-14",
        "sdk": "twilio 9.13",
    },
    calls=CALLS,
    overlay=OVERLAY,
)
