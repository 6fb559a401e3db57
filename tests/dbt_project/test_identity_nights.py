"""Guards of identity as seeds: what they refuse and why; nights end where a rebuild would."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.nights import stored

MODELS = [
    f"int_identity__{name}"
    for name in ("blocked_values", "candidate_edges", "identifiers", "edges", "refusals")
]
OF_THE_RUN = {"batch_seq"}
COLUMNS = (
    "source text, left_type text, left_value text, right_type text, right_value text,"
    " first_seen_at timestamp, last_seen_at timestamp"
)
LOCATION = (
    "location_id text, location_name text, phone_number text, street_address text, city text,"
    " postal_code text, country_code text"
)
ANN = hashlib.sha256(b"ann@shop.org").hexdigest()
BEN = hashlib.sha256(b"ben@shop.org").hexdigest()
EMPTY = hashlib.sha256(b"").hexdigest()
OFFICE = hashlib.sha256(b"info@shop.org").hexdigest()
STORE_PHONE = hashlib.sha256(b"12125550111").hexdigest()
HOUSE = "elm st 12, 10001"
FLATS = "oak rd 3, 02108"
HOME, GIVEN_ON, OWN = "+12125550001", "+12125550002", "+12125550003"
TWO_NAMES = "limit: one phone with more than 1 phone_given_name"
TWO_DATES = "limit: one phone with more than 1 phone_birth_date"
# What was seen together, and the reason why it links nobody; None where it does.
SEEN: list[tuple[str, str, str | None]] = [
    ("profile_id_klaviyo:P1", "email:ann@shop.org", None),
    ("email:ann@shop.org", f"email_sha256:{ANN}", None),
    ("cookie:C1", f"email_sha256:{ANN}", None),
    ("profile_id_klaviyo:P2", "email:ben", "format: no email (value_pattern of identity_types)"),
    ("profile_id_klaviyo:P2", "phone:123", "format: no phone (value_pattern of identity_types)"),
    ("profile_id_klaviyo:P2", "phone:+12125550123", None),
    ("cookie:C2", "email_sha256:abc", "format: no email_sha256 (value_pattern of identity_types)"),
    ("cookie:C2", f"email_sha256:{EMPTY}", "blocked value: email_sha256: hash of the empty string"),
    (
        "profile_id_klaviyo:P3",
        "email:info@shop.org",
        "blocked pattern: email: an address that a whole office reads",
    ),
    (
        "profile_id_klaviyo:P3",
        "email:no-reply@shop.org",
        "blocked pattern: email: an address that nobody reads",
    ),
    (
        "profile_id_klaviyo:P3",
        "email:a@mailinator.com",
        "blocked pattern: email: a domain for tests",
    ),
    (
        "profile_id_klaviyo:P3",
        "phone:+12125550999",
        "blocked value: phone: phone of the store Main",
    ),
    # A shop's own telephone and address are known from its till.
    (
        "customer_id_square:S4",
        "phone:+12125550111",
        "blocked value: phone: phone of the store Corner",
    ),
    (
        "customer_id_square:S4",
        "postal_address:mercer st 12, 10001",
        "blocked value: postal_address: address of the store Corner",
    ),
    (
        "cookie:C4",
        f"phone_sha256:{STORE_PHONE}",
        "blocked value: phone_sha256: hash of +12125550111: phone of the store Corner",
    ),
    ("contact_id_hubspot:H1", "social_handle:x:ada_l", None),
    *[
        (
            f"contact_id_hubspot:H{number}",
            "social_handle:x:throughline",
            "limit: one social_handle with more than 1 contact_id_hubspot",
        )
        for number in range(2)
    ],
    (
        "contact_id_hubspot:H2",
        "social_handle:unknown:ada",
        "format: no social_handle (value_pattern of identity_types)",
    ),
    (
        "contact_id_hubspot:H2",
        "social_handle:x:none",
        "blocked pattern: social_handle: no name in a network",
    ),
    # A home links records to itself; a house of many links none.
    ("customer_id_square:S4", f"postal_address:{HOUSE}", None),
    ("customer_id_shopify:T1", f"postal_address:{HOUSE}", None),
    *[
        (
            f"customer_id_square:F{number}",
            f"postal_address:{FLATS}",
            "limit: one postal_address with more than 8 customer_id_square",
        )
        for number in range(9)
    ],
    (
        "customer_id_square:S5",
        "postal_address:po box 12, 10001",
        "blocked pattern: postal_address: a box where nobody lives",
    ),
    (
        "customer_id_square:S5",
        "postal_address:main st suite 12, 10001",
        "blocked pattern: postal_address: an office among others in its house",
    ),
    (
        "customer_id_square:S5",
        "postal_address:elm st, 10001",
        "format: no postal_address (value_pattern of identity_types)",
    ),
    *[
        (f"cookie:N{number}", f"email_sha256:{hashed}", f"blocked value: email_sha256: {reason}")
        for number, (hashed, reason) in enumerate(
            [
                (hashlib.sha256(b" ").hexdigest(), "hash of a blank"),
                (hashlib.sha256(b"NULL").hexdigest(), "hash of the word null"),
                (hashlib.sha256(b"None").hexdigest().upper(), "hash of the word none"),
                (hashlib.md5(b"null").hexdigest().upper(), "hash of the word null"),
                (hashlib.md5(b"").hexdigest(), "hash of the empty string"),
                (hashlib.sha1(b"").hexdigest(), "hash of the empty string"),
                (hashlib.sha1(b" ").hexdigest().upper(), "hash of a blank"),
                (
                    hashlib.sha256(b"test@test.com").hexdigest(),
                    "hash of test@test.com: placeholder",
                ),
            ]
        )
    ],
    ("cookie:TABLET", f"email_sha256:{ANN}", "shared: cookie: tablet at the door"),
    ("cookie:K", f"email_sha256:{ANN}", "limit: one cookie with more than 1 email_sha256"),
    ("cookie:K", f"email_sha256:{BEN}", "limit: one cookie with more than 1 email_sha256"),
    ("cookie:K", "click_id:google:1", "limit: one cookie with more than 1 email_sha256"),
    ("cookie:C3", "fax:1", "type: fax is not in identity_types"),
    # A home's telephone, and one that was a father's and is his namesake's.
    ("customer_id_square:S1", f"phone:{HOME}", TWO_NAMES),
    (f"phone:{HOME}", f"phone_given_name:{HOME} ann", TWO_NAMES),
    (f"phone:{HOME}", f"phone_given_name:{HOME} ben", TWO_NAMES),
    ("customer_id_square:S2", f"phone:{GIVEN_ON}", TWO_DATES),
    (f"phone:{GIVEN_ON}", f"phone_given_name:{GIVEN_ON} ann", TWO_DATES),
    (f"phone:{GIVEN_ON}", f"phone_birth_date:{GIVEN_ON} 1950-03-04", TWO_DATES),
    (f"phone:{GIVEN_ON}", f"phone_birth_date:{GIVEN_ON} 1980-03-04", TWO_DATES),
    # What stands for no name and no date is not another one.
    ("customer_id_square:S3", f"phone:{OWN}", None),
    (f"phone:{OWN}", f"phone_given_name:{OWN} ann", None),
    (
        f"phone:{OWN}",
        f"phone_given_name:{OWN} a",
        "blocked pattern: phone_given_name: a given name of one letter at most",
    ),
    (
        f"phone:{OWN}",
        f"phone_given_name:{OWN} unknown",
        "blocked pattern: phone_given_name: no given name",
    ),
    (f"phone:{OWN}", f"phone_birth_date:{OWN} 1950-03-04", None),
    (
        f"phone:{OWN}",
        f"phone_birth_date:{OWN} 1900-01-01",
        "blocked pattern: phone_birth_date: a date that stands for none",
    ),
]


class Guarded:
    """The identity models alone, on sightings and records by hand."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.batch = 0
        self.made = MODELS
        warehouse.dbt("seed", "--select", "identity_*", "calling_codes")
        warehouse.sql(
            "insert into seeds.identity_shared_values"
            " values ('cookie', 'TABLET', 'tablet at the door')"
        )
        warehouse.sql(
            "insert into seeds.identity_store_phones values ('(212) 555-0999', 'US', 'Main')"
        )
        warehouse.sql("create schema if not exists intermediate")
        warehouse.sql(
            f"create table intermediate.int_identity__sightings ({COLUMNS}, batch_seq bigint)"
        )
        warehouse.sql(f"create table intermediate.int_identity__record_links ({COLUMNS})")
        warehouse.sql(f"create table intermediate.int_locations__unioned ({LOCATION})")
        self.open_shop("Corner", "212-555-0111", "12 Mercer Street")

    def open_shop(self, name: str, phone: str, street: str) -> None:
        self.warehouse.sql(
            "insert into intermediate.int_locations__unioned values"
            " (?, ?, ?, ?, 'New York', '10001', 'US')",
            [name, name, phone, street],
        )

    def see(self, one: str, other: str | None, day: int = 1, is_record: bool = False) -> None:
        left, right = one.split(":", 1), other.split(":", 1) if other else [None, None]
        table = "record_links" if is_record else "sightings"
        self.warehouse.sql(
            f"insert into intermediate.int_identity__{table} select ?, ?, ?, ?, ?,"
            " timestamp '2026-01-01' + to_days(?::int), timestamp '2026-01-01' + to_days(?::int)"
            + ("" if is_record else f", {self.batch}"),
            ["record" if is_record else "web", *left, *right, day, day],
        )

    def night(self, *flags: str) -> None:
        self.warehouse.sql(
            "insert into ops.model_batches values"
            " ('int_identity__sightings', 'int_identity__sightings', ?)",
            [self.batch],
        )
        self.warehouse.dbt("run", "--select", *self.made, *flags)
        # The views are there from the first night on.
        self.made = stored(*MODELS)

    def tables(self) -> dict[str, list[str]]:
        return {
            name: sorted(
                str([value for column, value in row.items() if column not in OF_THE_RUN])
                for row in self.warehouse.sql(f"from intermediate.{name}")
                if not row.get("is_withdrawn")
            )
            for name in MODELS
        }

    def rows(self, query: str) -> list[Row]:
        return self.warehouse.sql(query)


@pytest.fixture(scope="module")
def guarded(warehouse: Warehouse) -> Guarded:
    found = Guarded(warehouse)
    found.batch = 1
    for one, other, _ in SEEN:
        found.see(one, other)
    found.night()
    return found


@pytest.fixture(scope="module")
def nights(guarded: Guarded) -> list[Any]:
    """Random nights; after each, what is there and what a rebuild makes of it."""
    chance = np.random.default_rng(4)
    compared = []
    for night in range(4):
        guarded.batch += 1
        guarded.rows("delete from intermediate.int_identity__record_links where random() < 0.3")
        for _ in range(12):
            cookie, email, profile = chance.integers(0, 8, 3)
            hashed = hashlib.sha256(f"{email}".encode()).hexdigest()
            guarded.rows(
                "delete from intermediate.int_identity__sightings"
                f" where left_value = 'c{cookie}' and right_value = '{hashed}'"
            )
            guarded.see(f"cookie:c{cookie}", f"email_sha256:{hashed}", day=night + 2)
            guarded.rows(
                "delete from intermediate.int_identity__record_links"
                f" where left_value = 'p{profile}'"
            )
            guarded.see(f"profile_id_klaviyo:p{profile}", f"email:{email}@shop.org", 1, True)
            guarded.see(f"email:{email}@shop.org", f"email_sha256:{hashed}", 1, True)
            guarded.rows(
                "create or replace table intermediate.int_identity__record_links as"
                " select distinct * from intermediate.int_identity__record_links"
            )
        guarded.night()
        seen = guarded.tables()
        written = guarded.rows(
            "select count(*) as written from intermediate.int_identity__candidate_edges"
            " where batch_seq = (select max(batch_seq)"
            " from intermediate.int_identity__candidate_edges)"
        )
        guarded.night("--full-refresh")
        compared.append((seen, guarded.tables(), written[0]["written"]))
    guarded.night()
    return [*compared, guarded.tables()]


def test_what_is_refused_names_the_rule_and_all_else_links(guarded: Guarded) -> None:
    rows = guarded.rows("from intermediate.int_identity__candidate_edges where batch_seq = 1")
    found = {
        (
            f"{row['left_type']}:{row['left_value']}",
            f"{row['right_type']}:{row['right_value']}",
        ): row["refusal_reason"]
        for row in rows
    }
    assert found == {(one, other): reason for one, other, reason in SEEN}


def test_a_home_is_linked_and_links_no_persons(guarded: Guarded) -> None:
    rows = guarded.rows(
        "select distinct is_person_link, strength from intermediate.int_identity__edges"
        " where right_type = 'postal_address'"
    )
    assert rows == [{"is_person_link": False, "strength": 0.3}]
    homes = "from intermediate.int_identity__identifiers where identifier_type = 'postal_address'"
    assert guarded.rows(homes) == []


def test_a_link_is_as_strong_as_its_weaker_end(guarded: Guarded) -> None:
    rows = guarded.rows(
        "select left_type, right_type, strength from intermediate.int_identity__edges"
        " where source = 'web'"
    )
    strengths = {(row["left_type"], row["right_type"]): row["strength"] for row in rows}
    assert strengths["profile_id_klaviyo", "email"] == 0.8
    assert strengths["cookie", "email_sha256"] == 0.4


def test_what_is_blocked_is_no_identifier_and_what_is_shared_is_one(guarded: Guarded) -> None:
    names = {
        f"{row['identifier_type']}:{row['identifier_value']}"
        for row in guarded.rows("from intermediate.int_identity__identifiers")
    }
    assert {"cookie:TABLET", "cookie:K", "profile_id_klaviyo:P3"} <= names
    assert not names & {"email:info@shop.org", "email:ben", "phone:123", f"email_sha256:{EMPTY}"}


def test_every_night_ends_where_a_rebuild_would(nights: list[Any]) -> None:
    *compared, repeated = nights
    for seen, rebuilt, _ in compared:
        assert seen == rebuilt
    assert repeated == compared[-1][1]


def test_a_night_writes_what_changed_and_no_more(nights: list[Any]) -> None:
    *compared, _ = nights
    assert all(written > 0 for _, _, written in compared)
    assert compared[-1][2] < len(compared[-1][0]["int_identity__candidate_edges"])


def test_an_office_that_is_seen_and_a_shop_that_opens_or_closes_change_the_past(
    nights: list[Any], guarded: Guarded
) -> None:
    def links() -> dict[str, str | None]:
        rows = guarded.rows(
            "select right_value, refusal_reason from intermediate.int_identity__candidate_edges"
            " where left_value = 'late' and right_value is not null and not is_withdrawn"
        )
        return {f"{row['right_value']}": row["refusal_reason"] for row in rows}

    guarded.batch += 1
    guarded.see("cookie:late", f"email_sha256:{OFFICE}")
    guarded.see("customer_id_square:late", "phone:+12125550777")
    guarded.night()
    assert links() == {OFFICE: None, "+12125550777": None}
    guarded.open_shop("New", "(212) 555 0777", "1 Elm Street")
    guarded.see("email:info@shop.org", f"email_sha256:{OFFICE}", is_record=True)
    guarded.night()
    assert links() == {
        OFFICE: "blocked value: email_sha256: hash of info@shop.org: an address that a whole"
        " office reads",
        "+12125550777": "blocked value: phone: phone of the store New",
    }
    seen = guarded.tables()
    guarded.rows("delete from intermediate.int_locations__unioned where location_id = 'New'")
    guarded.night()
    assert links()["+12125550777"] is None
    assert guarded.tables() != seen
    repeated = guarded.tables()
    guarded.night("--full-refresh")
    assert guarded.tables() == repeated
