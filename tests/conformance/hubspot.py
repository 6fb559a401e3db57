"""HubSpot against its own SDK's models, whose parameters and types are made of its description.

The vendor's specification itself may not be used here, so the models are the description: a
request is as the SDK's call would send it, an answer holds no key that no model has. The older
endpoints, of which the SDK knows nothing, are held against the reference pages (hubspot_older).
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from tests.conformance import hubspot_older
from tests.conformance.proofs import Deviation, Exchange, Proofs
from tests.conformance.sdk import Replay, differences, replaying

# Package and model of an endpoint's rows.
CONTACTS = "hubspot.crm.contacts"
MODELS = {
    "POST /crm/v3/objects/contacts/search": (CONTACTS, "SimplePublicObject"),
    "GET /crm/v3/objects/contacts": (CONTACTS, "SimplePublicObjectWithAssociations"),
    "GET /marketing/v3/forms/": ("hubspot.marketing.forms", "HubSpotFormDefinition"),
    "GET /marketing/v3/emails/": ("hubspot.marketing.emails", "PublicEmail"),
}
# The endpoint whose rows base reads, of each stream that the SDK has models for.
ROWS = {
    "contacts": "GET /crm/v3/objects/contacts",
    "forms": "GET /marketing/v3/forms/",
    "marketing_emails": "GET /marketing/v3/emails/",
}
# Members of an open dictionary are what was asked for.
OPEN = re.compile(r"dict\[\w+, (.*)\]")
LISTED = re.compile(r"list\[(.*)\]")
CALLS = {
    "POST /crm/v3/objects/contacts/search": "crm.contacts.search_api.do_search",
    "GET /crm/v3/objects/contacts": "crm.contacts.basic_api.get_page",
    "GET /marketing/v3/forms/": "marketing.forms.forms_api.get_page",
    "GET /marketing/v3/emails/": "marketing.emails.marketing_emails_api.get_page",
}
# Models of which the vendor means one by the row's type, where the SDK has made one of them all.
CHOSEN = {
    ("HubSpotFormDefinitionAllOfLegalConsentOptions", "none"): "LegalConsentOptionsNone",
    ("DependentFieldDependentField", "email"): "EmailField",
}
OVERLAY = (
    Deviation(
        "hubspot.marketing.forms.HubSpotFormDefinition.legal_consent_options",
        "LegalConsentOptionsNone where its type is none",
        "hubspot-api-client 12, marketing/forms/models/legal_consent_options_none.py: the type that"
        " the field's own model, made of all four, leaves out",
    ),
    Deviation(
        "hubspot.marketing.forms.FieldGroup.fields",
        "EmailField where its fieldType is email",
        "hubspot-api-client 12, marketing/forms/models/email_field.py: likewise",
    ),
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
    match exchange.place:
        case "POST /crm/v3/objects/contacts/search":
            search = _model(CONTACTS, "PublicObjectSearchRequest")
            given = {_snake(name): value for name, value in exchange.body.items()}
            return client.crm.contacts.search_api.do_search(search(**given))
        case "GET /crm/v3/objects/contacts":
            properties = [text for name, text in exchange.query if name == "properties"]
            return client.crm.contacts.basic_api.get_page(properties=properties, **paging)
        case "GET /marketing/v3/forms/":
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
    if exchange.place in hubspot_older.PAGES:
        return hubspot_older.description().response(exchange)
    package, row_model = MODELS[exchange.place]
    found = []
    if unknown := set(exchange.json) - {"results", "paging", "total"}:
        found.append(f"unknown key {sorted(unknown)}")
    for row in exchange.json["results"]:
        found += _problems(package, row_model, row, "results[]")
    return list(dict.fromkeys(found))


def _problems(package: str, kind: str, value: Any, place: str) -> Iterator[str]:
    if value is None:
        return
    if opened := OPEN.fullmatch(kind):
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        for item in value.values():
            yield from _problems(package, opened[1], item, f"{place}.*")
        return
    if listed := LISTED.fullmatch(kind):
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for item in value:
            yield from _problems(package, listed[1], item, f"{place}[]")
        return
    if isinstance(value, dict):
        chosen = value.get("type") or value.get("fieldType")
        kind = CHOSEN.get((kind, str(chosen)), kind)
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
    known = {names[spelled]: inner for spelled, inner in value.items() if spelled in names}
    try:
        # What must be there, and which values there are, only its constructor knows.
        model(**known, local_vars_configuration=_strict(package))
    except ValueError as error:
        yield f"{place}: {error}"


@cache
def _strict(package: str) -> Any:
    """The SDK as it comes does not look; it can be told to."""
    configuration = importlib.import_module(f"{package}.configuration").Configuration()
    configuration.client_side_validation = True
    return configuration


def _scalar(kind: str, value: Any, place: str) -> Iterator[str]:
    types: dict[str, type | tuple[type, ...]] = {
        "str": str,
        "int": int,
        "bool": bool,
        "float": (int, float),
        "datetime": str,
    }
    expected = types.get(kind)
    is_flag = isinstance(value, bool) and kind != "bool"
    if expected is not None and (is_flag or not isinstance(value, expected)):
        yield f"{place}: {value!r} is no {kind}"


def paths(stream: str, path: str) -> list[str]:
    """The path leads through the models of the stream's rows."""
    if stream in hubspot_older.ROWS:
        older = hubspot_older.description()
        return older.reads(older.component(hubspot_older.ROWS[stream]), path)
    package, kind = MODELS[ROWS[stream]]
    for key in path.replace("[0]", "").split("."):
        if OPEN.fullmatch(kind):
            return []
        model = _model(package, LISTED.sub(r"\1", kind))
        names = {spelled: name for name, spelled in model.attribute_map.items()}
        if key not in names:
            return [f"{kind} has no {key}"]
        kind = model.openapi_types[names[key]]
    return []


_MODELS_OR_PAGES = "models of hubspot-api-client 12; for older endpoints HubSpot's reference pages"
PROOFS = Proofs(
    request=lambda exchange: hubspot_older.description().request(exchange),
    response=response,
    paths=paths,
    sdk=sdk,
    sources={
        "request": _MODELS_OR_PAGES,
        "response": _MODELS_OR_PAGES,
        "paths": _MODELS_OR_PAGES,
        "sdk": "hubspot-api-client 12",
    },
    reasons={
        **{
            f"request:{place}": "the vendor's specification may not be used; the SDK's own request"
            " is the proof"
            for place in (*ROWS, *CALLS)
        },
        **{
            f"sdk:{endpoint}": "the SDK has no call and no model for this older endpoint; its"
            f" reference is held against us: {hubspot_older.REFERENCE}{page}"
            for endpoint, page in hubspot_older.PAGES.items()
        },
        **{
            f"sdk:{stream}": "the SDK has no call and no model for this older endpoint"
            for stream in ("email_campaigns", "email_events")
        },
    },
    calls=CALLS,
    overlay=OVERLAY + hubspot_older.OVERLAY,
)
