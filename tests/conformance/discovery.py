"""Google's discovery documents as OpenAPI, so that one checker judges both.

Belongs here: the rewriting of a discovery document. Does not belong here: judging (openapi).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
# What stands in a schema beside these is prose.
KEPT = ("type", "enum", "pattern", "required", "properties", "items", "additionalProperties")


def as_openapi(document: Document) -> Document:
    """An OpenAPI 3 document that says the same.

    Args:
        document: a discovery document, as in `googleapiclient/discovery_cache/documents`.
    """
    paths: dict[str, Document] = {}
    for method in _methods(document):
        # `flatPath` has names for the parts of `{+name}`, which spans slashes.
        template = "/" + document.get("servicePath", "") + method.get("flatPath", method["path"])
        operation = _operation(document, method, template)
        paths.setdefault(template, {})[method["httpMethod"].lower()] = operation
    schemas = {name: _schema(schema) for name, schema in document.get("schemas", {}).items()}
    return {
        "openapi": "3.0.0",
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"oauth2": {"type": "oauth2"}},
        },
    }


def _methods(node: Document) -> Iterator[Document]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)


def _operation(document: Document, method: Document, template: str) -> Document:
    given = document.get("parameters", {}) | method.get("parameters", {})
    parameters = [
        _parameter(name, each)
        for name, each in given.items()
        if each.get("location", "query") == "query"
    ]
    # Names in the path come from the template: `{+name}` is one parameter and several of these.
    parameters += [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{([^}]+)\}", template)
    ]
    operation: Document = {"parameters": parameters, "responses": {"200": {"description": ""}}}
    if "request" in method:
        content = {"application/json": {"schema": _schema(method["request"])}}
        operation["requestBody"] = {"content": content}
    if "response" in method:
        content = {"application/json": {"schema": _schema(method["response"])}}
        operation["responses"]["200"]["content"] = content
    if "scopes" in method:
        operation["security"] = [{"oauth2": method["scopes"]}]
    return operation


def _parameter(name: str, given: Document) -> Document:
    schema = _schema({key: value for key, value in given.items() if key != "required"})
    if given.get("repeated"):
        schema = {"type": "array", "items": schema}
    # Integers come as text, and so do their limits.
    for key in ("minimum", "maximum"):
        if key in given:
            schema[key] = int(given[key])
    return {
        "name": name,
        "in": "query",
        "required": given.get("required", False),
        "schema": schema,
    }


def _schema(given: Document) -> Document:
    if "$ref" in given:
        return {"$ref": f"#/components/schemas/{given['$ref']}"}
    schema: Document = {key: given[key] for key in KEPT if key in given}
    if not isinstance(schema.get("required", []), list):
        del schema["required"]
    if schema.get("type") == "any":
        del schema["type"]
    if given.get("format") in ("int64", "uint64", "date-time", "date"):
        schema["format"] = given["format"]
    if "items" in schema:
        schema["items"] = _schema(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _schema(schema["additionalProperties"])
    if "properties" in schema:
        schema["properties"] = {k: _schema(v) for k, v in schema["properties"].items()}
    return schema
