"""HubSpot against its own SDK's models, whose parameters and types are made of its description.

The vendor's specification itself may not be used here, so the models are the description: a
request is as the SDK's call would send it, an answer holds no key that no model has.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.conformance.proofs import Deviation, Exchange, Proofs
from tests.conformance.sdk import Replay, differences, replaying

_OLDER = "the SDK has no call and no model for this older endpoint; its reference is the source: "
REFERENCE = "https://developers.hubspot.com/docs/api-reference/legacy/"
OLDER = {
    "form_submissions": "marketing/forms/v1",
    "email_campaigns": "reporting/email-analytics/campaigns",
    "email_events": "reporting/email-analytics/events",
}
# Package and model of a stream's rows.
MODELS = {
    "contacts": ("hubspot.crm.contacts", "SimplePublicObjectWithAssociations"),
    "forms": ("hubspot.marketing.forms", "HubSpotFormDefinition"),
    "marketing_emails": ("hubspot.marketing.emails", "PublicEmail"),
}
# Members of an open dictionary are what was asked for.
OPEN = re.compile(r"dict\[.*\]")
LISTED = re.compile(r"list\[(.*)\]")
CALLS = {
    "POST /crm/v3/objects/contacts/search": "crm.contacts.search_api.do_search",
    "GET /crm/v3/objects/contacts": "crm.contacts.basic_api.get_page",
    "GET /marketing/v3/forms/": "marketing.forms.forms_api.get_page",
    "GET /marketing/v3/emails/": "marketing.emails.marketing_emails_api.get_page",
}
OVERLAY = (
    Deviation(
        "hubspot.crm.contacts.PublicObjectSearchRequest.sorts",
        "list[dict]",
        "https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm: a sort is an"
        " object of propertyName and direction, while the SDK's type says list[str]",
    ),
    Deviation(
        "hubspot.marketing.forms.get_page.form_types",
        "text",
        "the SDK sends a list, by the parameter once for each: one value comes out alike",
    ),
)


def _model(package: str, name: str) -> Any:
    return getattr(importlib.import_module(f"{package}.models"), name)


def _client(replay: Replay) -> Any:
    """The SDK, pointed at the replay."""
    sdk_of_the_vendor = importlib.import_module("hubspot")
    return sdk_of_the_vendor.HubSpot(access_token="pat-na1-test", host=replay.url)


def sdk(exchange: Exchange) -> list[str]:
    """The SDK asks the same, and reads an answer in which nothing is left over."""
    with replaying(exchange) as replay, warnings.catch_warnings():
        # The SDK's own HTTP library warns about itself.
        warnings.simplefilter("ignore")
        read = _call(exchange, _client(replay))
    rows = exchange.json["results"]
    found = differences(exchange, replay, without={"archived": "Python's True in the SDK's words"})
    ours, theirs = (dict(each.query).get("archived") for each in (exchange, replay.seen[0]))
    if (ours or "").lower() != (theirs or "").lower():
        found.append(f"archived: ours is {ours!r}, the SDK's {theirs!r}")
    if len(read.results) != len(rows):
        found.append(f"the SDK reads {len(read.results)} of {len(rows)} rows")
    onward = exchange.json.get("paging", {}).get("next", {}).get("after")
    if onward and read.paging.next.after != onward:
        found.append("the SDK reads another next page")
    for row, model in zip(rows, read.results, strict=False):
        if str(model.id) != row["id"] or not isinstance(model.created_at, datetime):
            found.append("the SDK reads another id, or no time of creation")
    return found


def _call(exchange: Exchange, client: Any) -> Any:
    query = dict(exchange.query)
    paging: dict[str, Any] = {"limit": int(query["limit"])} if "limit" in query else {}
    paging |= {"after": query["after"]} if "after" in query else {}
    paging |= {"archived": query["archived"] == "true"} if "archived" in query else {}
    match exchange.stream:
        case "contacts" if exchange.method == "POST":
            request = _model("hubspot.crm.contacts", "PublicObjectSearchRequest")
            given = {_snake(name): value for name, value in exchange.body.items()}
            return client.crm.contacts.search_api.do_search(request(**given))
        case "contacts":
            properties = [text for name, text in exchange.query if name == "properties"]
            return client.crm.contacts.basic_api.get_page(properties=properties, **paging)
        case "forms":
            return client.marketing.forms.forms_api.get_page(
                form_types=[query["formTypes"]], **paging
            )
    return client.marketing.emails.marketing_emails_api.get_page(
        updated_after=query["updatedAfter"],
        updated_before=query["updatedBefore"],
        sort=[query["sort"]],
        **paging,
    )


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda letter: f"_{letter[1].lower()}", name)


def response(exchange: Exchange) -> list[str]:
    """Every key is one that the model of its place names."""
    package, _ = MODELS[exchange.stream]
    found = []
    if unknown := set(exchange.json) - {"results", "paging", "total"}:
        found.append(f"unknown key {sorted(unknown)}")
    _, row_model = _row_model(exchange)
    for row in exchange.json["results"]:
        found += _problems(package, row_model, row, "results[]")
    return list(dict.fromkeys(found))


def _row_model(exchange: Exchange) -> tuple[str, str]:
    if exchange.stream == "contacts" and exchange.method == "POST":
        return "hubspot.crm.contacts", "SimplePublicObject"
    return MODELS[exchange.stream]


def _problems(package: str, kind: str, value: Any, place: str) -> Iterator[str]:
    if value is None or OPEN.fullmatch(kind):
        return
    if listed := LISTED.fullmatch(kind):
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for item in value:
            yield from _problems(package, listed[1], item, f"{place}[]")
        return
    model = getattr(importlib.import_module(f"{package}.models"), kind, None)
    if model is None:
        yield from _scalar(kind, value, place)
        return
    if not isinstance(value, dict):
        yield f"{place} is no object"
        return
    names = {spelled: name for name, spelled in model.attribute_map.items()}
    for spelled, inner in value.items():
        if spelled not in names:
            if not names:
                return
            yield f"{place}: {kind} knows no {spelled}"
            continue
        inner_kind = model.openapi_types[names[spelled]]
        yield from _problems(package, inner_kind, inner, f"{place}.{spelled}")


def _scalar(kind: str, value: Any, place: str) -> Iterator[str]:
    types = {"str": str, "int": int, "bool": bool, "float": (int, float), "datetime": str}
    expected = types.get(kind)
    if expected is not None and not isinstance(value, expected):  # type: ignore[arg-type]
        yield f"{place}: {value!r} is no {kind}"


def paths(stream: str, path: str) -> list[str]:
    """The path leads through the models of the stream's rows."""
    package, kind = MODELS[stream]
    for key in path.replace("[0]", "").split("."):
        if OPEN.fullmatch(kind):
            return []
        model = _model(package, LISTED.sub(r"\1", kind))
        names = {spelled: name for name, spelled in model.attribute_map.items()}
        if key not in names:
            return [f"{kind} has no {key}"]
        kind = model.openapi_types[names[key]]
    return []


PROOFS = Proofs(
    request=None,
    response=response,
    paths=paths,
    sdk=sdk,
    sources={
        "response": "models of hubspot-api-client 12",
        "paths": "models of hubspot-api-client 12",
        "sdk": "hubspot-api-client 12",
    },
    reasons={
        "request": "the vendor's specification may not be used; the SDK's own request is the proof",
        **{
            f"{proof}:{stream}": _OLDER + REFERENCE + place
            for stream, place in OLDER.items()
            for proof in ("request", "response", "paths", "sdk")
        },
    },
    calls=CALLS,
    overlay=OVERLAY,
)
