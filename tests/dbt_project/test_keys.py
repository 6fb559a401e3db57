"""What the tests of keys see, on rows that break them."""

from __future__ import annotations

import pytest

from tests.dbt_project.conftest import Warehouse

CHANNELS = [
    ("email", "E-mail", "owned", False, True, "direct"),
    ("sms", "SMS", "owned", False, True, "direct"),
]


def channels(warehouse: Warehouse, *rows: tuple[object, ...]) -> str:
    """Let marts.dim_channel have those rows; what its key test says of them."""
    warehouse.sql("create schema if not exists marts")
    warehouse.sql("""
        create or replace table marts.dim_channel (
            channel text, channel_name text, channel_group text, is_paid boolean,
            is_online boolean, directness text
        )
    """)
    for row in rows:
        warehouse.sql("insert into marts.dim_channel values (?, ?, ?, ?, ?, ?)", row)
    try:
        warehouse.dbt("test", "--select", "primary_key_dim_channel")
    except AssertionError as failed:
        return str(failed)
    return ""


def test_keys_that_are_there_once_and_whole_rows_are_well(warehouse: Warehouse) -> None:
    assert channels(warehouse, *CHANNELS) == ""


@pytest.mark.parametrize(
    ("wrong", "keys"),
    [
        ([("email", "E-mail", "owned", False, True, "direct")], 1),
        ([(None, "E-mail", "owned", False, True, "direct")], 1),
        ([("post", "Mail", "owned", None, True, "direct")], 1),
        (
            [
                ("post", None, "owned", False, True, None),
                ("sms", "SMS", None, False, True, "direct"),
            ],
            2,
        ),
    ],
    ids=["a key twice", "no key", "a null beside the key", "nulls and a key twice"],
)
def test_each_wrong_key_is_a_failure(
    warehouse: Warehouse, wrong: list[tuple[object, ...]], keys: int
) -> None:
    assert f"Got {keys} result" in channels(warehouse, *CHANNELS, *wrong)
