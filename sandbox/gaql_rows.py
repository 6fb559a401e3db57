"""Running a parsed Google Ads query over the sandbox's ads and days.

Belongs here: which fields and resources exist, and from a `Query` to the rows of its answer. Does
not belong here: HTTP, paging and error bodies (google_ads.py), the grammar (gaql.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.gaql import Condition, GaqlError, Query
from sandbox.world import World

# Per field of GAQL how its value is written in JSON; the JSON path follows from the name.
FIELDS = {
    "customer.id": "int64",
    "customer.descriptive_name": "text",
    "customer.currency_code": "text",
    "customer.time_zone": "text",
    "campaign.id": "int64",
    "campaign.name": "text",
    "campaign.status": "text",
    "campaign.advertising_channel_type": "text",
    "ad_group.id": "int64",
    "ad_group.name": "text",
    "ad_group.status": "text",
    "ad_group_ad.status": "text",
    "ad_group_ad.ad.id": "int64",
    "ad_group_ad.ad.name": "text",
    "ad_group_ad.ad.type": "text",
    "ad_group_ad.ad.final_urls": "list",
    "segments.date": "text",
    "metrics.impressions": "int64",
    "metrics.clicks": "int64",
    "metrics.cost_micros": "int64",
    "metrics.conversions": "double",
    "metrics.conversions_value": "double",
}
# The resources a query may come FROM, with what identifies one of them and what may be selected.
RESOURCES = {
    "customer": ("customer.id", {"customer"}),
    "campaign": ("campaign.id", {"customer", "campaign"}),
    "ad_group": ("ad_group.id", {"customer", "campaign", "ad_group"}),
    "ad_group_ad": ("ad_group_ad.ad.id", {"customer", "campaign", "ad_group", "ad_group_ad"}),
}
_SEGMENTED = {"segments", "metrics"}


def check_fields(query: Query) -> None:
    """Check that the fields a query names exist and may be combined.

    Raises:
        GaqlError: one does not exist, or not with this FROM clause, or a date range is missing.
    """
    if query.resource not in RESOURCES:
        raise GaqlError(
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE",
            f"'{query.resource}' is not a valid resource name in FROM clause.",
        )
    allowed = RESOURCES[query.resource][1] | _SEGMENTED
    filtered = [condition.field for condition in query.conditions]
    for field in [*query.fields, *filtered, *(field for field, _ in query.order)]:
        if field not in FIELDS:
            raise GaqlError("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{field}'.")
        if field.partition(".")[0] not in allowed:
            raise GaqlError(
                "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE",
                f"The field '{field}' cannot be used with FROM {query.resource}.",
            )
    for field, _ in query.order:
        if field not in query.fields:
            raise GaqlError(
                "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
                f"The field '{field}' in ORDER BY must be in the SELECT clause.",
            )
    if "segments.date" in query.fields and "segments.date" not in filtered:
        raise GaqlError(
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            "The 'WHERE' clause must contain a finite date range for segments.date.",
        )


def rows_of(
    world: World, now: datetime, customer: str, query: Query, days: tuple[date, date] | None
) -> list[dict[str, Any]]:
    """Return the rows of a query, each a value per field, in the order asked for."""
    ads = {
        ad["ad_group_ad.ad.id"]: ad
        for ad in world.stream("google_ads", "ads").all(now, tags=[customer])
    }
    named = [*query.fields, *(condition.field for condition in query.conditions)]
    measured = days is not None or any(field.startswith("metrics.") for field in named)
    source: Iterable[dict[str, Any]] = ads.values()
    if measured:
        performance = world.stream("google_ads", "ad_performance").page(
            now,
            limit=2**62,
            start=days and _midnight(days[0]),
            end=days and _midnight(days[1]) + timedelta(days=1),
            tags=[customer],
        )
        source = (ads[row["ad_group_ad.ad.id"]] | row for row in performance.objects())
    conditions = [each for each in query.conditions if each.field != "segments.date"]
    on_attributes = [each for each in conditions if not each.field.startswith("metrics.")]
    on_metrics = [each for each in conditions if each.field.startswith("metrics.")]
    kept = (row for row in source if all(_holds(row, each) for each in on_attributes))
    rows = _grouped(kept, query)
    metrics = [field for field in query.fields if field.startswith("metrics.")]
    if metrics and "segments.date" in query.fields:
        rows = [row for row in rows if any(row[field] for field in metrics)]
    rows = [row for row in rows if all(_holds(row, each) for each in on_metrics)]
    for field, descends in reversed(query.order):
        rows.sort(key=lambda row: _comparable(field, row[field]), reverse=descends)
    return rows[: query.limit] if query.limit else rows


def _grouped(rows: Iterable[dict[str, Any]], query: Query) -> list[dict[str, Any]]:
    """Add metrics up to one row per entity of the FROM clause and selected segment."""
    identity = RESOURCES[query.resource][0]
    by_day = "segments.date" in query.fields
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row[identity], row["segments.date"] if by_day else "")
        total = groups.get(key)
        if total is None:
            groups[key] = dict(row)
            continue
        for field in FIELDS:
            if field.startswith("metrics.") and field in row:
                total[field] += row[field]
    return list(groups.values())


def _holds(row: Mapping[str, Any], condition: Condition) -> bool:
    left = _comparable(condition.field, row[condition.field])
    try:
        right = [_comparable(condition.field, value) for value in condition.values]
    except ValueError:
        raise GaqlError("BAD_NUMBER", f"Bad number for {condition.field}.") from None
    outcomes = {
        "=": left == right[0],
        "!=": left != right[0],
        "<": left < right[0],
        "<=": left <= right[0],
        ">": left > right[0],
        ">=": left >= right[0],
        "IN": left in right,
        "NOT IN": left not in right,
        "BETWEEN": right[0] <= left <= right[-1],
    }
    if condition.operator not in outcomes:
        raise GaqlError("BAD_OPERATOR", f"{condition.operator} cannot be used here.")
    return bool(outcomes[condition.operator])


def _comparable(field: str, value: Any) -> Any:
    if FIELDS[field] == "int64":
        return int(value)
    return float(value) if FIELDS[field] == "double" else value


def result(row: Mapping[str, Any], query: Query) -> dict[str, Any]:
    """Return a row as a GoogleAdsRow in JSON: the selected fields and the resource names."""
    content: dict[str, Any] = {}
    selected = {field.rpartition(".")[0] for field in query.fields}
    for resource in sorted({query.resource, *selected} - _SEGMENTED):
        _place(content, f"{resource}.resource_name", _resource_name(row, resource))
    for field in query.fields:
        value = row[field]
        _place(content, field, str(value) if FIELDS[field] == "int64" else value)
    return content


def camel(field: str) -> str:
    """Return a field's name as Google's JSON spells it."""
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), field)


def _resource_name(row: Mapping[str, Any], resource: str) -> str:
    customer = f"customers/{row['customer.id']}"
    ad_group = row["ad_group.id"]
    ad = row["ad_group_ad.ad.id"]
    return {
        "customer": customer,
        "campaign": f"{customer}/campaigns/{row['campaign.id']}",
        "ad_group": f"{customer}/adGroups/{ad_group}",
        "ad_group_ad": f"{customer}/adGroupAds/{ad_group}~{ad}",
        "ad_group_ad.ad": f"{customer}/ads/{ad}",
    }[resource]


def _place(content: dict[str, Any], field: str, value: Any) -> None:
    *parents, leaf = camel(field).split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
    content[leaf] = value


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
