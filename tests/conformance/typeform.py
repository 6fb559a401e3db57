"""Typeform against the types and parameter names of its own JavaScript client.

The client is an npm package, which a test without a network cannot fetch: what its types say stands
here as facts, and where each of them is found beside it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from tests.conformance.proofs import Deviation, Exchange, Proofs
from tests.conformance.schemas import Schemas

TYPES = "@typeform/api-client 2.8.0"
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
FLAG: dict[str, Any] = {"type": "boolean"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _page(rows: str) -> dict[str, Any]:
    items = _list({"$ref": f"#/schemas/{rows}"})
    page = _object(total_items=NUMBER, page_count=NUMBER, items=items)
    return page | {"required": ["total_items", "page_count", "items"]}


ANSWERS = {
    *("choice", "choices", "date", "email", "url", "file_url", "number", "boolean", "text"),
    *("payment", "phone_number"),
}
QUESTIONS = {
    *("address", "calendly", "contact_info", "date", "dropdown", "email", "file_upload", "group"),
    *("legal", "long_text", "matrix", "multiple_choice", "nps", "number", "opinion_scale"),
    *("payment", "phone_number", "picture_choice", "ranking", "rating", "short_text"),
    *("statement", "website", "yes_no"),
}
DOCUMENT: dict[str, Any] = {
    "schemas": {
        # dist/typeform-types.d.ts: API.Forms.List
        "ListedForm": _object(
            id=TEXT,
            type=TEXT,
            title=TEXT,
            last_updated_at=TIME,
            created_at=TIME,
            settings={"type": "object"},
            self=_object(href=TEXT),
            theme=_object(href=TEXT),
            _links=_object(display=TEXT, responses=TEXT),
        ),
        # Form, Field and Properties.Field
        "Form": _object(
            id=TEXT,
            title=TEXT,
            language=TEXT,
            fields=_list({"$ref": "#/schemas/Field"}),
            hidden=_list(TEXT),
            _links=_object(display=TEXT),
        ),
        "Field": _object(
            id=TEXT,
            ref=TEXT,
            title=TEXT,
            type={"type": "string", "enum": sorted(QUESTIONS)},
            properties=_object(fields=_list({"$ref": "#/schemas/Field"})),
        ),
        # Response
        "Response": _object(
            response_id=TEXT,
            landed_at=TIME,
            submitted_at=TIME,
            metadata=_object(user_agent=TEXT, platform=TEXT, referer=TEXT, network_id=TEXT),
            hidden={"type": "object", "additionalProperties": {}},
            answers=_list(
                _object(
                    field=_object(id=TEXT, type=TEXT, ref=TEXT, title=TEXT),
                    type={"type": "string", "enum": sorted(ANSWERS)},
                    choice=_object(id=TEXT, ref=TEXT, label=TEXT),
                    choices=_object(labels=_list(TEXT), other=TEXT),
                    date=TEXT,
                    email=TEXT,
                    file_url=TEXT,
                    number=NUMBER,
                    boolean=FLAG,
                    text=TEXT,
                    url=TEXT,
                    payment=_object(amount=TEXT, last4=TEXT, name=TEXT),
                    phone_number=TEXT,
                )
            ),
            calculated=_object(score=NUMBER),
        ),
        "FormsPage": _page("ListedForm"),
        "ResponsesPage": _page("Response"),
    }
}
OVERLAY = (
    Deviation(
        "/schemas/Response/properties",
        {"token": TEXT, "landing_id": TEXT},
        "https://www.typeform.com/developers/responses/reference/retrieve-responses/: example;"
        " `before` and `after` take the token",
    ),
    Deviation(
        "/schemas/Response/properties",
        {"response_type": {"type": "string", "enum": ["started", "partial", "completed"]}},
        "https://seatunnel.apache.org/docs/connectors/source/Typeform: response_type has taken the"
        " place of completed",
    ),
)
# Path → its page's schema, and the parameters that the client's calls send (dist/index.esm.js:
# Forms.list, Forms.get, Responses.list), with their largest value.
ENDPOINTS: dict[str, tuple[str, dict[str, int | None]]] = {
    "/forms": ("FormsPage", {"page": None, "page_size": 200, "search": None, "workspace_id": None}),
    r"/forms/[^/]+": ("Form", {}),
    r"/forms/[^/]+/responses": (
        "ResponsesPage",
        {
            "page_size": 1000,
            "since": None,
            "until": None,
            "after": None,
            "before": None,
            "included_response_ids": None,
            "completed": None,
            "sort": None,
            "query": None,
            "fields": None,
        },
    ),
}
ROWS = {"forms": "ListedForm", "form_definitions": "Form", "responses": "Response"}


@cache
def schemas() -> Schemas:
    return Schemas(DOCUMENT, OVERLAY)


def _endpoint(path: str) -> tuple[str, dict[str, int | None]] | None:
    return next((found for each, found in ENDPOINTS.items() if re.fullmatch(each, path)), None)


def request(exchange: Exchange) -> list[str]:
    endpoint = _endpoint(exchange.path)
    if exchange.method != "GET" or endpoint is None:
        return [f"the client has no call for {exchange.method} {exchange.path}"]
    found = []
    names = [name for name, _ in exchange.query]
    for name, text in exchange.query:
        if name not in endpoint[1]:
            found.append(f"unknown parameter {name}")
        elif (most := endpoint[1][name]) and not 1 <= int(text) <= most:
            found.append(f"{name} is {text}, out of bounds")
        elif name in ("since", "until") and not re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text
        ):
            found.append(f"{name} is {text}, not to the second in UTC")
    if len(names) != len(set(names)) or {"sort", "before"} <= set(names):
        found.append(f"{names} do not go together")
    if not (exchange.header("Authorization") or "").startswith("Bearer "):
        found.append("no bearer token")
    return found


def response(exchange: Exchange) -> list[str]:
    endpoint = _endpoint(exchange.path)
    if endpoint is None:
        return [f"the client has no call for {exchange.path}"]
    schema = DOCUMENT["schemas"][endpoint[0]]
    return schemas().problems(schema, exchange.json, "answer")


PROOFS = Proofs(
    request=request,
    response=response,
    paths=lambda stream, path: schemas().reads(schemas().document["schemas"][ROWS[stream]], path),
    sources=dict.fromkeys(("request", "response", "paths"), f"types of {TYPES}"),
    reasons={
        "sdk": "the vendor's own client is JavaScript, from npm: a test without a network has"
        " neither it nor a runtime for it; its types and parameter names are held against us"
    },
    overlay=OVERLAY,
)
