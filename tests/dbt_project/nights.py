"""Nights for the models above base: typed rows by hand instead of landed pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from identity import resolution as identity
from tests.dbt_project.conftest import Row, Warehouse

UPPER_LAYERS = ("path:models/staging", "path:models/intermediate", "path:models/marts")
# What a run may number as it likes; everything else must come out the same.
OF_THE_RUN = {"batch_seq", "load_id", "previous_identifier_id", "previous_occurred_at"}
# Rows that only say that something is no more.
GONE = {
    "int_messages__events": "event_type in ('withdrawn', 'moved')",
    "int_web__entries": "session_status = 'superseded'",
    "int_touchpoints": "is_withdrawn",
    "int_identity__candidate_edges": "is_withdrawn",
    "int_identity__identifiers": "is_withdrawn",
}


def arrive(warehouse: Warehouse, stream: str, day: int, *rows: Row) -> str:
    """Put rows into base as one accepted load, pulled on a day of January 2026 (32: February)."""
    vendor, name = stream.split(".")
    [[seq]] = [
        list(row.values())
        for row in warehouse.sql("select coalesce(max(accepted_seq), 0) + 1 as n from ops.loads")
    ]
    load_id = f"{day:02}.{seq:04}"
    pulled_at = f"(timestamp '2025-12-31 03:00:00' + interval {day} day)"
    warehouse.sql(
        f"insert into ops.loads values (?, ?, ?, {pulled_at} - interval 1 day,"
        f" date_trunc('day', {pulled_at}), {pulled_at}, 1, [], 'accepted', ?, null, 'gate', null)",
        [load_id, vendor, name, seq],
    )
    for index, row in enumerate(rows):
        columns = [*row, "load_id", "page_index", "row_index", "row_hash"]
        values = [*row.values(), load_id, 0, index, hash(repr(row)) % 2**62]
        warehouse.sql(
            f"insert into base.base_{vendor}__{name} ({', '.join(columns)}, pulled_at)"
            f" values ({', '.join('?' for _ in values)}, {pulled_at})",
            values,
        )
    return load_id


def stored(*selections: str) -> list[str]:
    """What of each selection holds rows: all that nights change where everything is built.

    A view stays what it was, and two of three models above base are one.
    """
    kinds = ("table", "incremental")
    return [f"{each},config.materialized:{kind}" for each in selections for kind in kinds]


def night(warehouse: Warehouse, *flags: str) -> None:
    """Everything above base, with identity in between, where everything is built."""
    *before_identity, marts = UPPER_LAYERS
    warehouse.dbt("run", "--select", *stored(*before_identity), *flags)
    resolve(warehouse)
    warehouse.dbt("run", "--select", *stored(marts), *flags)


def resolve(warehouse: Warehouse) -> identity.Resolution:
    """The step of orchestration between the intermediate models and the marts."""
    with duckdb.connect(str(warehouse.path)) as con:
        con.execute("set TimeZone = 'UTC'")
        return identity.resolve(con)


def tables(warehouse: Warehouse) -> dict[str, list[str]]:
    """Every table of the upper layers as sorted rows of text."""
    found = warehouse.sql(
        "select table_schema as layer, table_name as name from information_schema.tables"
        " where (table_type = 'BASE TABLE' or table_name = 'customer_identifiers')"
        " and table_name <> 'identifier_changes'"
        " and table_schema in ('staging', 'intermediate', 'identity', 'marts') order by all"
    )
    return {
        f"{table['layer']}.{table['name']}": sorted(
            str([value for column, value in row.items() if column not in OF_THE_RUN])
            for row in warehouse.sql(
                f"select * from {table['layer']}.{table['name']}"
                f" where not ({GONE.get(table['name'], 'false')})"
            )
        )
        for table in found
    }


def at(text: str) -> datetime:
    """A moment of January 2026, as `day hour:minute[:second]`."""
    day, clock = text.split()
    parts = [int(part) for part in clock.split(":")]
    return datetime(2026, 1, int(day), *parts)


def email_event(number: str, profile: str, metric: str, when: str, url: str | None = None) -> Row:
    return {
        "event_id_klaviyo": number,
        "profile_id_klaviyo": profile,
        "metric_id_klaviyo": metric,
        "message_id_klaviyo": "M1",
        "occurred_at": at(when),
        "url": url,
    }


def web_event(number: str, visitor: str, when: str, **more: Any) -> Row:
    return {
        "event_id": number,
        "event_name": "page_view",
        "domain_user_id": visitor,
        "derived_at": at(when),
        "collected_at": at(when),
        **more,
    }


def till_order(number: str, when: str, cents: int, **more: Any) -> Row:
    line = {
        "line_uid": "1",
        "product_id_square": "X",
        "product_name": "Mug",
        "variation_name": "Regular",
        "quantity": 1,
        "unit_minor": cents,
        "gross_minor": cents,
        "discount_minor": 0,
        "tax_minor": 0,
        "total_minor": cents,
        "currency_code": "USD",
    }
    return {
        "order_id_square": number,
        "location_id_square": "L",
        "source_name": "Point of Sale",
        "order_state": "COMPLETED",
        "currency_code": "USD",
        "total_minor": cents,
        "ordered_at": at(when),
        "updated_at": at(when),
        "line_items": [line],
        **more,
    }


def till_return(number: str, of: str, when: str, cents: int, **more: Any) -> Row:
    line = {
        "line_uid": "r1",
        "source_line_uid": "1",
        "product_id_square": "X",
        "product_name": "Mug",
        "variation_name": "Regular",
        "quantity": 1,
        "gross_minor": cents,
        "discount_minor": 0,
        "tax_minor": 0,
        "total_minor": cents,
        "currency_code": "USD",
    }
    return {
        **till_order(number, when, 0, **more),
        "line_items": [],
        "net_total_minor": -cents,
        "net_currency_code": "USD",
        "returns": [{"source_order_id_square": of, "return_line_items": [line]}],
    }


def ad_day(ad: str, day: int, micros: int) -> Row:
    return {
        "account_id_google_ads": "A",
        "campaign_id_google_ads": "G1",
        "ad_group_id_google_ads": "AG",
        "ad_id_google_ads": ad,
        "currency_code": "USD",
        "report_timezone": "America/New_York",
        "impressions": 100,
        "clicks": 10,
        "cost_micros": micros,
        "conversions": 1.0,
        "conversions_value": 5.0,
        "report_date": datetime(2026, 1, day).date(),
    }
