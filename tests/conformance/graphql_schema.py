"""A GraphQL schema as the judge of queries and answers.

Belongs here: reading an introspection file, validating a query with its variables, holding an
answer against query and schema. Does not belong here: any vendor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_client_schema,
    execute,
    get_named_type,
    is_leaf_type,
    is_scalar_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

Scalars = Mapping[str, Callable[[Any], bool]]


class GraphSchema:
    """One introspection as the judge of queries and answers.

    Args:
        introspection: `{"__schema": …}`, or that under `data`.
        scalars: per custom scalar whether a value is one; the file says nothing of their form.
    """

    def __init__(self, introspection: dict[str, Any], scalars: Scalars | None = None) -> None:
        found = introspection.get("data", introspection)
        # Vendors' schemas may fail rules of the specification that do not matter here.
        self.schema: GraphQLSchema = build_client_schema(found, assume_valid=True)
        self.scalars = scalars or {}

    def query(self, text: str, variables: dict[str, Any] | None = None) -> list[str]:
        """What the schema does not allow of a query and its variables."""
        try:
            document = parse(text)
        except GraphQLSyntaxError as error:
            return [error.message]
        found = [error.message for error in validate(self.schema, document)]
        for operation in document.definitions:
            definitions = getattr(operation, "variable_definitions", None)
            if definitions is None or found:
                continue
            values = get_variable_values(self.schema, definitions, variables or {})
            if isinstance(values, list):
                found += [error.message for error in values]
            known = {each.variable.name.value for each in definitions}
            found += [f"unknown variable ${name}" for name in set(variables or {}) - known]
        return found

    def answer(
        self, text: str, data: dict[str, Any], variables: dict[str, Any] | None = None
    ) -> list[str]:
        """What query and schema do not allow of an answer's `data`.

        The query is executed over the answer itself: what comes out has to be the same, with no
        key lost, none refused and none that was not asked for.
        """
        result = execute(
            self.schema,
            parse(text),
            root_value=data,
            variable_values=variables,
            field_resolver=_by_alias,
            type_resolver=_by_typename,
        )
        if not isinstance(result, ExecutionResult):
            return ["the query is answered later"]
        found = [_said(error) for error in result.errors or []]
        if not found and result.data != data:
            found = list(_differences(result.data, data, "data"))
        return found + self._scalars(text, data, variables)

    def reads(self, type_name: str, path: str) -> list[str]:
        """Where a path leads to nothing that the type has: `lineItems.edges[0].node.id`."""
        kind: GraphQLNamedType | None = self.schema.type_map.get(type_name)
        for key in path.replace("[0]", "").split("."):
            if kind is not None and is_scalar_type(kind) and kind.name == "JSON":
                return []
            fields = getattr(kind, "fields", {})
            if key not in fields:
                return [f"{path}: {getattr(kind, 'name', type_name)} has no {key}"]
            kind = get_named_type(fields[key].type)
        return [] if kind is not None and is_leaf_type(kind) else [f"{path} is no value"]

    def _scalars(self, text: str, data: dict[str, Any], variables: Any) -> list[str]:
        """Each custom scalar of the answer, by executing once more with their rules."""
        found: list[str] = []

        def judged(source: Any, info: Any, **_: Any) -> Any:
            value = _by_alias(source, info)
            kind = get_named_type(info.return_type)
            rule = self.scalars.get(kind.name)
            values = value if isinstance(value, list) else [value]
            if rule and not all(each is None or rule(each) for each in values):
                found.append(f"{info.path.key}: {value!r} is no {kind.name}")
            return value

        if self.scalars:
            execute(
                self.schema,
                parse(text),
                root_value=data,
                variable_values=variables,
                field_resolver=judged,
                type_resolver=_by_typename,
            )
        return list(dict.fromkeys(found))


def _by_alias(source: Any, info: Any, **_: Any) -> Any:
    return source[info.path.key]


def _by_typename(value: Any, info: Any, kind: Any) -> str:
    """The type of a value of an interface: as it says, or as its global id does."""
    if "__typename" in value:
        return str(value["__typename"])
    named = re.match(r"gid://\w+/(\w+)/", str(value.get("id", "")))
    if not named:
        raise GraphQLError(f"a {kind.name} has to say its __typename")
    return named[1]


def _said(error: GraphQLError) -> str:
    where = ".".join("[]" if isinstance(part, int) else str(part) for part in error.path or [])
    cause = error.original_error
    what = f"has no key {cause}" if isinstance(cause, KeyError) else error.message
    return f"{where}: {what}"


def _differences(got: Any, sent: Any, place: str) -> Any:
    if isinstance(got, dict) and isinstance(sent, dict):
        yield from (f"{place}: {key} was not asked for" for key in sent if key not in got)
        for key in got:
            yield from _differences(got[key], sent.get(key), f"{place}.{key}")
    elif isinstance(got, list) and isinstance(sent, list):
        for one, other in zip(got, sent, strict=True):
            yield from _differences(one, other, f"{place}[]")
    elif got != sent:
        yield f"{place}: {sent!r} is read as {got!r}"
