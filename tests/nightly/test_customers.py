"""Customers from night to night: what was published each night is what the histories say of it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.nightly.company import Company

HISTORIES = {
    "dim_customer_history": "dim_customer",
    "dim_customer_contact_history": "dim_customer_contact",
}
# The end of the data of the calendar's last night.
END = datetime(2026, 1, 13)
# What both a history and its dimension have.
SHARED = """
    select string_agg(column_name, ', ' order by column_name)
    from duckdb_columns()
    where table_name = '{history}' and column_name in (
        select column_name from duckdb_columns() where table_name = '{dimension}'
    )
"""


def rows(company: Company, history: str, where: str = "is_current") -> set[tuple[object, ...]]:
    ((columns,),) = company.ask(SHARED.format(history=history, dimension=HISTORIES[history]))
    return {*company.ask(f"select {columns} from marts.{history} where {where}")}


def dimension(company: Company, history: str) -> set[tuple[object, ...]]:
    ((columns,),) = company.ask(SHARED.format(history=history, dimension=HISTORIES[history]))
    return {*company.ask(f"select {columns} from marts.{HISTORIES[history]}")}


@pytest.mark.parametrize("history", HISTORIES)
def test_a_history_has_each_night_as_it_was_published(
    history: str, first_load: Company, bad_night: Company, healed: Company
) -> None:
    nights = {datetime(2026, 1, 11): first_load, datetime(2026, 1, 12): bad_night, END: healed}
    for end, company in nights.items():
        as_of = f"valid_from_at <= '{end}' and (valid_to_at > '{end}' or valid_to_at is null)"
        assert rows(healed, history, as_of) == dimension(company, history), end
    assert rows(healed, history) == dimension(healed, history)


def test_a_customer_who_is_no_more_says_into_whom_they_went(
    bad_night: Company, healed: Company
) -> None:
    there = "select customer_id from marts.dim_customer"
    gone = {*bad_night.ask(there)} - {*healed.ask(there)}
    assert gone
    merges = "select merged_customer_id, customer_id from identity.customer_merges"
    ended = healed.ask(
        "select customer_id, merged_into_customer_id from marts.dim_customer_history"
        f" where valid_to_at = '{END}' and closed_by = 'merged'"
    )
    assert {(customer,) for customer, _ in ended} == gone
    assert {*ended} <= {*healed.ask(merges)}


def test_a_night_that_went_wrong_gives_nobody_another_key(
    next_night: Company, healed: Company
) -> None:
    """Whom a good night knows has the same key after a bad one, or went into another customer."""
    known = "select identifier_id, customer_id from identity.customer_identifiers"
    keys = dict(healed.ask(known))
    of_good_night = next_night.ask(known)
    assert len(of_good_night) > 1000
    changed = {
        (customer, keys.get(identifier))
        for identifier, customer in of_good_night
        if keys.get(identifier) != customer
    }
    merges = "select merged_customer_id, customer_id from identity.customer_merges"
    assert changed <= {*healed.ask(merges)}


def test_every_value_is_one_that_its_record_gives(healed: Company) -> None:
    """An address above all: its parts are one record's."""
    places = healed.ask(
        "select customer_id from marts.dim_customer_attribute"
        " where attribute in ('street_address', 'city', 'region', 'postal_code', 'country_code')"
        " group by customer_id having count(distinct record_id) > 1"
    )
    assert places == []
    strangers = healed.ask(
        "select attributes.customer_id from marts.dim_customer_attribute as attributes"
        " left join identity.customer_identifiers as identifiers"
        " on attributes.record_id = identifiers.identifier_id"
        " where identifiers.customer_id is distinct from attributes.customer_id"
    )
    assert strangers == []
