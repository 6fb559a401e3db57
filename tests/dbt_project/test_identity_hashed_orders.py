"""Hashes of nothing join nobody: a vendor's sample orders, whose phones are such hashes.

The orders lie beside the checkout: Fivetran's seeds of Shopify, with e-mails and phones as MD5.
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from connectors.settings import REPOSITORY
from identity import resolution
from tests.dbt_project.conftest import Warehouse
from tests.dbt_project.test_identity_nights import LOCATION

SEEDS = REPOSITORY.parent / "shared" / "datasets" / "fivetran_seeds" / "shopify"
ORDERS = SEEDS / "integration_tests" / "seeds" / "shopify_order_data.csv"
OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
VENDORS = ("klaviyo", "mailchimp", "hubspot", "square", "shopify", "files", "files_signups")
COLUMNS = """
    source text, record_type text, record_value text, email text, phone_number text,
    customer_number text, loyalty_number text, first_name text, last_name text, birth_date date,
    street_address text, city text, region text, postal_code text, country_code text,
    email_consent text, sms_consent text, created_at timestamp, updated_at timestamp
"""
MODELS = [
    "int_customers__unioned",
    *(
        f"int_identity__{name}"
        for name in (
            *("record_links", "blocked_values", "candidate_edges"),
            *("identifiers", "edges", "refusals"),
        )
    ),
]

pytestmark = pytest.mark.skipif(
    not ORDERS.exists(), reason="Shopify's sample orders are not beside the checkout"
)


def orders() -> list[dict[str, str]]:
    with ORDERS.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def records(orders: list[dict[str, str]]) -> pa.Table:
    """Each order's customer as a record of a person, as a vendor's model makes it."""
    return pa.Table.from_pylist(
        [
            {
                "source": "shopify_order",
                "record_type": "customer_number",
                "record_value": f"shopify:{order['customer_id']}",
                "email": order["email"],
                "phone_number": order["shipping_address_phone"] or None,
                "country_code": "US",
            }
            for order in orders
        ]
    )


def without_vendors(warehouse: Warehouse) -> None:
    """What the models of identity read, with nothing in it."""
    warehouse.dbt("seed", "--select", "identity_*", "calling_codes")
    warehouse.sql("create schema if not exists intermediate")
    for vendor in VENDORS:
        warehouse.sql(f"create table intermediate.int_customers__{vendor} ({COLUMNS})")
    warehouse.sql(
        "create table intermediate.int_identity__further_links (source text, left_type text,"
        " left_value text, right_type text, right_value text, created_at timestamp,"
        " updated_at timestamp)"
    )
    warehouse.sql(f"create table intermediate.int_locations__unioned ({LOCATION})")
    warehouse.sql(
        "create table intermediate.int_identity__sightings (source text, left_type text,"
        " left_value text, right_type text, right_value text, first_seen_at timestamp,"
        " last_seen_at timestamp, batch_seq bigint)"
    )


@pytest.fixture(scope="module")
def con(warehouse: Warehouse) -> Any:
    without_vendors(warehouse)
    with duckdb.connect(str(warehouse.path)) as con:
        con.register("made", records(orders()))
        con.execute("insert into intermediate.int_customers__shopify by name from made")
    warehouse.dbt("run", "--select", *MODELS)
    with duckdb.connect(str(warehouse.path)) as con:
        resolution.create_tables(con)
        resolution.resolve(con)
        yield con


def test_orders_with_the_hash_of_nothing_for_a_phone_stay_apart(con: Any) -> None:
    shared = Counter(order["shipping_address_phone"] for order in orders())
    assert (len(orders()), shared[OF_NOTHING]) == (8, 3)
    rows = con.execute(
        "select identifier_value, customer_id from identity.customer_identifiers"
        " where identifier_type = 'customer_number'"
    ).fetchall()
    assert {number for number, _ in rows} == {f"shopify:{o['customer_id']}" for o in orders()}
    assert len({customer for _, customer in rows}) == len(rows) == 7


def test_the_hash_is_refused_by_name_and_is_nobodys_identifier(con: Any) -> None:
    refused = con.execute(
        "select left_value, refusal_reason from intermediate.int_identity__refusals"
        " where right_type = 'phone' and right_value = ? order by all",
        [OF_NOTHING],
    ).fetchall()
    assert refused == [
        (f"shopify:{customer}", "blocked value: phone: hash of the empty string")
        for customer in ("3584045351009", "3589760876641")
    ]
    known = "select count(*) from identity.customer_identifiers where identifier_type = 'phone'"
    assert con.execute(known).fetchone() == (0,)
