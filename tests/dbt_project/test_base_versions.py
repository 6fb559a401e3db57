"""Versions of a row over several nights, with loads accepted, held back, released, discarded.

The story is the same for a stream whose staging is a view and one whose staging is incremental.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.dbt_project import vendor_pages as pages
from tests.dbt_project.conftest import Row, Warehouse


def _profiles(*values: tuple[int, str]) -> Row:
    return {"data": [pages.profile(number, first_name=name) for number, name in values]}


def _payments(*values: tuple[int, str]) -> Row:
    return {"payments": [pages.payment(number, status) for number, status in values]}


PAGES: dict[str, Callable[..., Row]] = {
    "klaviyo.profiles": _profiles,
    "square.payments": _payments,
}
VALUE = {"klaviyo.profiles": "first_name", "square.payments": "payment_status"}
KEY = {"klaviyo.profiles": "profile_id_klaviyo", "square.payments": "payment_id_square"}
MODELS = "base_klaviyo__profiles base_square__payments stg_klaviyo__profiles stg_square__payments"
LAYERS = ["staging.stg_klaviyo__profiles", "staging.stg_square__payments"]


def stored(warehouse: Warehouse, stream: str) -> list[tuple[int, str, str]]:
    """Day of the pull, number and value of each stored version."""
    table = f"base.base_{stream.replace('.', '__')}"
    rows = warehouse.sql(
        f"select day(pulled_at) as day, {KEY[stream]}[-1] as number, {VALUE[stream]} as value"
        f" from {table} order by all"
    )
    return [tuple(row.values()) for row in rows]


def current(warehouse: Warehouse, stream: str) -> dict[str, tuple[str, int]]:
    """Value and day of the pull of each row that staging shows, by number."""
    rows = warehouse.sql(
        f"select {KEY[stream]}[-1] as number, {VALUE[stream]} as value, day(pulled_at) as day"
        f" from staging.stg_{stream.replace('.', '__')} order by all"
    )
    return {row["number"]: (row["value"], row["day"]) for row in rows}


@pytest.fixture(scope="module")
def story(built: Warehouse) -> dict[str, Any]:
    """What base and staging hold after each night, per stream."""
    seen: dict[str, Any] = {}
    select = ["run", "--select", *MODELS.split()]

    def night(name: str) -> None:
        built.dbt(*select)
        for stream in PAGES:
            seen[f"{name} {stream}"] = (stored(built, stream), current(built, stream))

    held = {}
    for stream, page in PAGES.items():
        built.land(stream, [page((1, "A"), (2, "A"), (3, "A"), (4, "A"))], day=1)
    night("first")
    for stream, page in PAGES.items():
        held[stream] = built.land(
            stream, [page((1, "B"), (2, "A"), (5, "B"))], day=2, status="landed"
        )
        built.land(stream, [page((6, "B"))], day=2, status="landed")
    night("landed")
    for load_id in held.values():
        built.decide(load_id, "held")
    for stream, page in PAGES.items():
        built.land(
            stream,
            [page((1, "A"), (2, "A")), page((3, "B"), (3, "B")), page((3, "B"), (6, "B"))],
            day=3,
        )
    night("held")
    for load_id in held.values():
        built.decide(load_id, "accepted")
    for stream, page in PAGES.items():
        built.land(stream, [page((3, "A"), (4, "A"))], day=4)
        built.land(stream, [page((4, "Z"))], day=5, status="discarded")
    night("released")
    night("idle")
    built.sql("create table main.before_views as select * from staging.stg_klaviyo__profiles")
    built.sql("create table main.before_table as select * from staging.stg_square__payments")
    built.dbt(*select, "--full-refresh")
    for stream in PAGES:
        seen[f"rebuilt {stream}"] = (stored(built, stream), current(built, stream))
    return seen


streams = pytest.mark.parametrize("stream", PAGES)


@streams
def test_loads_not_yet_judged_are_stored_but_not_shown(story: dict[str, Any], stream: str) -> None:
    base, staging = story[f"landed {stream}"]
    assert (2, "1", "B") in base
    assert staging == dict.fromkeys("1234", ("A", 1))


@streams
def test_a_row_that_says_nothing_new_is_not_stored_again(
    story: dict[str, Any], stream: str
) -> None:
    base, _ = story[f"landed {stream}"]
    assert (2, "2", "A") not in base
    base, _ = story[f"held {stream}"]
    assert (3, "2", "A") not in base


@streams
def test_a_row_is_never_compared_with_a_load_that_may_yet_be_discarded(
    story: dict[str, Any], stream: str
) -> None:
    base, staging = story[f"held {stream}"]
    assert (3, "6", "B") in base
    assert staging["6"] == ("B", 3)
    # Day 2 said B, and may be released: only with its own A does day 3 stay right.
    assert (3, "1", "A") in base
    assert staging["1"] == ("A", 1)


@streams
def test_a_changed_row_is_stored_once_however_often_its_load_repeats_it(
    story: dict[str, Any], stream: str
) -> None:
    base, staging = story[f"held {stream}"]
    assert base.count((3, "3", "B")) == 1
    assert staging["3"] == ("B", 3)


@streams
def test_a_held_load_shows_only_once_it_is_released(story: dict[str, Any], stream: str) -> None:
    assert "5" not in story[f"held {stream}"][1]
    assert story[f"released {stream}"][1]["5"] == ("B", 2)


@streams
def test_a_released_load_does_not_hide_what_came_after_it(
    story: dict[str, Any], stream: str
) -> None:
    assert story[f"released {stream}"][1]["1"] == ("A", 3)


@streams
def test_a_value_that_returns_is_a_third_version(story: dict[str, Any], stream: str) -> None:
    base, staging = story[f"released {stream}"]
    assert [version for version in base if version[1] == "3"] == [
        (1, "3", "A"),
        (3, "3", "B"),
        (4, "3", "A"),
    ]
    assert staging["3"] == ("A", 4)


@streams
def test_a_discarded_load_is_never_read(story: dict[str, Any], stream: str) -> None:
    base, staging = story[f"released {stream}"]
    assert (5, "4", "Z") not in base
    assert staging["4"] == ("A", 1)


@streams
def test_a_run_without_new_loads_changes_nothing(story: dict[str, Any], stream: str) -> None:
    assert story[f"idle {stream}"] == story[f"released {stream}"]


@streams
def test_a_full_refresh_shows_what_the_nights_showed(story: dict[str, Any], stream: str) -> None:
    assert story[f"rebuilt {stream}"][1] == story[f"idle {stream}"][1]


def test_a_full_refresh_gives_the_same_rows_to_the_last_column(
    story: dict[str, Any], built: Warehouse
) -> None:
    assert story
    for before, after in [("before_views", LAYERS[0]), ("before_table", LAYERS[1])]:
        for left, right in [(f"main.{before}", after), (after, f"main.{before}")]:
            assert built.sql(f"from {left} except all from {right}") == []


def test_a_model_and_its_marks_are_one_transaction(story: dict[str, Any], built: Warehouse) -> None:
    assert story
    built.land("klaviyo.profiles", [_profiles((9, "A"))], day=9)
    built.sql("create table main.marks as from ops.model_loads")
    built.sql("drop table ops.model_loads")
    built.sql(
        "create table ops.model_loads (model text check (model <> 'base_klaviyo__profiles'),"
        " load_id text)"
    )
    built.sql("insert into ops.model_loads from main.marks where model <> 'base_klaviyo__profiles'")
    before = stored(built, "klaviyo.profiles")
    with pytest.raises(AssertionError, match="CHECK constraint"):
        built.dbt("run", "--select", "base_klaviyo__profiles")
    assert stored(built, "klaviyo.profiles") == before
