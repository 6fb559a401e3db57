"""Square's catalog search.

Belongs here: putting variations together into catalog objects. Does not belong here: the other
endpoints (square.py) and what a variation says (square_rows.py).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sandbox.square_checks import body_of, moment, not_served, one_of, refuse, whole_number
from sandbox.strict import fingerprint, issue_cursor, read_cursor
from sandbox.wire import Request, Response
from sandbox.world import World

_BODY = {"cursor", "object_types", "include_deleted_objects", "include_related_objects"}
_BODY |= {"begin_time", "query", "limit", "include_category_path_to_root"}
_TYPES = {
    "ITEM",
    "ITEM_VARIATION",
    "CATEGORY",
    "IMAGE",
    "TAX",
    "DISCOUNT",
    "MODIFIER_LIST",
    "MODIFIER",
    "PRICING_RULE",
}
_TYPES |= {"PRODUCT_SET", "TIME_PERIOD", "MEASUREMENT_UNIT", "SUBSCRIPTION_PLAN", "ITEM_OPTION"}
_TYPES |= {"SUBSCRIPTION_PLAN_VARIATION", "ITEM_OPTION_VAL", "CUSTOM_ATTRIBUTE_DEFINITION"}
_TYPES |= {"QUICK_AMOUNTS_SETTINGS", "AVAILABILITY_PERIOD"}
Object = dict[str, Any]


def search_objects(request: Request, world: World, now: datetime) -> Response:
    """Answer SearchCatalogObjects with items, variations and categories."""
    body = body_of(request, _BODY)
    types = body.get("object_types") or ["ITEM", "CATEGORY"]
    for name in types:
        one_of(name, sorted(_TYPES), "object_types")
    deleted = body.get("include_deleted_objects", False)
    if deleted and body.get("include_category_path_to_root"):
        refuse("CONFLICTING_PARAMETERS", "Deleted objects have no path to their root.")
    not_served("query" in body, "search the catalog by a query")
    since = moment(body.get("begin_time"), "begin_time")
    rows = world.stream("square", "catalog").all(now)
    items = _items(rows)
    categories = _categories(rows, world.start)
    found = [
        each
        for each in [*items, *_variations(items), *categories]
        if each["type"] in types
        and (deleted or not each["is_deleted"])
        and (since is None or datetime.fromisoformat(each["updated_at"]) > since)
    ]
    return _page(body, found, categories, now)


def _page(body: Object, found: list[Object], categories: list[Object], now: datetime) -> Response:
    # A limit out of bounds is no error here: Square ignores it.
    limit = whole_number(body.get("limit", 100), "limit")
    limit = limit if 1 <= limit <= 1000 else 100
    same = fingerprint("catalog", {name: body[name] for name in body if name != "cursor"})
    first = int(read_cursor(body["cursor"], same, now)) if body.get("cursor") else 0
    objects = found[first : first + limit]
    content: Object = {"objects": objects} if objects else {}
    if objects and body.get("include_related_objects"):
        content["related_objects"] = _related(objects, categories)
    if first + limit < len(found):
        content["cursor"] = issue_cursor(same, now, first + limit)
    if found:
        content["latest_time"] = max(each["updated_at"] for each in found)
    return Response.of(content)


def _items(catalog: list[Object]) -> list[Object]:
    """Return one ITEM per item, deleted when none of its variations is left.

    Args:
        catalog: Rows of the stream, each with item_id, name, category_name and `variation`.
    """
    by_item: dict[str, list[Object]] = defaultdict(list)
    for row in catalog:
        by_item[row["item_id"]].append(row)
    items = []
    for item_id, rows in sorted(by_item.items()):
        live = [row["variation"] for row in rows if not row["variation"]["is_deleted"]]
        category = {"id": _category_id(rows[0]["category_name"]), "ordinal": 0}
        updated_at = max(row["variation"]["updated_at"] for row in rows)
        items.append(
            {
                "type": "ITEM",
                "id": item_id,
                "updated_at": updated_at,
                "version": _version(updated_at),
                "is_deleted": not live,
                "present_at_all_locations": True,
                "item_data": {
                    "name": rows[0]["name"],
                    "is_taxable": True,
                    "variations": live or [row["variation"] for row in rows],
                    "product_type": "REGULAR",
                    "categories": [category],
                    "reporting_category": category,
                },
            }
        )
    return items


def _variations(items: list[Object]) -> list[Object]:
    return [variation for item in items for variation in item["item_data"]["variations"]]


def _categories(rows: list[Object], since: datetime) -> list[Object]:
    updated_at = since.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return [
        {
            "type": "CATEGORY",
            "id": _category_id(name),
            "updated_at": updated_at,
            "version": _version(updated_at),
            "is_deleted": False,
            "present_at_all_locations": True,
            "category_data": {
                "name": name,
                "category_type": "REGULAR_CATEGORY",
                "is_top_level": True,
            },
        }
        for name in sorted({row["category_name"] for row in rows})
    ]


def _related(objects: list[Object], categories: list[Object]) -> list[Object]:
    wanted = {
        category["id"]
        for each in objects
        if each["type"] == "ITEM"
        for category in each["item_data"]["categories"]
    }
    return [category for category in categories if category["id"] in wanted]


def _version(updated_at: str) -> int:
    return int(datetime.fromisoformat(updated_at).timestamp() * 1000)


def _category_id(name: str) -> str:
    return fingerprint("category", name).upper()
