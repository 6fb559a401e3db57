"""Klaviyo's side of the sandbox: paging, what is visible when, refusals, and the vendor's spec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running
from sandbox.klaviyo_filter import parse_filter
from tests.conformance.proofs import load
from tests.conformance.schemas import Schemas
from tests.worlds import serving

HEADERS = {"Authorization": "Klaviyo-API-Key pk_sandbox", "revision": "2026-07-15"}
EMAIL = "equals(messages.channel,'email')"
SINCE = "greater-or-equal(datetime,2026-01-05T00:00:00Z)"
UNTIL = "less-than(datetime,2026-01-20T00:00:00Z)"


def ask(shop: Running, path: str, headers: dict[str, str] | None = None, **query: str) -> Any:
    names = {"size": "page[size]", "cursor": "page[cursor]", "also": "additional-fields[profile]"}
    return requests.get(
        f"http://127.0.0.1:{shop.port}/klaviyo/api/{path}",
        params={names.get(name, name): text for name, text in query.items()},
        headers=HEADERS if headers is None else headers,
        timeout=30,
    )


def pages(shop: Running, path: str, **query: str) -> Iterator[dict[str, Any]]:
    answer = ask(shop, path, **query)
    while True:
        assert answer.status_code == 200, answer.text
        content = answer.json()
        yield content
        if content["links"]["next"] is None:
            return
        answer = requests.get(content["links"]["next"], headers=HEADERS, timeout=30)


def rows(shop: Running, path: str, **query: str) -> list[dict[str, Any]]:
    return [row for page in pages(shop, path, **query) for row in page["data"]]


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def test_paging_shows_every_event_of_a_window_once_and_in_order(shop: Running) -> None:
    found = rows(shop, "events", filter=f"and({SINCE},{UNTIL})", sort="datetime", size="37")
    times = [naive(row["attributes"]["datetime"]) for row in found]
    expected = {
        event["event_id"]
        for event in shop.truth("message_event").to_pylist()
        if datetime(2026, 1, 5) <= event["occurred_at"] < datetime(2026, 1, 20)
    }
    assert len(found) == len(expected) > 500
    assert {row["id"] for row in found} == expected
    assert times == sorted(times)


def test_the_last_page_may_be_exactly_full(shop: Running) -> None:
    count = len(rows(shop, "campaigns", filter=EMAIL))
    (only,) = pages(shop, "campaigns", filter=EMAIL, size=str(count))
    assert len(only["data"]) == count > 10


def test_descending_order_is_the_ascending_one_reversed(shop: Running) -> None:
    up = rows(shop, "events", filter=UNTIL, sort="datetime", size="100")
    down = rows(shop, "events", filter=UNTIL, sort="-datetime", size="100")
    assert [row["id"] for row in down] == [row["id"] for row in reversed(up)]


def test_events_say_what_the_truth_says(shop: Running) -> None:
    truth = {event["event_id"]: event for event in shop.truth("message_event").to_pylist()}
    names = {row["id"]: row["attributes"]["name"] for row in rows(shop, "metrics")}
    found = rows(shop, "events", size="1000")
    assert {names[row["relationships"]["metric"]["data"]["id"]] for row in found} >= {
        "Received Email",
        "Opened Email",
        "Clicked Email",
        "Bounced Email",
        "Unsubscribed",
    }
    for row in found:
        event, properties = truth[row["id"]], row["attributes"]["event_properties"]
        metric = names[row["relationships"]["metric"]["data"]["id"]]
        assert metric == event["metric_name"]
        assert properties["$message"] == event["message_id"]
        assert properties.get("URL") == event["url"]
        assert row["relationships"]["profile"]["data"]["id"] == event["klaviyo_profile_id"]
        assert (
            row["attributes"]["timestamp"] == event["occurred_at"].replace(tzinfo=UTC).timestamp()
        )
        if metric == "Opened Email":
            assert properties["Apple Privacy Open"] is event["is_machine"]


def test_bounds_of_a_filter_are_inclusive_or_not_as_they_say(shop: Running) -> None:
    moment = rows(shop, "events", size="1000")[500]["attributes"]["datetime"].replace("+00:00", "Z")
    count = {
        operator: len(rows(shop, "events", filter=f"{operator}(datetime,{moment})", size="1000"))
        for operator in ("greater-or-equal", "greater-than", "less-than", "less-or-equal")
    }
    at_it = count["greater-or-equal"] - count["greater-than"]
    assert at_it >= 1
    assert count["less-or-equal"] - count["less-than"] == at_it
    assert count["less-than"] + count["greater-or-equal"] == len(rows(shop, "events", size="1000"))


def test_events_can_be_narrowed_to_a_metric_and_a_profile(shop: Running) -> None:
    metric = next(
        m["id"] for m in rows(shop, "metrics") if m["attributes"]["name"] == "Opened Email"
    )
    opened = rows(shop, "events", filter=f"equals(metric_id,'{metric}')", size="500")
    assert {row["relationships"]["metric"]["data"]["id"] for row in opened} == {metric}
    profile = opened[0]["relationships"]["profile"]["data"]["id"]
    theirs = rows(shop, "events", filter=f'equals(profile_id,"{profile}")', size="2")
    assert len(theirs) > 2
    assert {row["relationships"]["profile"]["data"]["id"] for row in theirs} == {profile}


def test_profiles_are_those_of_the_truth_and_change_when_somebody_leaves(shop: Running) -> None:
    query = {
        "filter": "greater-than(updated,2025-12-31T23:59:59Z)",
        "sort": "updated",
        "size": "100",
        "also": "subscriptions",
    }
    found = rows(shop, "profiles", **query)
    truth = [
        person["klaviyo_profile_id"]
        for person in shop.truth("person").to_pylist()
        if person["klaviyo_profile_id"]
    ]
    assert sorted(row["id"] for row in found) == sorted(truth)
    left = {
        event["klaviyo_profile_id"]
        for event in shop.truth("message_event").to_pylist()
        if event["metric_name"] == "Unsubscribed"
    }
    unsubscribed = {
        row["id"]
        for row in found
        if row["attributes"]["subscriptions"]["email"]["marketing"]["consent"] == "UNSUBSCRIBED"
    }
    assert unsubscribed == left
    assert len(left) > 2


def test_subscriptions_are_shown_only_when_asked_for(shop: Running) -> None:
    assert "subscriptions" not in rows(shop, "profiles", size="100")[0]["attributes"]
    assert "subscriptions" in rows(shop, "profiles", also="subscriptions")[0]["attributes"]


def test_campaigns_bring_their_messages_and_turn_sent(tmp_path: Path) -> None:
    early = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with serving(tmp_path, people=400, days=12, now=early, vendors=["klaviyo"]) as shop:
        (page,) = pages(shop, "campaigns", filter=EMAIL, include="campaign-messages")
        statuses = [row["attributes"]["status"] for row in page["data"]]
        assert set(statuses) == {"Sent", "Scheduled"}
        wanted = {
            row["relationships"]["campaign-messages"]["data"][0]["id"] for row in page["data"]
        }
        assert {message["id"] for message in page["included"]} == wanted
        subjects = {row["subject"] for row in shop.world.truth("email_campaign").to_pylist()}
        for message in page["included"]:
            assert message["attributes"]["definition"]["content"]["subject"] in subjects
        shop.set_clock(early + timedelta(days=30))
        changed = f"{EMAIL},greater-or-equal(updated_at,2026-01-05T12:00:00Z)"
        later = rows(shop, "campaigns", filter=changed)
        assert {row["attributes"]["status"] for row in later} == {"Sent"}
        assert len(later) >= statuses.count("Scheduled")
        assert len(rows(shop, "campaigns", filter=EMAIL)) == 11


def test_an_event_shows_only_once_the_vendor_knows_it(tmp_path: Path) -> None:
    night = datetime(2026, 1, 9, 3, tzinfo=UTC)
    with serving(tmp_path, people=400, days=12, now=night, vendors=["klaviyo"]) as shop:
        before = {row["id"] for row in rows(shop, "events", filter=UNTIL, size="1000")}
        truth = shop.world.truth("message_event").to_pylist()
        known = {e["event_id"] for e in truth if e["known_at"] <= night.replace(tzinfo=None)}
        assert before == known
        late = {
            e["event_id"]
            for e in truth
            if e["occurred_at"] < datetime(2026, 1, 9) and e["known_at"] > datetime(2026, 1, 9, 3)
        }
        assert late
        assert not late & before
        shop.set_clock(night + timedelta(days=3))
        assert late <= {row["id"] for row in rows(shop, "events", filter=UNTIL, size="1000")}


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("events", {"filter": "greater-than(colour,1)"}, "filter"),
        ("events", {"filter": "contains(datetime,2026-01-01)"}, "filter"),
        ("events", {"filter": "greater-than(datetime,yesterday)"}, "filter"),
        ("events", {"filter": "greater-than(datetime,2026-01-01"}, "filter"),
        ("events", {"filter": "or(greater-than(timestamp,1),less-than(timestamp,2))"}, "filter"),
        ("events", {"size": "1001"}, "page[size]"),
        ("events", {"size": "0"}, "page[size]"),
        ("events", {"sort": "id"}, "sort"),
        ("events", {"cursor": "made-up"}, "page[cursor]"),
        ("events", {"colour": "red"}, "colour"),
        ("profiles", {"size": "101"}, "page[size]"),
        ("profiles", {"filter": "greater-or-equal(updated,2026-01-01T00:00:00Z)"}, "filter"),
        ("profiles", {"include": "lists"}, "include"),
        ("campaigns", {}, "filter"),
        ("metrics", {"size": "10"}, "page[size]"),
    ],
)
def test_what_the_vendor_would_refuse_is_refused(
    shop: Running, path: str, query: dict[str, str], parameter: str
) -> None:
    answer = ask(shop, path, **query)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["source"]["parameter"] == parameter
    assert {"id", "code", "title", "detail"} <= set(error)


def test_a_cursor_serves_no_other_query(shop: Running) -> None:
    onward = ask(shop, "events", filter=SINCE, size="10").json()["links"]["next"]
    cursor = requests.utils.unquote(re.search(r"cursor%5D=([^&]+)", onward).group(1))  # type: ignore[union-attr]
    assert ask(shop, "events", filter=SINCE, size="10", cursor=cursor).status_code == 200
    assert ask(shop, "events", filter=UNTIL, size="10", cursor=cursor).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"revision": "2026-07-15"}, 401),
        ({"revision": "2026-07-15", "Authorization": "Bearer pk"}, 401),
        ({"revision": "2026-07-15", "Authorization": "Klaviyo-API-Key wrong"}, 401),
        ({"Authorization": "Klaviyo-API-Key pk"}, 400),
        ({"Authorization": "Klaviyo-API-Key pk", "revision": "latest"}, 400),
    ],
)
def test_credentials_and_revision_are_required(
    shop: Running, headers: dict[str, str], status: int
) -> None:
    answer = ask(shop, "metrics", headers=headers)
    assert answer.status_code == status
    assert answer.json()["errors"]


def test_unknown_paths_and_methods_get_the_vendors_errors(shop: Running) -> None:
    root = f"http://127.0.0.1:{shop.port}/klaviyo/api"
    assert ask(shop, "nothing").status_code == 404
    assert requests.post(f"{root}/events", headers=HEADERS, timeout=30).status_code == 405


def test_filters_are_read_with_quotes_lists_and_spaces() -> None:
    allowed = {"id": ("any",), "name": ("contains",), "status": ("equals",)}
    found = parse_filter(
        """and(any(id,["a","b"]), contains(name,'x, y'),equals(status,Sent))""", allowed
    )
    assert [condition.values for condition in found] == [("a", "b"), ("x, y",), ("Sent",)]


def test_errors_are_valid_by_the_vendors_description(shop: Running) -> None:
    schemas = Schemas(load("klaviyo/klaviyo-stable.json"))
    answers = schemas.document["components"]["responses"]
    schema = answers["ClientError"]["content"]["application/vnd.api+json"]["schema"]
    for query in ({"size": "0"}, {"filter": "bad"}, {"cursor": "bad"}):
        assert schemas.problems(schema, ask(shop, "events", **query).json(), "error") == []


def test_the_operators_each_field_takes_are_the_vendors(shop: Running) -> None:
    from sandbox.klaviyo import CAMPAIGNS, EVENTS, METRICS, PROFILES

    spec = load("klaviyo/klaviyo-stable.json")
    for endpoint in (CAMPAIGNS, EVENTS, METRICS, PROFILES):
        get = spec["paths"][f"/api/{endpoint.stream}"]["get"]
        for field, operators in endpoint.filters.items():
            stated = get["x-klaviyo-filters"][field]["operators"]
            assert set(operators) == {name for kind in stated.values() for name in kind}, field
        stated_limit = get["x-klaviyo-ratelimit"]
        route = next(r for r in _routes() if r.stream == endpoint.stream)
        assert stated_limit["burst"] == f"{route.limit.per_second}/s"
        assert stated_limit["steady"] == f"{route.limit.per_minute}/m"


def _routes() -> Any:
    from sandbox.klaviyo import routes

    return routes()
