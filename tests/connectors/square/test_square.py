"""Square's connector against the sandbox's Square, whose truth is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

import sandbox
from connectors.landing import extract
from connectors.square import VERSION
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, landed_rows, landed_table, midnight_of


def known(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Truth that the vendor shows when it is pulled, three hours after the window's end."""
    pull = END + timedelta(hours=3)
    return [row for row in rows if row["known_at"].replace(tzinfo=UTC) <= pull]  # type: ignore[attr-defined]


class TestTruth:
    def test_every_order_lands_once_to_the_cent(self, vendor_side: sandbox.Running) -> None:
        extract("square", "orders", START, END)
        rows = landed_rows("square", "orders", "orders")
        truth = {row["order_id"]: row for row in known(vendor_side.truth("purchase").to_pylist())}
        assert sorted(row["id"] for row in rows) == sorted(truth)
        sales = [row for row in rows if not truth[row["id"]]["is_return"]]
        assert len(sales) > 50
        for row in sales:
            assert row["total_money"]["amount"] == truth[row["id"]]["net_cents"]

    def test_payments_of_every_location_land(self, vendor_side: sandbox.Running) -> None:
        extract("square", "payments", START, END)
        rows = landed_rows("square", "payments", "payments")
        truth = {row["payment_id"]: row for row in known(vendor_side.truth("payment").to_pylist())}
        assert {row["id"]: row["amount_money"]["amount"] for row in rows} == {
            name: row["cents"] for name, row in truth.items()
        }
        assert len(rows) == len(truth)
        assert len({row["location_id"] for row in rows}) > 1

    @pytest.mark.parametrize(
        ("stream", "rows", "table", "key"),
        [
            ("refunds", "refunds", "refund", "refund_id"),
            ("locations", "locations", "location", "location_id"),
        ],
    )
    def test_small_streams_land_whole(
        self, vendor_side: sandbox.Running, stream: str, rows: str, table: str, key: str
    ) -> None:
        extract("square", stream, START, END)
        found = [row["id"] for row in landed_rows("square", stream, rows)]
        assert sorted(found) == sorted(row[key] for row in vendor_side.truth(table).to_pylist())
        assert found

    def test_every_customer_lands_once(self, vendor_side: sandbox.Running) -> None:
        extract("square", "customers", START, END)
        found = [row["id"] for row in landed_rows("square", "customers", "customers")]
        truth = {
            row["square_customer_id"]
            for row in vendor_side.truth("person").to_pylist()
            if row["square_customer_id"] and row["updated_at"].replace(tzinfo=UTC) < END
        }
        second = {
            row["customer_id"]
            for row in vendor_side.truth("square_duplicate").to_pylist()
            if row["known_at"].replace(tzinfo=UTC) < END
        }
        assert second
        assert sorted(found) == sorted(truth | second)

    def test_the_catalog_holds_every_variation_and_its_category(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("square", "catalog", START, END)
        objects = landed_rows("square", "catalog", "objects")
        items = [each for each in objects if each["type"] == "ITEM"]
        found = {one["id"] for item in items for one in item["item_data"]["variations"]}
        truth = vendor_side.truth("product").to_pylist()
        assert found == {row["variation_id"] for row in truth}
        names = {each["category_data"]["name"] for each in objects if each["type"] == "CATEGORY"}
        assert names == {row["category_name"] for row in truth}

    def test_a_payment_given_back_between_the_nights_end_and_the_pull_is_not_lost(
        self, vendor_side: sandbox.Running
    ) -> None:
        """Its older version, of the window, is gone by then; the newer one lies beyond."""
        payments = {
            row["payment_id"]: row for row in known(vendor_side.truth("payment").to_pylist())
        }
        given_back = {
            row["payment_id"]: max(row["known_at"], payments[row["payment_id"]]["known_at"])
            for row in known(vendor_side.truth("refund").to_pylist())
        }
        end = midnight_of(max(given_back.values()))
        between = {
            name
            for name, at in given_back.items()
            if payments[name]["known_at"].replace(tzinfo=UTC) < end <= at.replace(tzinfo=UTC)
        }
        assert between
        extract("square", "payments", START, end)
        landed = landed_rows("square", "payments", "payments")
        assert between <= {row["id"] for row in landed if "refund_ids" in row}

    def test_a_quiet_night_is_a_page_without_rows(self, vendor_side: sandbox.Running) -> None:
        before = START - timedelta(days=400)
        landed = extract("square", "refunds", before, before + timedelta(days=1))
        assert (landed.pages, landed.rows) == (1, 0)


class TestRequests:
    @pytest.fixture(autouse=True)
    def _server(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__SQUARE__BASE_URL", server.url)
        monkeypatch.setenv("SOURCES__SQUARE__ACCESS_TOKEN", "EAAA-of-the-test")
        self.server = server

    def answer(self, *bodies: object) -> None:
        self.server.script.extend(Answer(body=json.dumps(body).encode()) for body in bodies)

    def places(self, count: int) -> dict[str, object]:
        return {"locations": [{"id": f"L{number}"} for number in range(count)]}

    def test_orders_are_searched_by_ten_locations_and_sorted_as_they_are_filtered(
        self, night: tuple[datetime, datetime]
    ) -> None:
        self.answer(self.places(23), {}, {}, {})
        extract("square", "orders", *night)
        bodies = [json.loads(seen.body) for seen in self.server.seen[1:]]
        assert [len(body["location_ids"]) for body in bodies] == [10, 10, 3]
        assert bodies[0]["query"] == {
            "filter": {
                "date_time_filter": {
                    "updated_at": {
                        "start_at": "2026-01-10T00:00:00Z",
                        "end_at": "2026-01-12T00:00:00Z",
                    }
                }
            },
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        }

    def test_a_cursor_goes_with_the_same_body(self, night: tuple[datetime, datetime]) -> None:
        self.answer(self.places(1), {"orders": [], "cursor": "next"}, {"orders": []})
        extract("square", "orders", *night)
        first, second = (json.loads(seen.body) for seen in self.server.seen[1:])
        assert second == first | {"cursor": "next"}

    def test_payments_are_asked_for_by_location_and_a_year_at_most(self) -> None:
        self.answer(self.places(2), {}, {}, {}, {})
        extract("square", "payments", START, START + timedelta(days=400))
        queries = [parse_qs(urlsplit(seen.path).query) for seen in self.server.seen[1:]]
        assert [query["location_id"] for query in queries] == [["L0"], ["L0"], ["L1"], ["L1"]]
        assert queries[0]["updated_at_begin_time"] == ["2026-01-01T00:00:00Z"]
        assert queries[0]["updated_at_end_time"] == queries[1]["updated_at_begin_time"]
        assert queries[1]["updated_at_end_time"] == ["2027-02-06T00:00:00Z"]

    def test_the_version_goes_with_every_request(self) -> None:
        self.answer(self.places(1))
        extract("square", "locations", START, END)
        assert self.server.seen[0].headers["square-version"] == VERSION
        assert self.server.seen[0].headers["authorization"] == "Bearer EAAA-of-the-test"

    def test_rows_under_another_name_are_no_empty_page(self) -> None:
        self.answer(*[{"order": [{"id": "1"}]}] * 3)
        with pytest.raises(ConnectorError, match="a page without 'locations'"):
            extract("square", "locations", START, END)

    def test_an_expired_cursor_starts_again(self, night: tuple[datetime, datetime]) -> None:
        error = {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "INVALID_CURSOR"}]}
        self.answer({"refunds": [{"id": "1"}], "cursor": "old"})
        self.server.script.append(Answer(400, json.dumps(error).encode()))
        self.answer({"refunds": [{"id": "1"}], "cursor": "new"}, {"refunds": [{"id": "2"}]})
        assert extract("square", "refunds", *night).restarts == 1
        requests = landed_table("square", "refunds")["request"].to_pylist()
        assert ["cursor=new" in request for request in requests] == [False, False, True]


def test_a_wrong_token_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SQUARE__ACCESS_TOKEN", "wrong")
    with pytest.raises(ConnectorError, match="UNAUTHORIZED") as caught:
        extract("square", "orders", START, END)
    assert caught.value.status == 401
    assert "renew this vendor's credential" in str(caught.value)


@pytest.mark.parametrize("fault", ["error", "truncated", "html_200", "reset", "rate_limit"])
def test_passing_faults_of_any_kind_lose_nothing(vendor_side: sandbox.Running, fault: str) -> None:
    vendor_side.fault("square", "orders", fault, times=2)
    extract("square", "orders", START, END)
    found = {row["id"] for row in landed_rows("square", "orders", "orders")}
    assert found == {row["order_id"] for row in known(vendor_side.truth("purchase").to_pylist())}
