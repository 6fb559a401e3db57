"""Answering a GraphQL query from rows that hold every field: what was asked, and nothing else.

Belongs here: reading a query, choosing its fields out of a row, nested connections, what a query
may cost. Does not belong here: what Shopify's roots are (shopify.py) and what rows say
(shopify_rows.py, shopify_sales.py).

There is no schema here: a field that a row does not have is refused as Shopify refuses one it does
not know. An object that holds nothing but `nodes` is a connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from graphql import (
    FieldNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from graphql.utilities import value_from_ast_untyped

MOST_ROWS = 250
Row = dict[str, Any]


class QueryError(Exception):
    """The query is wrong; carries Shopify's code for how."""

    def __init__(self, message: str, code: str = "", **extensions: Any):
        super().__init__(message)
        self.extensions = {"code": code, **extensions} if code else extensions


@dataclass(frozen=True)
class Operation:
    """One operation of a document.

    Attributes:
        kind: `query` or `mutation`.
        fields: its root fields.
        variables: by name.
    """

    kind: str
    fields: tuple[FieldNode, ...]
    variables: Mapping[str, Any]

    def arguments(self, field: FieldNode) -> Row:
        """The field's arguments, variables put in; those that are null are left out."""
        given = {
            each.name.value: value_from_ast_untyped(each.value, dict(self.variables))
            for each in field.arguments
        }
        return {name: value for name, value in given.items() if value is not None}


def read_operation(text: Any, variables: Any) -> Operation:
    """Read a document of one operation.

    Raises:
        QueryError: it is no GraphQL, or a variable that it needs is missing.
    """
    if not isinstance(text, str) or not text.strip():
        raise QueryError("Parameter query is missing or blank")
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise QueryError(f"syntax error: {error.message}", "graphQLParseError") from None
    (operation,) = document.definitions
    if not isinstance(operation, OperationDefinitionNode):
        raise QueryError("one operation is expected", "graphQLParseError")
    given = dict(variables or {})
    for variable in operation.variable_definitions:
        name = variable.variable.name.value
        if variable.type.kind == "non_null_type" and given.get(name) is None:
            raise QueryError(
                f"Variable ${name} was provided invalid value", "INVALID_VARIABLE", value=None
            )
    declared = {each.variable.name.value for each in operation.variable_definitions}
    if unknown := set(given) - declared:
        raise QueryError(f"Variable {sorted(unknown)} is not declared", "INVALID_VARIABLE")
    fields = tuple(_fields(operation.selection_set, ""))
    return Operation(operation.operation.value, fields, given)


def key_of(field: FieldNode) -> str:
    """The name under which a field is answered."""
    return field.alias.value if field.alias else field.name.value


def chosen(selection: SelectionSetNode | None, value: Any, operation: Operation) -> Any:
    """What the selection takes of a value: an object, a list of them, or a scalar."""
    if isinstance(value, list):
        return [chosen(selection, each, operation) for each in value]
    if not isinstance(value, dict):
        return value
    if selection is None:
        raise QueryError("Field must have selections", "selectionMismatch")
    kind = kind_of(value)
    taken: Row = {}
    for field in _fields(selection, kind):
        name = field.name.value
        if name == "__typename":
            taken[key_of(field)] = kind
            continue
        if name not in value:
            refuse_field(name, kind)
        inner = value[name]
        if is_connection(inner):
            arguments = operation.arguments(field)
            taken[key_of(field)] = _nested(field, inner["nodes"], arguments, operation)
        else:
            taken[key_of(field)] = chosen(field.selection_set, inner, operation)
    return taken


def is_connection(value: Any) -> bool:
    """Whether a value of a row is a nested connection."""
    return isinstance(value, dict) and set(value) == {"nodes"}


def refuse_field(name: str, kind: str) -> NoReturn:
    """Refuse a field as Shopify does."""
    raise QueryError(
        f"Field '{name}' doesn't exist on type '{kind}'", "undefinedField", fieldName=name
    )


def connection(
    field: FieldNode, rows: list[Any], end: str | None, more: bool, operation: Operation
) -> Row:
    """A page of a connection in the members that were asked for."""
    answer: Row = {}
    for member in _fields(field.selection_set, ""):
        match member.name.value:
            case "nodes":
                answer["nodes"] = chosen(member.selection_set, rows, operation)
            case "pageInfo":
                info = {"hasNextPage": more, "endCursor": end, "hasPreviousPage": False}
                answer["pageInfo"] = chosen(member.selection_set, info, operation)
            case other:
                raise QueryError(f"This sandbox does not answer {other} of a connection")
    return answer


def page_size(arguments: Row) -> int:
    """The number of rows asked for.

    Raises:
        QueryError: none, or more than there may be.
    """
    first = arguments.get("first")
    if not isinstance(first, int) or first < 1:
        raise QueryError("you must provide one of first or last")
    if first > MOST_ROWS:
        raise QueryError(f"first cannot exceed {MOST_ROWS}", "argumentLiteralsIncompatible")
    return first


def cost_of(selection: SelectionSetNode | None, operation: Operation) -> int:
    """What a selection may cost at most: an object one point, a connection two and its rows."""
    cost = 0
    for field in _fields(selection, ""):
        if field.selection_set is None:
            continue
        inner = cost_of(field.selection_set, operation)
        arguments = operation.arguments(field)
        if field.name.value in ("nodes", "edges", "node", "pageInfo") and not arguments:
            cost += inner
        elif "first" in arguments:
            cost += 2 + page_size(arguments) * (1 + inner)
        elif "ids" in arguments:
            cost += len(arguments["ids"]) * (1 + inner)
        else:
            cost += 1 + inner
    return cost


def lines_of(field: FieldNode, row: Row, operation: Operation) -> Iterator[tuple[Row, list[Row]]]:
    """One row of a bulk operation's connection: itself, and the rows nested in it."""
    selection = _node(field)
    kept: Row = {}
    children: list[Row] = []
    for inner in _fields(selection, kind_of(row)):
        name = inner.name.value
        if name not in row:
            refuse_field(name, kind_of(row))
        if is_connection(row[name]):
            for child in row[name]["nodes"]:
                taken = chosen(_node(inner), child, operation)
                children.append(taken | {"__parentId": row["id"]})
        else:
            kept[key_of(inner)] = chosen(inner.selection_set, row[name], operation)
    yield kept, children


def kind_of(row: Row) -> str:
    """The type of an object, by its global id."""
    found = re.match(r"gid://shopify/(\w+)/", str(row.get("id", "")))
    return found[1] if found else "Object"


def _node(field: FieldNode) -> SelectionSetNode | None:
    """The selection of `edges { node { … } }`, which is how bulk queries are written."""
    for name in ("edges", "node"):
        (inner,) = _fields(field.selection_set, "")
        if inner.name.value != name:
            raise QueryError("a bulk query asks for edges { node { … } }")
        field = inner
    return field.selection_set


def _nested(field: FieldNode, rows: list[Any], arguments: Row, operation: Operation) -> Row:
    first = page_size(arguments)
    start = int(arguments.get("after", "0"))
    taken = rows[start : start + first]
    end = start + len(taken)
    return connection(field, taken, str(end) if taken else None, end < len(rows), operation)


def _fields(selection: SelectionSetNode | None, kind: str) -> Iterator[FieldNode]:
    """The fields of a selection; of a fragment those that are meant for the type, if known."""
    for each in selection.selections if selection else ():
        if isinstance(each, FieldNode):
            yield each
        elif isinstance(each, InlineFragmentNode):
            wanted = each.type_condition.name.value if each.type_condition else kind
            if not kind or wanted == kind:
                yield from _fields(each.selection_set, kind)
        else:
            raise QueryError("This sandbox does not read named fragments")
