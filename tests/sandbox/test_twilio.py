"""Twilio's side of the sandbox: paging, what is visible when, and what it refuses."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running
from sandbox.twilio_rows import ACCOUNT
from tests.sandbox.asking import at, good

LIST = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
USAGE = f"/2010-04-01/Accounts/{ACCOUNT}/Usage/Records/Daily.json"
KEY = (ACCOUNT, "sandbox-auth-token")


def ask(shop: Running, path: str, auth: tuple[str, str] = KEY, **query: Any) -> requests.Response:
    names = {"after": "DateSent>", "before": "DateSent<"}
    return requests.get(
        f"http://127.0.0.1:{shop.port}/twilio{path}",
        params={names.get(name, name): text for name, text in query.items()},
        auth=auth,
        timeout=30,
    )


def all_messages(shop: Running, **query: Any) -> list[dict[str, Any]]:
    page = good(ask(shop, LIST, **query))
    rows = page["messages"]
    while page["next_page_uri"]:
        page = good(ask(shop, page["next_page_uri"]))
        rows += page["messages"]
    return list(rows)


def test_pages_show_every_message_once_newest_first(shop: Running) -> None:
    rows = all_messages(shop, PageSize=17)
    truth = shop.truth("twilio_message").to_pylist()
    assert len(rows) == len(truth) > 100
    assert {row["sid"] for row in rows} == {row["message_sid"] for row in truth}
    times = [datetime.strptime(row["date_sent"], "%a, %d %b %Y %H:%M:%S %z") for row in rows]
    assert times == sorted(times, reverse=True)


def test_a_date_stands_for_its_whole_day_on_both_ends(shop: Running) -> None:
    rows = all_messages(shop, after="2026-01-05", before="2026-01-08")
    days = {row["date_sent"][5:16] for row in rows}
    expected = {
        f"{row['sent_at']:%d %b %Y}"
        for row in shop.truth("twilio_message").to_pylist()
        if "2026-01-05" <= f"{row['sent_at']:%Y-%m-%d}" <= "2026-01-08"
    }
    assert days == expected != set()


def test_a_message_is_sent_then_received_then_billed(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-10T00:00:00") as early:
        now = early.now.replace(tzinfo=None)
        late = next(
            row
            for row in early.world.truth("twilio_message").to_pylist()
            if row["outcome"] == "delivered"
            and now < row["sent_at"] < row["outcome_at"] < row["billed_at"]
        )
        told = []
        for moment in (late["sent_at"], late["outcome_at"], late["billed_at"]):
            early.set_clock(moment)
            rows = {row["sid"]: row for row in all_messages(early, PageSize=1000)}
            told.append((rows[late["message_sid"]]["status"], rows[late["message_sid"]]["price"]))
    assert told == [("sent", None), ("delivered", None), ("delivered", f"-{late['price']}")]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"PageSize": 1001}, "PageSize must be between"),
        ({"PageSize": 0}, "PageSize must be between"),
        ({"Page": 1}, "follow next_page_uri"),
        ({"DateSentAfter": "2026-01-01"}, "unknown parameter DateSentAfter"),
        ({"after": "yesterday"}, "no date"),
        ({"after": "2026-01-05T00:00:00+01:00"}, "no date or moment in GMT"),
        ({"before": "2026-01-05T00:00:00.5Z"}, "no date or moment in GMT"),
        ({"Page": 1, "PageToken": "PAnone"}, "Invalid page token"),
    ],
)
def test_what_twilio_refuses_is_refused(shop: Running, query: dict[str, Any], says: str) -> None:
    answer = ask(shop, LIST, **query)
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


def test_a_token_goes_with_its_own_question_only(shop: Running) -> None:
    onward = good(ask(shop, LIST, PageSize=5))["next_page_uri"]
    assert ask(shop, onward.replace("PageSize=5", "PageSize=6")).status_code == 400


@pytest.mark.parametrize("auth", [(ACCOUNT, "wrong"), ("somebody", "token")])
def test_a_wrong_credential_is_refused(shop: Running, auth: tuple[str, str]) -> None:
    answer = ask(shop, LIST, auth)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_another_account_is_not_found(shop: Running) -> None:
    assert ask(shop, LIST.replace(ACCOUNT, "AC" + "9" * 32)).json()["code"] == 20404


def test_services_are_on_a_host_of_their_own(shop: Running) -> None:
    there = shop.environment["SOURCES__TWILIO__MESSAGING_BASE_URL"]
    assert there != shop.environment["SOURCES__TWILIO__BASE_URL"]
    found = requests.get(f"{there}/v1/Services", auth=KEY, timeout=30)
    assert good(found)["services"]
    assert ask(shop, "/v1/Services").status_code == 404


def test_usage_names_days_and_its_categories_add_up(shop: Running) -> None:
    rows = good(ask(shop, USAGE, StartDate="2026-01-05", EndDate="2026-01-06", PageSize=100))
    by_day: dict[str, dict[str, float]] = {}
    for row in rows["usage_records"]:
        assert row["start_date"] == row["end_date"]
        by_day.setdefault(row["start_date"], {})[row["category"]] = row["price"]
    assert set(by_day) == {"2026-01-05", "2026-01-06"}
    for prices in by_day.values():
        assert prices["sms"] == pytest.approx(prices["sms-inbound"] + prices["sms-outbound"])
        assert prices["totalprice"] == pytest.approx(prices["sms"])
    assert ask(shop, USAGE, StartDate="5 January").status_code == 400
