"""A strict reading of an OpenAPI description (2 or 3): what is wrong with an exchange.

Belongs here: operations, parameters, headers, credentials and bodies, unknown names included,
which the usual validators let pass. Does not belong here: schemas themselves, any vendor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from tests.conformance.proofs import Deviation, Exchange
from tests.conformance.schemas import Schema, Schemas

Operation = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


class Description:
    """One OpenAPI document as the judge of requests and responses.

    Args:
        document: OpenAPI 2 or 3, decoded.
        prefix: what stands before the description's paths below the vendor's host; by default
            the path of its first server (3) or its `basePath` (2).
        overlay: where the vendor's server differs.
    """

    def __init__(
        self,
        document: dict[str, Any],
        *,
        prefix: str | None = None,
        overlay: tuple[Deviation, ...] = (),
    ) -> None:
        self.schemas = Schemas(document, overlay)
        self.document = self.schemas.document
        self.prefix = _server_path(document) if prefix is None else prefix

    def request(self, exchange: Exchange) -> list[str]:
        """What the description does not allow of the question."""
        found = self.operation(exchange.method, exchange.path)
        if found is None:
            return [f"no operation {exchange.method} {exchange.path}"]
        operation, in_path = found
        return [
            *self._path(operation, in_path),
            *self._query(operation, exchange.query),
            *self._headers(operation, exchange),
            *self._credentials(operation, exchange),
            *self._body(operation, exchange),
        ]

    def response(self, exchange: Exchange) -> list[str]:
        """What the description does not allow of the answer."""
        found = self.operation(exchange.method, exchange.path)
        if found is None:
            return [f"no operation {exchange.method} {exchange.path}"]
        described = self._answer(found[0], exchange.status)
        if described is None:
            return [f"no answer {exchange.status} of {exchange.method} {exchange.path}"]
        schema = self._schema(described)
        if schema is None:
            return [] if not exchange.answer else ["an answer where none is described"]
        kind = exchange.answer_header("Content-Type") or "none"
        if "json" not in kind:
            return [f"the answer's content type is {kind}"]
        return self.schemas.problems(schema, exchange.json, "answer")

    def answer(self, method: str, path: str, status: int = 200) -> Schema:
        """The schema of an operation's answer, for `reads`.

        Raises:
            KeyError: there is no such operation or answer.
        """
        found = self.operation(method, self.prefix + path)
        described = self._answer(found[0], status) if found else None
        schema = self._schema(described) if described else None
        if schema is None:
            raise KeyError(f"no answer {status} of {method} {path} is described")
        return schema

    def component(self, name: str) -> Schema:
        """A schema by its name, for `reads`."""
        schemas = self.document.get("components", self.document)
        return dict((schemas.get("schemas") or schemas["definitions"])[name])

    def reads(self, schema: Schema, path: str) -> list[str]:
        """Where a path leads to nothing that a schema names."""
        return self.schemas.reads(schema, path)

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request means, its path's parameters and their values."""
        if not path.startswith(self.prefix):
            return None
        path = path.removeprefix(self.prefix)
        for pattern, item in self._paths:
            match = pattern.fullmatch(path)
            if match and method.lower() in item:
                shared = item.get("parameters", [])
                operation = dict(self.schemas.resolve(item[method.lower()]))
                own = [self.schemas.resolve(each) for each in operation.get("parameters", [])]
                named = {(each["name"], each["in"]) for each in own}
                own += [
                    each
                    for each in map(self.schemas.resolve, shared)
                    if (each["name"], each["in"]) not in named
                ]
                return operation | {"parameters": own}, _in_path(item["template"], match)
        return None

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
        """Patterns of the paths, those without ids first: `/lists/all` is no list's id."""
        paths = sorted(self.document["paths"].items(), key=lambda each: each[0].count("{"))
        return [(_pattern(path), dict(item) | {"template": path}) for path, item in paths]

    def _path(self, operation: Operation, given: dict[str, str]) -> Iterator[str]:
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                schema = _schema_of(parameter)
                value = self._typed(schema, given[parameter["name"]])
                yield from self.schemas.problems(schema, value, parameter["name"])

    def _query(self, operation: Operation, given: list[tuple[str, str]]) -> Iterator[str]:
        known = {each["name"]: each for each in operation["parameters"] if each["in"] == "query"}
        values: dict[str, list[str]] = {}
        for name, text in given:
            values.setdefault(name, []).append(text)
        for name, texts in values.items():
            parameter = known.get(name) or _deep_object(known, name)
            if parameter is None:
                yield f"unknown parameter {name}"
            elif parameter["name"] == name:
                yield from self._value(parameter, texts)
        for name, parameter in known.items():
            if parameter.get("required") and name not in values:
                yield f"missing parameter {name}"

    def _value(self, parameter: dict[str, Any], texts: list[str]) -> Iterator[str]:
        schema, name = _schema_of(parameter), parameter["name"]
        if "content" in parameter:
            try:
                yield from self.schemas.problems(schema, json.loads(texts[0]), name)
            except ValueError:
                yield f"{name}: {texts[0]!r} is no JSON"
            return
        plain = self.schemas.resolve(schema)
        if plain.get("type") == "array":
            if not _is_exploded(parameter):
                if len(texts) > 1:
                    yield f"{name}: given {len(texts)} times, where its values go in one"
                texts = [part for text in texts for part in text.split(",")]
            value: Any = [self._typed(plain.get("items", {}), text) for text in texts]
        else:
            if len(texts) > 1:
                yield f"{name}: given {len(texts)} times"
            value = self._typed(plain, texts[0])
        yield from self.schemas.problems(schema, value, name)

    def _typed(self, schema: Schema, text: str) -> Any:
        kind = self.schemas.resolve(schema).get("type")
        if kind == "integer":
            return int(text) if re.fullmatch(r"-?\d+", text) else text
        if kind == "number":
            return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text
        return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text

    def _headers(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        for parameter in operation["parameters"]:
            if parameter["in"] != "header":
                continue
            name, value = parameter["name"], exchange.header(parameter["name"])
            if value is None:
                if parameter.get("required"):
                    yield f"missing header {name}"
                continue
            schema = _schema_of(parameter)
            yield from self.schemas.problems(schema, self._typed(schema, value), f"header {name}")
            if parameter.get("required") and schema.get("default") not in (None, value):
                yield f"header {name} is {value}, described as {schema['default']}"

    def _credentials(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        """One of the ways in that the description offers has to be taken."""
        ways = operation.get("security", self.document.get("security")) or []
        schemes = self.document.get("components", {}).get("securitySchemes", {})
        schemes = schemes or self.document.get("securityDefinitions", {})
        wanted = [name for way in ways for name in way]
        if wanted and not any(_is_signed(schemes.get(name, {}), exchange) for name in wanted):
            yield f"missing credential: none of {', '.join(sorted(set(wanted)))}"

    def _body(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        described = self.schemas.resolve(operation.get("requestBody") or _body_of_2(operation))
        if not exchange.content:
            if described and described.get("required"):
                yield "missing body"
            return
        if not described:
            yield "a body where none is described"
            return
        kind = (exchange.header("Content-Type") or "none").partition(";")[0]
        if kind not in described["content"]:
            yield f"the body is {kind}, described are {', '.join(described['content'])}"
            return
        if "json" in kind:
            schema = described["content"][kind]["schema"]
            yield from self.schemas.problems(schema, exchange.body, "body")

    def _answer(self, operation: Operation, status: int) -> dict[str, Any] | None:
        answers = operation["responses"]
        found = answers.get(str(status)) or answers.get(f"{status // 100}XX")
        found = self.schemas.resolve(found or answers.get("default"))
        return dict(found) if found else None

    def _schema(self, described: dict[str, Any]) -> Schema | None:
        if "schema" in described:
            return dict(described["schema"])
        for kind, content in described.get("content", {}).items():
            if "json" in kind and "schema" in content:
                return dict(content["schema"])
        return None


def _server_path(document: dict[str, Any]) -> str:
    if "basePath" in document:
        return str(document["basePath"]).rstrip("/")
    servers = document.get("servers") or [{"url": ""}]
    path = re.sub(r"^(https?://)?[^/]*", "", servers[0]["url"])
    return path.rstrip("/")


def _pattern(template: str) -> re.Pattern[str]:
    """The template as a pattern; a name may hold what no group's name may."""
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("([^/]+)".join(map(re.escape, parts)))


def _in_path(template: str, match: re.Match[str]) -> dict[str, str]:
    return dict(zip(re.findall(r"\{([^}]+)\}", template), match.groups(), strict=True))


def _schema_of(parameter: dict[str, Any]) -> Schema:
    if "content" in parameter:
        (content,) = parameter["content"].values()
        return dict(content["schema"])
    # In version 2 the parameter is its own schema.
    return dict(parameter.get("schema") or parameter)


def _deep_object(known: dict[str, Any], name: str) -> dict[str, Any] | None:
    """`filter[name]` as a member of the parameter `filter`, where that is its style."""
    parameter: dict[str, Any] | None = known.get(name.partition("[")[0])
    return parameter if parameter and parameter.get("style") == "deepObject" else None


def _is_exploded(parameter: dict[str, Any]) -> bool:
    """Whether each value of a list comes by itself: the default of version 3, not of version 2."""
    if "schema" in parameter:
        return bool(parameter.get("explode", True))
    return parameter.get("collectionFormat") == "multi"


def _is_signed(scheme: dict[str, Any], exchange: Exchange) -> bool:
    kind, place = scheme.get("type"), scheme.get("in")
    if kind == "apiKey" and place == "query":
        return any(name == scheme["name"] for name, _ in exchange.query)
    if kind == "apiKey" and place == "header":
        return bool(exchange.header(scheme["name"]))
    word = {"basic": "basic ", "bearer": "bearer "}.get(str(scheme.get("scheme")).lower())
    word = "basic " if kind == "basic" else word or "bearer "
    return (exchange.header("Authorization") or "").lower().startswith(word)


def _body_of_2(operation: Operation) -> dict[str, Any]:
    for parameter in operation["parameters"]:
        if parameter["in"] == "body":
            content = {"application/json": {"schema": parameter["schema"]}}
            return {"required": parameter.get("required", False), "content": content}
    return {}
