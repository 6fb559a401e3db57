"""Meta's own lists of nodes, edges, parameters, fields and enums, as a judge.

Meta publishes no OpenAPI file; its SDKs are made from these lists. Belongs here: reading them, and
Graph's own parameters, page and field expansion. Does not belong here: which edges are read
(meta_ads, meta_social).
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from facebook_business.adobjects.abstractobject import AbstractObject
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from connectors.meta import VERSION
from tests.conformance.proofs import SPECS, Deviation, Exchange, load
from tests.conformance.sdk import Replay, differences, replaying

SOURCE = "Meta's SDK code generator"
# What Graph takes on every edge, https://developers.facebook.com/docs/graph-api/results: fields,
# page size, cursor, and paging by time. The lists have each edge's own parameters only.
COMMON = {"fields": "string", "limit": "int", "after": "string", "before": "string"}
COMMON |= {"since": "datetime", "until": "datetime"}
# What an edge in a field list takes besides: the count of its items, which then stands beside them;
# https://developers.facebook.com/docs/graph-api/reference/object/comments and …/reactions.
ON_EDGES = COMMON | {"summary": "bool"}
SUMMARY = {"total_count": int, "order": str, "can_comment": bool, "viewer_reaction": str}
# Types without a list, whose members are left open.
PLAIN = {"string": str, "bool": bool, "int": int, "unsigned int": int, "float": float | int}
# What the SDK adds to every question.
SDK_ONLY = {
    "access_token": "it writes the token into the URL, where logs would show it; ours is a header",
    "summary": "it asks for totals along with each page; nobody reads them",
}
WORD = re.compile(r"[a-zA-Z_]+(?:_\d+\w*)?")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")


@dataclass(frozen=True)
class Field:
    """One field of a field list: `name.modifier(value){inner}`."""

    name: str
    modifiers: tuple[tuple[str, str], ...]
    inner: tuple[Field, ...]


def described(name: str) -> dict[str, str]:
    """A list's fields with their types."""
    return {field["name"]: field["type"] for field in load(f"meta/{name}.json")["fields"]}


def edge(node: str, name: str, method: str = "GET") -> dict[str, Any] | None:
    """A node's edge, or the node itself for an empty name."""
    for each in load(f"meta/{node}.json")["apis"]:
        if each["method"] == method and (each.get("endpoint") or "").strip("/") == name:
            return dict(each)
    return None


def request(
    exchange: Exchange, node: str, name: str, overlay: tuple[Deviation, ...] = ()
) -> list[str]:
    """What the lists do not allow of a question to a node's edge.

    An overlay entry is for `<node>/<edge>?<parameter>` and gives the parameter's type.
    """
    found = _place(exchange)
    listed = edge(node, name, exchange.method)
    if listed is None:
        return [*found, f"{node} has no edge {exchange.method} {name}"]
    known = COMMON | {each["name"]: each["type"] for each in listed.get("params", [])}
    start = f"{node}/{name}?"
    known |= {
        each.place.removeprefix(start): each.change
        for each in overlay
        if each.place.startswith(start)
    }
    for parameter, text in exchange.query:
        if parameter == "access_token":
            found.append("the token stands in the URL")
        elif parameter not in known:
            found.append(f"unknown parameter {parameter}")
        elif parameter == "fields":
            # What a POST returns is the report; the fields are those of its rows.
            rows = edge(node, name) or listed
            found += _fields(rows["return"], parse(text))
        else:
            found += [f"{parameter}: {each}" for each in value(known[parameter], text)]
    return found


def _place(exchange: Exchange) -> list[str]:
    found = []
    if not exchange.path.startswith(f"/{VERSION}/"):
        found.append(f"{exchange.path} is not of version {VERSION}")
    if not (exchange.header("Authorization") or "").startswith("Bearer "):
        found.append("missing credential")
    return found


def _fields(kind: str, fields: tuple[Field, ...]) -> Iterator[str]:
    """Whether the node, or one of its edges by expansion, has each field."""
    for field in fields:
        if field.name in described(kind):
            continue
        listed = edge(kind, field.name)
        if listed is None:
            yield f"{kind} has no {field.name}"
            continue
        known = ON_EDGES | {each["name"]: each["type"] for each in listed["params"]}
        for name, text in field.modifiers:
            if name not in known:
                yield f"{field.name}: unknown parameter {name}"
            else:
                yield from (f"{field.name}.{name}: {each}" for each in value(known[name], text))
        yield from _fields(listed["return"], field.inner)


def value(kind: str, text: str) -> list[str]:
    """Whether a parameter's text is of its type."""
    if kind.startswith("list<"):
        inner = kind.removeprefix("list<").removesuffix(">")
        # A list comes as JSON, or its items with commas between them.
        items = json.loads(text) if text.startswith("[") else text.split(",")
        return [problem for item in items for problem in value(inner, str(item))]
    if kind in ("int", "unsigned int"):
        return [] if text.isdigit() else [f"{text!r} is no number"]
    if kind == "datetime":
        return [] if re.fullmatch(r"\d{10}|\d{4}-\d\d-\d\d", text) else [f"{text!r} is no time"]
    if kind == "bool":
        return [] if text in ("true", "false") else [f"{text!r} is neither true nor false"]
    if kind == "map":
        return [] if isinstance(json.loads(text), dict) else [f"{text!r} is no object"]
    values = enum(kind)
    return [f"{text!r} is none of {values}"] if values and text not in values else []


def enum(name: str) -> list[str]:
    """An enum's values; none where there is no enum of that name."""
    found = (each for each in load("meta/enum_types.json") if each["name"] == name)
    return list(next(found, {"values": []})["values"])


def parse(text: str) -> tuple[Field, ...]:
    """A field list as Graph reads it."""
    fields, rest = _parse(text)
    assert not rest, f"what is {rest!r} in {text!r}?"
    return fields


def _parse(text: str) -> tuple[tuple[Field, ...], str]:
    fields = []
    while match := WORD.match(text):
        name, text = match[0], text[match.end() :]
        modifiers, inner = [], ()
        while match := re.match(r"\.(\w+)\(([^)]*)\)", text):
            modifiers.append((match[1], match[2]))
            text = text[match.end() :]
        if text.startswith("{"):
            inner, text = _parse(text[1:])
            assert text.startswith("}"), text
            text = text[1:]
        fields.append(Field(name, tuple(modifiers), inner))
        text = text.removeprefix(",")
    return tuple(fields), text


def response(
    exchange: Exchange, kind: str, *, page: bool = True, fields: str | None = None
) -> list[str]:
    """What the lists do not allow of an answer; of a row only what was asked for, and its id.

    Args:
        exchange: a question and its answer.
        kind: of the row.
        page: False where the answer is one object.
        fields: those asked for, where an earlier question named them.
    """
    content = exchange.json
    asked = parse(fields or dict(exchange.query)["fields"])
    if not page:
        return list(_row(kind, asked, content, "answer"))
    found = [f"answer: unknown key {key}" for key in set(content) - {"data", "paging"}]
    found += _paging(content.get("paging", {}))
    rows = (_row(kind, asked, row, "data[]") for row in content["data"])
    return found + list(dict.fromkeys(problem for row in rows for problem in row))


def _paging(paging: dict[str, Any]) -> Iterator[str]:
    yield from (f"paging: unknown key {k}" for k in set(paging) - {"cursors", "next", "previous"})
    for key, value in paging.get("cursors", {}).items():
        if key not in ("before", "after") or not isinstance(value, str):
            yield f"paging.cursors: {key} is {value!r}"


def _row(kind: str, asked: tuple[Field, ...], row: dict[str, Any], place: str) -> Iterator[str]:
    known, names = described(kind), {field.name: field for field in asked}
    for key, value in row.items():
        if key not in names and key != "id":
            yield f"{place}: {key} was not asked for"
        elif key in known:
            yield from _typed(known[key], value, f"{place}.{key}")
        elif key in names and (listed := edge(kind, key)):
            yield from _paging(value.get("paging", {}))
            yield from _summary(value.get("summary", {}), f"{place}.{key}.summary")
            for item in value["data"]:
                inner = names[key].inner
                yield from _row(listed["return"], inner, item, f"{place}.{key}[]")
        else:
            yield f"{place}: {kind} has no {key}"


def _summary(summary: dict[str, Any], place: str) -> Iterator[str]:
    for key, value in summary.items():
        if key not in SUMMARY or type(value) is not SUMMARY[key]:
            yield f"{place}: {key} is {value!r}"


def _typed(kind: str, value: Any, place: str) -> Iterator[str]:
    if kind.startswith("list<"):
        inner = kind.removeprefix("list<").removesuffix(">")
        if not isinstance(value, list):
            yield f"{place}: {value!r} is no list"
            return
        for item in value:
            yield from _typed(inner, item, f"{place}[]")
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind != "bool"):
            yield f"{place}: {value!r} is no {kind}"
    elif kind == "datetime":
        if not MOMENT.fullmatch(str(value)):
            yield f"{place}: {value!r} is no moment"
    elif values := enum(kind):
        if value not in values:
            yield f"{place}: {value!r} is none of {values}"
    elif is_listed(kind):
        known = described(kind)
        for key, inner_value in value.items():
            if key in known:
                yield from _typed(known[key], inner_value, f"{place}.{key}")
            else:
                yield f"{place}: {kind} has no {key}"


def is_listed(kind: str) -> bool:
    """Whether there is a list of that type's fields; of some types Meta publishes none."""
    return (SPECS / "meta" / f"{kind}.json").exists()


def path(kind: str, text: str) -> list[str]:
    """Where a path below a row of that type leads to nothing that the lists have."""
    keys = text.replace("[0]", "").split(".")
    while keys:
        key = keys.pop(0)
        fields = described(kind)
        if key in fields:
            kind = fields[key].removeprefix("list<").removesuffix(">")
        elif keys[:1] == ["data"] and (listed := edge(kind, key)):
            kind, keys = listed["return"], keys[1:]
        elif keys[:1] == ["summary"] and edge(kind, key):
            return [] if keys[1:2] and keys[1] in SUMMARY else [f"{text}: no such count"]
        else:
            return [f"{text}: {kind} has no {key}"]
        if not is_listed(kind):
            # A value, or a type that the account shapes.
            return [] if not keys or kind not in PLAIN else [f"{text}: {key} is a {kind}"]
    return []


def sdk(exchange: Exchange, node: type[AbstractObject], name: str) -> list[str]:
    """The SDK asks the same, but for its token, and has each key among its fields.

    Args:
        exchange: a question and its answer.
        node: the SDK's class of the node that was asked.
        name: the edge, empty for the node itself.
    """
    query = {key: decoded(text) for key, text in exchange.query}
    fields = re.findall(r"(?:[^,({]|\([^)]*\)|\{[^}]*\})+", str(query.pop("fields", "")))
    with pointed_at(exchange, node) as (owner, replay):
        call = getattr(owner, f"get_{name}" if name else "api_get")
        with warnings.catch_warnings():
            # It has no field expansion in its lists, and sends it all the same.
            warnings.filterwarnings("ignore", r"\w+ does not allow field \w+\.", UserWarning)
            read = call(fields=fields, params=query)
    rows = list(read)[: len(exchange.json["data"])] if name else [read]
    found = differences(exchange, replay, without=SDK_ONLY)
    if name and len(rows) != len(exchange.json["data"]):
        found.append("the SDK reads another number of rows")
    edges = {field.name for field in parse(",".join(fields)) if field.inner or field.modifiers}
    unknown = {key for row in rows for key in row if key not in type(row)._field_types}
    return found + [f"the SDK knows no {key}" for key in sorted(unknown - edges)]


@contextmanager
def pointed_at(
    exchange: Exchange, node: type[AbstractObject]
) -> Iterator[tuple[AbstractObject, Replay]]:
    """The SDK's object of the node that was asked, and what it asks and is answered with."""
    with replaying(exchange) as replay:
        session = FacebookSession(access_token="t")
        session.GRAPH = replay.url
        yield node(exchange.path.split("/")[2], api=FacebookAdsApi(session, VERSION)), replay


def decoded(text: str) -> Any:
    return json.loads(text) if text[:1] in "[{" else text
