"""OpenAPI schemas as JSON Schema that forbids what it does not name.

Belongs here: closing schemas, validating values and finding paths in them. Does not belong here:
paths, parameters and bodies (openapi).

Vendors' files say what there is, and by JSON Schema's rules allow anything besides. Each object is
closed here: what it is put together from is merged, and then nothing else may stand in it. An
object for which the vendor names no members is left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.conformance.proofs import Deviation

Schema = dict[str, Any]
CHOICES = ("oneOf", "anyOf")
# Validation keywords of one value; what else stands in a schema is prose or a vendor's own.
PLAIN = ("enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
PLAIN += ("exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "multipleOf", "format", "const")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    """A day and a time with an offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("date-time-rfc-2822", raises=(ValueError, TypeError))
def _is_mail_time(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).tzinfo is not None


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@FORMATS.checks("int64")
@FORMATS.checks("uint64")
def _is_long(value: object) -> bool:
    """Google writes 64 bits as text; as a number any integer of that type will do."""
    return not isinstance(value, str) or re.fullmatch(r"-?\d{1,20}", value) is not None


class Schemas:
    """The schemas of one document, with its deviations applied.

    Args:
        document: an OpenAPI document, version 2 or 3.
        overlay: where the vendor's server differs from it.

    Raises:
        KeyError: a deviation names a place that is not there (any more).
    """

    def __init__(self, document: dict[str, Any], overlay: tuple[Deviation, ...] = ()) -> None:
        self.document = deepcopy(document) if overlay else document
        for deviation in overlay:
            apply(self.document, deviation)
        self._closed: list[Schema] = []
        self._numbers: dict[str, int] = {}
        self._registry: Registry[Any] = Registry()

    def resolve(self, node: Any) -> Any:
        """The node, or what it refers to.

        Raises:
            KeyError: the reference dangles, or leads out of the document: the overlay mends it.
        """
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            node = self._at(node["$ref"])
        return node

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise KeyError(f"{reference} lies outside of the description")
        found: Any = self.document
        for part in pointer(reference[1:]):
            if part not in found:
                raise KeyError(f"{reference} leads nowhere")
            found = found[part]
        return found

    def problems(self, schema: Schema, value: Any, place: str) -> list[str]:
        """What the closed schema does not allow of a value."""
        closed = self._close(schema)
        known = self._registered()
        validator = Draft202012Validator(closed, registry=known, format_checker=FORMATS)
        found = {}
        for error in (leaf for whole in validator.iter_errors(value) for leaf in _leaves(whole)):
            # Rows go wrong alike: said once.
            where = "".join("[]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
            found[f"{place}{where}: {error.message[:300]}"] = None
        return list(found)

    def reads(self, schema: Schema, path: str) -> list[str]:
        """Where a path leads to nothing that the schema names: `data[0].attributes.email`."""
        schemas = list(self._members(schema))
        for key in path.replace("[0]", ".[0]").strip(".").split("."):
            if any(_is_open(each) for each in schemas):
                return []
            found = [step for each in schemas for step in self._step(each, key)]
            if not found:
                return [f"{path}: the description has no {key} there"]
            schemas = found
        return []

    def _members(self, schema: Schema) -> Iterator[Schema]:
        """The schema and all it is put together from."""
        schema = self.resolve(schema)
        yield schema
        for kind in ("allOf", *CHOICES):
            for part in schema.get(kind, []):
                yield from self._members(part)

    def _step(self, schema: Schema, key: str) -> Iterator[Schema]:
        if key == "[0]":
            if items := schema.get("items"):
                yield from self._members(items)
        elif key in schema.get("properties", {}):
            yield from self._members(schema["properties"][key])
        elif isinstance(more := schema.get("additionalProperties"), dict):
            yield from self._members(more)

    def _registered(self) -> Registry[Any]:
        """All that was closed so far, as what its numbers refer to; looked through once."""
        new = range(len(self._registry), len(self._closed))
        if new:
            resources = [DRAFT202012.create_resource(self._closed[number]) for number in new]
            named = zip((f"closed:{number}" for number in new), resources, strict=True)
            self._registry = self._registry.with_resources(named).crawl()
        return self._registry

    def _number(self, reference: str) -> int:
        """The number under which the closed schema of a reference lies; it may refer to itself."""
        if reference not in self._numbers:
            self._numbers[reference] = number = len(self._closed)
            self._closed.append({})
            self._closed[number] = self._close(self._at(reference))
        return self._numbers[reference]

    def _close(self, schema: Schema) -> Schema:
        """The schema as JSON Schema that allows nothing it does not name."""
        if "$ref" in schema:
            closed = {"$ref": f"closed:{self._number(schema['$ref'])}"}
            return {"anyOf": [closed, {"type": "null"}]} if _may_be_null(schema) else closed
        merged = self._merge(schema)
        closed = {key: merged[key] for key in PLAIN if key in merged}
        closed |= _stated_limits(merged)
        if closed.get("exclusiveMinimum") is True:
            closed["exclusiveMinimum"] = closed.pop("minimum")
        elif closed.get("exclusiveMinimum") is False:
            del closed["exclusiveMinimum"]
        if kinds := _kinds(merged):
            closed["type"] = kinds
            if "null" in kinds and "enum" in closed:
                closed["enum"] = [*closed["enum"], None]
        if "items" in merged:
            closed["items"] = self._close(merged["items"])
        closed |= self._members_closed(merged)
        for kind in CHOICES:
            if kind in merged:
                shared = {key: merged[key] for key in ("properties", "type") if key in merged}
                parts = [self._merge({"allOf": [shared, part]}) for part in merged[kind]]
                # Closed choices may overlap where the vendor tells them apart in words only.
                closed["anyOf"] = [self._close(part) for part in parts]
                for key in ("properties", "additionalProperties"):
                    closed.pop(key, None)
                if _may_be_null(merged):
                    closed["anyOf"].append({"type": "null"})
        return closed

    def _members_closed(self, merged: Schema) -> Schema:
        more = merged.get("additionalProperties")
        if not merged.get("properties") and more is not False:
            return {"additionalProperties": self._close(more)} if isinstance(more, dict) else {}
        return {
            "properties": {k: self._close(v) for k, v in merged.get("properties", {}).items()},
            "required": merged.get("required", []),
            "additionalProperties": self._close(more) if isinstance(more, dict) else more is True,
        }

    def _merge(self, schema: Schema) -> Schema:
        """The schema with all of its `allOf` in it, which belong to one and the same object."""
        schema = self.resolve(schema)
        if "allOf" not in schema:
            return schema
        whole: Schema = {}
        for part in [*schema["allOf"], {k: v for k, v in schema.items() if k != "allOf"}]:
            part = self._merge(part)
            properties = dict(whole.get("properties", {}))
            for name, inner in part.get("properties", {}).items():
                known = properties.get(name)
                # What two parts say of a member holds together.
                properties[name] = {"allOf": [known, inner]} if known else inner
            required = [*whole.get("required", []), *part.get("required", [])]
            whole = whole | part
            if properties:
                whole["properties"] = properties
            if required:
                whole["required"] = required
        return whole


def apply(document: dict[str, Any], deviation: Deviation) -> None:
    """Change the document where the server is known to differ.

    Raises:
        KeyError: the place is not there.
    """
    *way, last = pointer(deviation.place)
    target: Any = document
    for part in way:
        if isinstance(target, list):
            target = target[int(part)]
        elif part in target:
            target = target[part]
        else:
            raise KeyError(f"the description has no {part} in {deviation.place}")
    if isinstance(target, list):
        if last == "-":
            target.append(deviation.change)
        else:
            target[int(last)] = _patched(target[int(last)], deviation.change)
    elif deviation.change is None:
        del target[last]
    else:
        target[last] = _patched(target.get(last), deviation.change)


def _patched(value: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    value = dict(value) if isinstance(value, dict) else {}
    for key, inner in change.items():
        if inner is None:
            value.pop(key, None)
        else:
            value[key] = _patched(value.get(key), inner)
    return value


def pointer(text: str) -> list[str]:
    """The parts of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _is_open(schema: Schema) -> bool:
    """Whether the description leaves this object's members to the account."""
    shaped = {"properties", "items", "allOf", "oneOf", "anyOf", "$ref"}
    free = not shaped & set(schema) and schema.get("type", "object") == "object"
    return free and not isinstance(schema.get("additionalProperties"), dict)


def _may_be_null(schema: Schema) -> bool:
    return bool(schema.get("nullable") or schema.get("x-nullable"))


def _kinds(schema: Schema) -> list[str]:
    kind = schema.get("type")
    kinds = list(kind) if isinstance(kind, list) else [kind] if kind else []
    if kinds == ["file"]:
        return []
    return [*kinds, "null"] if kinds and _may_be_null(schema) and "null" not in kinds else kinds


def _stated_limits(schema: Schema) -> Schema:
    """Limits that stand in the prose only: "Max: `100`"."""
    stated = re.search(r"Max: `?([\d,]+)`?", str(schema.get("description", "")))
    key = {"integer": "maximum", "array": "maxItems"}.get(str(schema.get("type")))
    if not stated or key is None or key in schema:
        return {}
    return {key: int(stated[1].replace(",", ""))}


def _leaves(error: Any) -> Iterator[Any]:
    """Of choices that failed, the problems of the one that came closest."""
    if not error.context:
        yield error
        return
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    # A branch of another type is not what was meant.
    meant = [branch for branch in branches.values() if not _is_of_another_type(branch)]
    for inner in min(meant or branches.values(), key=len):
        yield from _leaves(inner)


def _is_of_another_type(errors: list[Any]) -> bool:
    return any(each.validator == "type" and len(each.schema_path) == 2 for each in errors)
