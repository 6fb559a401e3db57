"""Mailchimp's side of the sandbox: pages, what it refuses, and what is visible when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running
from tests.sandbox.asking import at


def ask(shop: Running, path: str, key: str = "key-us1", **query: str) -> requests.Response:
    return requests.get(
        f"http://127.0.0.1:{shop.port}/mailchimp/3.0/{path}",
        params=query,
        auth=("anybody", key),
        timeout=30,
    )


def rows(shop: Running, path: str, key: str, count: int = 1000, **query: str) -> Iterator[Any]:
    offset = 0
    while True:
        answer = ask(shop, path, count=str(count), offset=str(offset), **query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page[key]
        offset += count
        if offset >= page["total_items"]:
            return


def a_list(shop: Running) -> str:
    return str(ask(shop, "lists").json()["lists"][0]["id"])


def a_sent_campaign(shop: Running) -> str:
    return str(ask(shop, "campaigns", status="sent").json()["campaigns"][0]["id"])


def test_pages_hold_ten_rows_unless_more_are_asked_for(shop: Running) -> None:
    page = ask(shop, f"lists/{a_list(shop)}/members").json()
    assert len(page["members"]) == 10 < page["total_items"]


def test_paging_shows_every_recipient_once(shop: Running) -> None:
    name = a_sent_campaign(shop)
    found = [row["email_id"] for row in rows(shop, f"reports/{name}/sent-to", "sent_to", 7)]
    truth = shop.truth("mailchimp_message").to_pylist()
    assert sorted(found) == sorted(r["member_id"] for r in truth if r["campaign_id"] == name)


def test_fields_cut_the_answer(shop: Running) -> None:
    page = ask(shop, "campaigns", fields="total_items,campaigns.settings.title").json()
    assert set(page) == {"total_items", "campaigns"}
    assert {tuple(row) for row in page["campaigns"]} == {("settings",)}
    assert {tuple(row["settings"]) for row in page["campaigns"]} == {("title",)}


def test_since_and_before_leave_out_the_moment_itself(shop: Running) -> None:
    path = f"lists/{a_list(shop)}/members"
    every = [row["last_changed"] for row in rows(shop, path, "members", sort_field="last_changed")]
    assert every == sorted(every)
    middle = every[len(every) // 2]
    after = [row["last_changed"] for row in rows(shop, path, "members", since_last_changed=middle)]
    before = [
        row["last_changed"] for row in rows(shop, path, "members", before_last_changed=middle)
    ]
    assert sorted(after) == [moment for moment in every if moment > middle]
    assert sorted(before) == [moment for moment in every if moment < middle]


def test_archived_members_show_only_where_they_are_asked_for(shop: Running) -> None:
    path = f"lists/{a_list(shop)}/members"
    statuses = {row["status"] for row in rows(shop, path, "members")}
    assert statuses == {"subscribed", "unsubscribed", "cleaned"}
    assert {row["status"] for row in rows(shop, path, "members", status="archived")} == {"archived"}


def test_recipients_without_activity_show_only_without_a_time(shop: Running) -> None:
    path = f"reports/{a_sent_campaign(shop)}/email-activity"
    every = list(rows(shop, path, "emails"))
    since = list(rows(shop, path, "emails", since="2026-01-01T00:00:00+00:00"))
    assert [row for row in every if not row["activity"]]
    assert since == [row for row in every if row["activity"]] or sorted(
        row["email_id"] for row in since
    ) == sorted(row["email_id"] for row in every if row["activity"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("lists", {"count": "1001"}),
        ("lists", {"offset": "-1"}),
        ("lists", {"page": "2"}),
        ("campaigns", {"status": "gone"}),
        ("campaigns", {"sort_field": "title"}),
        ("campaigns", {"since_send_time": "2026-01-01"}),
        ("reports", {"sort_field": "send_time"}),
    ],
)
def test_wrong_parameters_are_refused(shop: Running, path: str, query: dict[str, str]) -> None:
    answer = ask(shop, path, **query)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_abuse_reports_do_not_page(shop: Running) -> None:
    path = f"reports/{a_sent_campaign(shop)}/abuse-reports"
    assert ask(shop, path, count="10").status_code == 400


def test_unknown_lists_and_unsent_campaigns_are_not_found(shop: Running) -> None:
    draft = ask(shop, "campaigns", status="save").json()["campaigns"][0]["id"]
    assert ask(shop, "lists/none/members").status_code == 404
    assert ask(shop, f"reports/{draft}/sent-to").status_code == 404


def test_a_wrong_key_is_refused_without_a_word_on_limits(shop: Running) -> None:
    answer = ask(shop, "lists", key="wrong-us1")
    assert (answer.status_code, answer.json()["title"]) == (401, "API Key Invalid")
    good = ask(shop, "lists")
    assert not [name for name in good.headers if "limit" in name.lower()]


def test_a_report_counts_what_is_known_by_now(tmp_path: Path) -> None:
    opens = []
    for hours in ("2026-01-05T12:00", "2026-01-20T12:00"):
        folder = tmp_path / hours[:10]
        folder.mkdir()
        with at(folder, hours) as shop:
            now = datetime.fromisoformat(hours)
            told = {row["id"]: row for row in rows(shop, "reports", "reports")}
            truth = shop.truth("mailchimp_event").to_pylist()
            for name, report in told.items():
                known = [
                    row
                    for row in truth
                    if row["campaign_id"] == name
                    and row["action"] == "open"
                    and row["known_at"] <= now
                ]
                assert report["opens"]["opens_total"] == len(known)
            opens.append(sum(row["opens"]["opens_total"] for row in told.values()))
    assert opens[0] < opens[1]
