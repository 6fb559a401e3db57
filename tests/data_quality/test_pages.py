from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from data_quality.pages import landed_rows
from data_quality.suite import Pages
from tests.data_quality.conftest import Night


def read(night: Night, pages: Pages, *bodies: str | None, **fields: str) -> list[tuple[Any, ...]]:
    night.land("klaviyo", "events", list(bodies))
    (load,) = night.register()
    names = ", ".join(["is_readable", "landed_key", "landed_at", *fields])
    order = "order by page_index, row_index"
    return night.con.execute(
        f"select {names} from ({landed_rows(pages, fields)}) {order}", [load.files]
    ).fetchall()


def test_rows_are_read_with_key_and_time_in_utc(night: Night) -> None:
    pages = Pages(day="attributes.datetime")
    body = '{"data": [{"id": "1", "attributes": {"datetime": "2026-01-05T02:00:00+03:00"}}]}'

    ((is_readable, key, moment),) = read(night, pages, body)

    assert (is_readable, key) == (True, "1")
    assert f"{moment}" == "2026-01-04 23:00:00"


def test_a_row_without_its_key_is_there_without_one(night: Night) -> None:
    pages = Pages(key=("ad_id", "date_start"))

    rows = read(night, pages, '{"data": [{"ad_id": "1"}, {"ad_id": "1", "date_start": "x"}]}')

    assert [row[1] for row in rows] == [None, "1|x"]


def test_further_fields_are_read_as_text_whatever_they_are(night: Night) -> None:
    body = '{"data": [{"id": 7, "money": {"amount": 250}, "list": [{"a": 1}]}]}'

    (row,) = read(night, Pages(), body, amount="money.amount", list="list")

    assert row[1] == "7"
    assert (row[3], row[4].replace(" ", "")) == ("250", '[{"a":1}]')


@pytest.mark.parametrize(
    ("pages", "body", "readable"),
    [
        (Pages(), '{"data": []}', []),
        (Pages(), "{}", [False]),
        (Pages(), "[]", [False]),
        (Pages(), "half a pa", [False]),
        (Pages(), '{"data": {"id": 1}}', [False]),
        (Pages(rows_required=False), "{}", []),
        (Pages(rows_required=False), "[]", [False]),
        (Pages(rows_required=False), "half a pa", [False]),
        (Pages(rows=None), '{"id": "1"}', [True]),
        (Pages(rows=None), "no", [False]),
    ],
)
def test_a_page_is_empty_or_no_page_at_all(night: Night, pages: Pages, body, readable) -> None:
    assert [row[0] for row in read(night, pages, body)] == readable


def test_lines_of_text_are_rows_and_empty_lines_are_none(night: Night) -> None:
    pages = Pages(form="tsv", rows=None, key=("2",), day="1")

    rows = read(night, pages, "2026-01-05 01:02:03.4\te1\tx\n\n\te2\t\r\n", "", None, third="3")

    assert [(row[1], row[3]) for row in rows] == [("e1", "x"), ("e2", "\r")]
    assert f"{rows[0][2]}" == "2026-01-05 01:02:03.400000"


def test_a_row_has_its_load_and_place(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ['{"data": [{"id": 1}, {"id": 2}]}'] * 2)
    (load,) = night.register()

    rows = night.con.execute(
        f"select load_id, page_index, row_index from ({landed_rows(Pages())}) order by all",
        [load.files],
    ).fetchall()

    assert rows == [(load_id, page, row) for page in (0, 1) for row in (1, 2)]


def test_the_query_reads_no_more_of_a_page_than_it_must() -> None:
    query = landed_rows(Pages(key=("a.b", "a.c"), day="d"))

    assert '{"data": [{"a": {"b": "VARCHAR", "c": "VARCHAR"}, "d": "VARCHAR"}]}' in query


TABLE = Pages(
    rows="rows",
    rows_required=False,
    key=("request:/x/([0-9]+)", "date", "source"),
    day="date",
    time="basic_date",
    columns={"dimensionHeaders": "dimensionValues", "metricHeaders": "metricValues"},
)


def table(names: list[str], *rows: list[str]) -> str:
    """A page whose rows are lists of values, the last of them a metric."""
    *dimensions, metric = names
    return json.dumps(
        {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": metric}],
            "rows": [
                {
                    "dimensionValues": [{"value": value} for value in row[:-1]],
                    "metricValues": [{"value": row[-1]}],
                }
                for row in rows
            ],
        }
    )


def test_values_are_found_by_the_names_of_their_columns(night: Night) -> None:
    pages = replace(TABLE, key=("date", "source"))
    forth = table(["date", "source", "sessions"], ["20260105", "google", "7"])
    back = table(["source", "date", "sessions"], ["google", "20260105", "7"])

    rows = read(night, pages, forth, back, "{}", '{"rows": [1]}', visits="sessions")

    assert [(row[0], row[1], row[3]) for row in rows] == [
        (True, "2026-01-05|google", "7"),
        (True, "2026-01-05|google", "7"),
        (True, None, None),
    ]
    assert f"{rows[0][2]}" == "2026-01-05 00:00:00"


def test_a_row_of_fewer_values_than_columns_makes_no_page(night: Night) -> None:
    body = table(["date", "source", "sessions"], ["20260105", "7"])

    ((is_readable, *_),) = read(night, replace(TABLE, rows_required=True), body)

    assert not is_readable


def test_a_part_of_the_key_may_stand_in_the_question(night: Night) -> None:
    pages = replace(TABLE, key=("request:^(GET|POST)", "date"))

    ((_, key, _),) = read(night, pages, table(["date", "sessions"], ["20260105", "7"]))

    assert key == "GET|2026-01-05"


def test_a_row_that_is_a_list_itself_is_read_by_the_names_of_its_columns(night: Night) -> None:
    pages = Pages(
        rows="rows",
        rows_required=False,
        key=("video", "day"),
        day="day",
        columns={"columnHeaders": ""},
    )
    headers = [{"name": name} for name in ("day", "views", "video")]
    body = json.dumps({"columnHeaders": headers, "rows": [["2026-01-05", 7, "a"]]})
    ragged = json.dumps({"columnHeaders": headers, "rows": [["2026-01-05", 7]]})

    empty = json.dumps({"columnHeaders": headers})
    rows = read(night, pages, body, empty, ragged, "half a pa", seen="views")

    assert [(row[0], row[1], row[3]) for row in rows] == [
        (True, "a|2026-01-05", "7"),
        (False, None, None),
        (False, None, None),
    ]
    assert f"{rows[0][2]}" == "2026-01-05 00:00:00"
