"""A strict reading of a vendor's OpenAPI description: what is wrong with a request.

Belongs here: names, types, enums, limits and required parts of queries, headers and JSON bodies,
unknown names included, which the usual validators let pass. Does not belong here: any vendor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"


def load(name: str) -> Any:
    """A description from the shared folder beside the repository."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the vendor's description {name} is not in ../shared/specs")
    return json.loads(path.read_text())


def problems(spec: dict[str, Any], request: requests.PreparedRequest, root: str) -> list[str]:
    """What the description does not allow of a request.

    Args:
        spec: the OpenAPI document.
        request: as it was sent.
        root: the URL that stands for the vendor's host.
    """
    assert request.url is not None
    assert request.method is not None
    url = urlsplit(request.url.removeprefix(root))
    operation = spec["paths"].get(url.path, {}).get(request.method.lower())
    if operation is None:
        return [f"no operation {request.method} {url.path}"]
    return [
        *_query(spec, operation, parse_qsl(url.query, keep_blank_values=True)),
        *_headers(operation, request),
        *_body(spec, operation, request),
    ]


def _query(
    spec: dict[str, Any], operation: dict[str, Any], given: list[tuple[str, str]]
) -> Iterator[str]:
    known = {
        each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"
    }
    for name, text in given:
        if name not in known:
            yield f"unknown parameter {name}"
        else:
            yield from _value(
                spec, known[name]["schema"], _typed(known[name]["schema"], text), name
            )
    names = [name for name, _ in given]
    for name, parameter in known.items():
        if parameter.get("required") and name not in names:
            yield f"missing parameter {name}"


def _typed(schema: dict[str, Any], text: str) -> Any:
    kind = schema.get("type")
    if kind == "array":
        return text.split(",")
    if kind == "integer":
        return int(text) if text.lstrip("-").isdigit() else text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _headers(operation: dict[str, Any], request: requests.PreparedRequest) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "header" and parameter.get("required"):
            value = request.headers.get(parameter["name"])
            if value is None:
                yield f"missing header {parameter['name']}"
            elif parameter["schema"].get("default") not in (None, value):
                yield f"header {parameter['name']} is {value}, described as {parameter['schema']}"


def _body(
    spec: dict[str, Any], operation: dict[str, Any], request: requests.PreparedRequest
) -> Iterator[str]:
    described = operation.get("requestBody")
    if request.body is None:
        if described and described.get("required"):
            yield "missing body"
        return
    if described is None:
        yield "a body where none is described"
        return
    schema = described["content"]["application/json"]["schema"]
    yield from _value(spec, schema, json.loads(request.body), "body")


_TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def _value(spec: dict[str, Any], schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    kind = schema.get("type")
    if kind in _TYPES and not isinstance(value, _TYPES[kind]):
        yield f"{place}: {value!r} is no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if kind == "integer":
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            yield f"{place}: {value} is out of bounds"
        # Some limits stand in the prose only.
        stated = re.search(r"Max: `?([\d,]+)`?", schema.get("description", ""))
        if stated and value > int(stated[1].replace(",", "")):
            yield f"{place}: {value} is more than {stated[1]}"
    if kind == "array":
        stated = re.search(r"Max: (\d+)", schema.get("description", ""))
        if stated and len(value) > int(stated[1]):
            yield f"{place}: {len(value)} values are more than {stated[1]}"
        for item in value:
            yield from _value(spec, schema["items"], item, f"{place}[]")
    if kind == "object":
        known = schema.get("properties", {})
        for name in value:
            if name not in known:
                yield f"{place}: unknown field {name}"
            else:
                yield from _value(spec, known[name], value[name], f"{place}.{name}")
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}: missing field {name}"
