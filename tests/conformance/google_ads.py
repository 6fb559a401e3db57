"""Google Ads against the protos of its own package, and its own client.

The package speaks gRPC: it has the messages and enums, and no HTTP paths. Those are of the REST
reference, https://developers.google.com/google-ads/api/rest/common/search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.ads.googleads.v26.services.services.google_ads_service import GoogleAdsServiceClient
from google.ads.googleads.v26.services.services.google_ads_service.transports import (
    GoogleAdsServiceGrpcTransport,
)
from google.ads.googleads.v26.services.types import google_ads_service
from google.auth.credentials import AnonymousCredentials
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from connectors.google_ads import VERSION
from tests.conformance.proofs import Exchange, Proofs

ROW = google_ads_service.GoogleAdsRow.pb(google_ads_service.GoogleAdsRow()).DESCRIPTOR
PATH = re.compile(rf"/{VERSION}/customers/(\d+)/googleAds:search")
GAQL = re.compile(r"SELECT (?P<select>.+?) FROM (?P<resource>\w+)(?: WHERE (?P<where>.+))?")
CONDITION = re.compile(
    r"([\w.]+) (=|!=|>|>=|<|<=|IN|NOT IN|BETWEEN|DURING|IS NULL|IS NOT NULL)"
    r"(?: ('[^']*' AND '[^']*'|\([^)]*\)|'[^']*'|[\w.]+))?(?: AND |$)"
)
LONGEST_PAGE = 10_000


def request(exchange: Exchange) -> list[str]:
    found = []
    if exchange.method != "POST" or not PATH.fullmatch(exchange.path) or exchange.raw_query:
        found.append(f"no operation {exchange.method} {exchange.path}?{exchange.raw_query}")
    for name in ("developer-token", "Authorization"):
        if not exchange.header(name):
            found.append(f"missing header {name}")
    manager = exchange.header("login-customer-id")
    if manager is not None and not manager.isdigit():
        found.append(f"login-customer-id {manager} has more than digits")
    try:
        message = _parsed(exchange.body, google_ads_service.SearchGoogleAdsRequest)
    except ParseError as error:
        return [*found, str(error)]
    if message.page_size:
        found.append("page_size is set: PAGE_SIZE_NOT_SUPPORTED")
    return found + _query(message.query)


def _parsed(content: Any, kind: Any) -> Any:
    """The message that JSON stands for; a key that it has no field for is an error."""
    message = kind.pb(kind())
    ParseDict(content, message)
    return message


def _query(text: str) -> list[str]:
    """Whether GAQL's fields, its resource and the values of its enums exist."""
    match = GAQL.fullmatch(text)
    if match is None:
        return [f"no GAQL: {text}"]
    found = []
    if match["resource"] not in ROW.fields_by_name:
        found.append(f"no resource {match['resource']}")
    for name in match["select"].split(", "):
        found += _field(name)
    where = match["where"] or ""
    conditions = list(CONDITION.finditer(where))
    if "".join(each[0] for each in conditions) != where:
        found.append(f"no conditions: {where}")
    for each in conditions:
        found += _field(each[1]) + _values(each[1], each[3] or "")
    return found


def _field(name: str) -> list[str]:
    field = _described(name)
    if field is None:
        return [f"GAQL: there is no {name}"]
    return [] if field.message_type is None else [f"GAQL: {name} is no value"]


def _described(name: str) -> Any:
    """The field of a row that GAQL names so; None where there is none."""
    message, field = ROW, None
    for part in name.split("."):
        field = message and _fields(message).get(part)
        message = field and field.message_type
    return field


def _fields(message: Any) -> dict[str, Any]:
    """The package writes `type_` where the API writes `type`."""
    return {field.name.removesuffix("_"): field for field in message.fields}


def _values(name: str, text: str) -> list[str]:
    field, values = _described(name), re.findall(r"'([^']*)'", text)
    if name == "segments.date":
        wrong = [value for value in values if not re.fullmatch(r"\d{4}-\d\d-\d\d", value)]
        return [f"GAQL: {value} is no date" for value in wrong]
    if field is not None and field.enum_type is not None:
        known = field.enum_type.values_by_name
        return [f"GAQL: {name} knows no {value}" for value in values if value not in known]
    return []


def response(exchange: Exchange) -> list[str]:
    """The answer in the protos' own JSON, and in it the fields that were asked for."""
    try:
        message = _parsed(exchange.json, google_ads_service.SearchGoogleAdsResponse)
    except ParseError as error:
        return [str(error)]
    found = []
    # 64 bits as text, enums by name: as the protos themselves would write it.
    if MessageToDict(message) != exchange.json:
        found.append("the answer is not in the protos' own JSON")
    if len(message.results) > LONGEST_PAGE:
        found.append(f"{len(message.results)} rows in a page")
    asked = set(GAQL.fullmatch(exchange.body["query"])["select"].split(", "))  # type: ignore[index]
    given = {name for row in message.results for name in _leaves(row)}
    # The names of resources come along unasked.
    extra = {name for name in given - asked if not name.endswith(".resource_name")}
    return found + [f"{name} was not asked for" for name in sorted(extra)]


def _leaves(message: Any, before: str = "") -> Iterator[str]:
    for field, value in message.ListFields():
        name = before + field.name.removesuffix("_")
        if field.message_type is not None and not field.is_repeated:
            yield from _leaves(value, f"{name}.")
        else:
            yield name


def paths(stream: str, path: str) -> list[str]:
    message = ROW
    for key in path.replace("[0]", "").split("."):
        fields = {field.json_name: field for field in message.fields} if message else {}
        if key not in fields:
            return [f"{path}: {message.name if message else 'a value'} has no {key}"]
        message = fields[key].message_type
    return []


def sdk(exchange: Exchange) -> list[str]:
    """The client asks for the same over gRPC, and reads as many rows of the same answer."""
    answer = _parsed(exchange.json, google_ads_service.SearchGoogleAdsResponse)
    ours = _parsed(exchange.body, google_ads_service.SearchGoogleAdsRequest)
    ours.customer_id = PATH.fullmatch(exchange.path)[1]  # type: ignore[index]
    with _replaying(answer.SerializeToString()) as (channel, seen):
        transport = GoogleAdsServiceGrpcTransport(
            channel=channel, credentials=AnonymousCredentials()
        )
        asked = google_ads_service.SearchGoogleAdsRequest(
            customer_id=ours.customer_id, query=ours.query, page_token=ours.page_token
        )
        (page, *_) = GoogleAdsServiceClient(transport=transport).search(request=asked).pages
    theirs = google_ads_service.SearchGoogleAdsRequest.pb(
        google_ads_service.SearchGoogleAdsRequest()
    )
    theirs.ParseFromString(seen[0])
    found = [] if ours == theirs else [f"ours is {ours}, the client's {theirs}"]
    if len(page.results) != len(exchange.json.get("results", [])):
        found.append("the client reads another number of rows")
    return found


@contextmanager
def _replaying(answer: bytes) -> Iterator[tuple[grpc.Channel, list[bytes]]]:
    """A loopback gRPC service that answers every call alike, and keeps what it was asked."""
    seen: list[bytes] = []

    class Service(grpc.GenericRpcHandler):
        def service(self, details: Any) -> grpc.RpcMethodHandler:
            assert details.method.endswith(".GoogleAdsService/Search"), details.method
            return grpc.unary_unary_rpc_method_handler(
                lambda asked, _: seen.append(asked) or answer
            )

    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((Service(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel, seen
    finally:
        server.stop(0).wait()


PROOFS = Proofs(
    request=request,
    response=response,
    paths=paths,
    sdk=sdk,
    sources={
        "request": "protos v26",
        "response": "protos v26",
        "paths": "protos v26",
        "sdk": "google-ads",
    },
    calls=dict.fromkeys(
        ("campaigns", "ads", "ad_performance", "account_performance"), "GoogleAdsService.search"
    ),
)
