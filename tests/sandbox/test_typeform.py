"""Typeform's side of the sandbox: pages before a token, what it refuses, what is visible when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running
from tests.sandbox.asking import at, get, good


def ask(shop: Running, path: str, **query: str) -> requests.Response:
    return get(shop, f"/typeform/forms{path}", query)


def a_form(shop: Running) -> str:
    return str(good(ask(shop, ""))["items"][0]["id"])


def rows(shop: Running, form: str, size: int, **query: str) -> list[Any]:
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        page = good(ask(shop, f"/{form}/responses", page_size=str(size), **token, **query))
        found += page["items"]
        if len(page["items"]) < size:
            return found
        token = {"before": page["items"][-1]["token"]}


def test_pages_before_a_token_show_every_response_once_newest_first(shop: Running) -> None:
    form = a_form(shop)
    found = rows(shop, form, 7)
    times = [row["submitted_at"] for row in found]
    assert times == sorted(times, reverse=True)
    truth = shop.truth("typeform_response").to_pylist()
    expected = [row["response_id"] for row in truth if row["form_id"] == form]
    assert sorted(row["response_id"] for row in found) == sorted(expected)
    assert len(found) > 30


def test_a_page_holds_25_responses_unless_more_are_asked_for(shop: Running) -> None:
    page = good(ask(shop, f"/{a_form(shop)}/responses"))
    assert len(page["items"]) == 25 < page["total_items"]


def test_since_and_until_include_their_moment(shop: Running) -> None:
    form = a_form(shop)
    middle = rows(shop, form, 100)[9]["submitted_at"]
    found = rows(shop, form, 100, since=middle, until=middle)
    assert {row["submitted_at"] for row in found} == {middle}


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": "1001"},
        {"page_size": "0"},
        {"since": "yesterday"},
        {"sort": "submitted_at,asc"},
        {"before": "none"},
        {"before": "a", "after": "b"},
    ],
)
def test_wrong_parameters_are_refused(shop: Running, query: dict[str, str]) -> None:
    answer = ask(shop, f"/{a_form(shop)}/responses", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_forms_page_by_number_and_unknown_ones_are_not_found(shop: Running) -> None:
    page = good(ask(shop, "", page="2", page_size="2"))
    assert (len(page["items"]), page["page_count"], page["total_items"]) == (1, 2, 3)
    assert ask(shop, "", page_size="201").status_code == 400
    assert ask(shop, "/none").status_code == 404
    assert ask(shop, "/none/responses").status_code == 404


def test_a_wrong_token_is_refused(shop: Running) -> None:
    answer = get(shop, "/typeform/forms", Authorization="Bearer wrong")
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTHENTICATION_FAILED")


def test_the_newest_responses_are_missing_for_a_while(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-12T18:00") as shop:
        forms = [form["id"] for form in good(ask(shop, ""))["items"]]
        told = {row["response_id"] for form in forms for row in rows(shop, form, 100)}
        known = shop.truth("typeform_response").to_pylist()
        every = shop.world.truth("typeform_response").to_pylist()
    assert told == {row["response_id"] for row in known}
    delays = [(row["known_at"] - row["submitted_at"]).total_seconds() for row in every]
    assert min(delays) > 0
    assert 1000 < max(delays) < 1800
