"""From a dropped file to staging: how values are read, and what becomes of later deliveries."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.files.conftest import HEADER, LINE, SHOP
from tests.connectors.files.nights import Nights
from tests.dbt_project.conftest import Row

OFFLINE = Path(__file__).parents[3] / "connectors/files/templates/offline_activity.yml"


def awkward_rows(count: int) -> list[list[str]]:
    """Values that hold everything a value may hold."""
    chance = random.Random(7)
    pieces = ["", "a", '"', '""', ",", ";", "\n", "\r\n", "é", "'", "|", "\t", "{", "0", " x "]
    rows = []
    for number in range(count):
        text = "".join(chance.choices(pieces, k=chance.randint(0, 6)))
        rows.append([str(number + 1), "2026-01-05 10:00:00", text, "1", "1", text])
    return rows


def as_csv(rows: list[list[str]], **how: Any) -> str:
    target = io.StringIO()
    csv.writer(target, **how).writerows(rows)
    return target.getvalue()


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    nights = Nights(tmp_path_factory.mktemp("nights"))
    nights.warehouse.dbt("seed", "--select", "channels")
    return nights


@pytest.fixture(scope="module")
def first(nights: Nights) -> Nights:
    """The first night: a feed for each thing that may be declared."""
    drop = nights.drop
    awkward = awkward_rows(400)
    names = [HEADER.strip().split(",")]
    drop.declare("awkward")
    drop.write(as_csv(names + awkward), "crlf.csv", "awkward")
    drop.declare("semicolons", delimiter=";")
    drop.write(as_csv(names + awkward, delimiter=";", lineterminator="\n"), "a.csv", "semicolons")
    drop.declare("tabs", delimiter="\t", header=False, accept_copies=True)
    drop.write(as_csv(awkward, delimiter="\t", quoting=csv.QUOTE_ALL), "a.tsv", "tabs")

    drop.declare("bad_values")
    drop.write(
        HEADER
        + LINE
        + LINE.replace("2,3.50", "two,3.50")
        + LINE.replace("3.50", "3.50001")
        + LINE.replace("2026-01-05", "05/01/2026")
        + LINE.replace("1,2026", ",2026")
        + LINE.replace("3.50", "")
        + LINE.replace("2026-01-05 10:00:00", "infinity")
        + LINE.replace("2026-01-05", "0026-01-05"),
        feed="bad_values",
    )
    drop.write(HEADER + "1,2", "cut.csv", "bad_values")

    drop.declare(
        "german",
        dates="day_first",
        decimal=",",
        thousands=".",
        delimiter=";",
        time_zone="Europe/Berlin",
        nulls=["", "k.A."],
    )
    drop.write(
        HEADER.replace(",", ";")
        + "1;05.07.2026 10:00;Tasse;1.000,5;3,50;\n"
        + "2;5.1.2026 10:00:30;k.A.;2;3.50;\n"
        + "3;5.1.2026;Tasse;-1;1.234.567,25;\n"
        + "4;5.1.2026;Tasse;1;12.34,5;\n",
        feed="german",
    )
    drop.declare("american", dates="month_first", time_zone="America/New_York")
    drop.write(HEADER + LINE.replace("2026-01-05 10:00:00", "7/4/2026 1:05 PM"), feed="american")
    drop.declare("compact", dates="compact")
    drop.write(HEADER + LINE.replace("2026-01-05 10:00:00", "20260704130501"), feed="compact")
    drop.declare("unix", dates="unix_seconds")
    drop.write(HEADER + LINE.replace("2026-01-05 10:00:00", "1767607200"), feed="unix")
    drop.declare("offsets", time_zone="Asia/Tokyo")
    drop.write(
        HEADER
        + LINE.replace("10:00:00", "10:00:00+02:00")
        + LINE.replace(" 10:00:00", "T10:00:00Z")
        + LINE.replace("10:00:00", "10:00"),
        feed="offsets",
    )

    customer = {"name": "note", "to": "customer_number", "type": "integer"}
    drop.declare("customers", columns=[*SHOP["columns"][:5], customer])
    drop.write(
        HEADER
        + "".join(LINE.replace(",\n", f",{who}\n") for who in ("17850.0", "17850", "", "x1")),
        feed="customers",
    )
    drop.declare("json", format="jsonl")
    drop.write(
        "".join(
            json.dumps(row) + "\n"
            for row in (
                {
                    "no": 1,
                    "at": "2026-01-05T10:00:00Z",
                    "what": 'Mug "red",\nbig',
                    "qty": 2,
                    "price": 3.5,
                },
                {"price": 1, "qty": "1", "no": "2", "at": "2026-01-05T10:00:00Z", "note": {"a": 1}},
            )
        ),
        "a.jsonl",
        "json",
    )
    drop.declare("returns", returns={"column": "no", "starts_with": "C"})
    drop.write(
        HEADER
        + LINE
        + LINE.replace("1,", "C2,", 1).replace(",2,", ",-2,")
        + LINE.replace(",2,", ",-2,"),
        feed="returns",
    )
    drop.declare("till")
    drop.write(HEADER + LINE * 3 + LINE.replace("1,", "2,", 1), feed="till")
    drop.declare("keyed", key=["no", "what"])
    drop.write(HEADER + LINE + LINE.replace("1,", "2,", 1), "mon.csv", "keyed")

    (drop.folder / "agency").mkdir()
    (drop.folder / "agency" / "feed.yml").write_text(OFFLINE.read_text())
    drop.write(
        (
            "Campaign;Medium;Region;Week of;Placement;Cost;Contacts;Insertions;Comment\n"
            "Spring;Print;Bayern;04.03.2026;Süddeutsche;12.500,00;350.000;2;\n"
            "Spring;radio;Bayern;02.03.2026;;n/a;1.000;7;late\n"
        ).encode("cp1252"),
        "w10.csv",
        "agency",
    )
    nights.run()
    return nights


@pytest.mark.parametrize("feed", ["awkward", "semicolons", "tabs"])
def test_values_are_split_as_csv_has_it(first: Nights, feed: str) -> None:
    expected = [(row[0], row[2].strip(" ") or None) for row in awkward_rows(400)]
    found = [(row["order_id"], row["product_name"]) for row in first.base(feed)]
    assert found == expected


def test_what_does_not_cast_goes_to_quarantine_with_its_reason_and_its_text(first: Nights) -> None:
    reasons = {row["row_number"]: row["quarantine_reason"] for row in first.base("bad_values")}
    held_back = reasons.pop(None)
    assert held_back.startswith("file: bad_values/cut.csv: line 2: 2 values, not 6")
    assert reasons == {
        1: None,
        2: 'quantity: cannot read "two" as decimal',
        3: 'unit_price_amount: cannot read "3.50001" as decimal',
        4: 'ordered_at: cannot read "05/01/2026 10:00:00" as timestamp',
        5: "order_id: missing",
        6: "unit_price_amount or net_amount: missing",
        7: 'ordered_at: cannot read "infinity" as timestamp',
        8: 'ordered_at: cannot read "0026-01-05 10:00:00" as timestamp',
    }
    raw = [row["raw"] for row in first.base("bad_values")]
    assert raw[:2] == [None, LINE.replace("2,3.50", "two,3.50").strip()]
    assert [line["row_number"] for line in first.lines("bad_values")] == [1]


def test_german_numbers_and_days_are_read_as_declared(first: Nights) -> None:
    rows = first.base("german")
    assert [row["quarantine_reason"] for row in rows] == [
        None,
        'unit_price_amount: cannot read "3.50" as decimal',
        None,
        'unit_price_amount: cannot read "12.34,5" as decimal',
    ]
    assert [row["quantity"] for row in rows[:3]] == [Decimal("1000.5"), 2, -1]
    assert rows[0]["ordered_at"] == datetime(2026, 7, 5, 8)
    assert rows[2]["ordered_at"] == datetime(2026, 1, 4, 23)
    assert rows[2]["unit_price_amount"] == Decimal("1234567.25")
    assert rows[1]["product_name"] is None


@pytest.mark.parametrize(
    ("feed", "moments"),
    [
        ("american", [datetime(2026, 7, 4, 17, 5)]),
        ("compact", [datetime(2026, 7, 4, 13, 5, 1)]),
        ("unix", [datetime(2026, 1, 5, 10)]),
        ("offsets", [datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 10), datetime(2026, 1, 5, 1)]),
    ],
)
def test_moments_become_utc_by_the_declared_zone(
    first: Nights, feed: str, moments: list[datetime]
) -> None:
    assert [row["ordered_at"] for row in first.base(feed)] == moments


def test_a_number_that_a_spreadsheet_made_of_an_id_is_the_id(first: Nights) -> None:
    rows = first.base("customers")
    assert [row["customer_number"] for row in rows] == ["17850", "17850", None, None]
    assert rows[3]["quarantine_reason"] == 'customer_number: cannot read "x1" as text'
    (order,) = first.orders("customers")
    assert order["identifier_value"] == "customers:17850"


def test_json_lines_are_read_by_name(first: Nights) -> None:
    rows = first.base("json")
    assert [row["quarantine_reason"] for row in rows] == [None, None]
    assert [(row["order_id"], row["quantity"]) for row in rows] == [("1", 2), ("2", 1)]
    assert rows[0]["product_name"] == 'Mug "red",\nbig'


def test_returns_are_what_the_feed_declares(first: Nights) -> None:
    assert [line["is_return"] for line in first.lines("returns")] == [False, True, False]
    assert {order["order_id"]: order["is_refund"] for order in first.orders("returns")} == {
        "returns:1": False,
        "returns:C2": True,
    }


def test_equal_lines_are_lines_of_their_own(first: Nights) -> None:
    assert len(first.lines("till")) == 4
    assert [order["net_amount"] for order in first.orders("till")] == [21, 7]


def test_offline_activity_reaches_staging(first: Nights) -> None:
    rows = first.warehouse.sql("select * from staging.stg_files__offline_activity")
    assert len(rows) == 1
    assert rows[0]["week_start_date"] == date(2026, 3, 2)
    assert rows[0]["channel_group"] == "print"
    assert rows[0]["placement_name"] == "Süddeutsche"
    assert (rows[0]["spend_amount"], rows[0]["audience"]) == (12500, 350000)
    (bad,) = [row for row in first.base("agency", "offline_activity") if row["quarantine_reason"]]
    assert bad["quarantine_reason"] == "spend_amount: missing"


@pytest.fixture(scope="module")
def second(first: Nights) -> Nights:
    """The next night: corrections of what came before."""
    drop = first.drop
    drop.write(HEADER + LINE * 2, feed="till")
    drop.write(HEADER + LINE.replace("3.50", "9"), "tue.csv", "keyed")
    drop.write(HEADER, feed="returns")
    first.run()
    return first


def test_a_corrected_file_takes_the_place_of_the_old_one(second: Nights) -> None:
    assert len(second.lines("till")) == 2
    orders = {order["order_id"]: order for order in second.orders("till")}
    assert orders["till:1"]["net_amount"] == 14
    assert orders["till:1"]["is_final"]


def test_an_order_that_a_correction_takes_out_is_final_no_more(second: Nights) -> None:
    (gone,) = [order for order in second.orders("till") if order["order_id"] == "till:2"]
    assert not gone["is_final"]
    assert gone["net_amount"] == 0


def test_with_a_key_a_later_file_corrects_rows_of_an_earlier_one(second: Nights) -> None:
    assert [(line["file_name"], line["unit_price_amount"]) for line in second.lines("keyed")] == [
        ("mon.csv", Decimal("3.5")),
        ("tue.csv", Decimal("9")),
    ]


def test_an_empty_delivery_deletes_nothing(second: Nights) -> None:
    assert len(second.lines("returns")) == 3


def test_a_held_back_load_changes_nothing_until_it_is_released(second: Nights) -> None:
    second.drop.write(HEADER + LINE.replace("3.50", "1000"), feed="american")
    second.run(verdict="held")
    assert [line["unit_price_amount"] for line in second.lines("american")] == [Decimal("3.5")]
    second.warehouse.sql("update ops.loads set status = 'accepted' where status = 'held'")
    second.run()
    assert second.base("american")[-1]["quarantine_reason"] is not None


def test_a_full_rebuild_gives_the_same(second: Nights) -> None:
    def everything() -> list[list[Row]]:
        return [
            second.warehouse.sql(f"select * from {table} order by all")
            for table in (
                "staging.stg_files__order_lines",
                "staging.stg_files__offline_activity",
                "intermediate.int_orders__files",
            )
        ]

    before = everything()
    second.run("--full-refresh")
    assert everything() == before
