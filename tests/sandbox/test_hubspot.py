"""HubSpot's side of the sandbox: paging, what is visible when, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Running
from tests.sandbox.asking import get, good, post

SEARCH = "/hubspot/crm/v3/objects/contacts/search"
CONTACTS = "/hubspot/crm/v3/objects/contacts"
FORMS = "/hubspot/marketing/v3/forms"
EVENTS = "/hubspot/email/public/v1/events"
BY_CHANGE = [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]


def search(shop: Running, **body: Any) -> Any:
    return post(shop, SEARCH, {"sorts": BY_CHANGE, **body})


def test_a_search_tells_how_many_it_found_and_shows_each_once(shop: Running) -> None:
    ids: list[str] = []
    page: dict[str, Any] = {"paging": {"next": {"after": "0"}}}
    while "paging" in page:
        page = good(search(shop, limit=40, after=page["paging"]["next"]["after"]))
        ids += [row["id"] for row in page["results"]]
    assert len(ids) == len(set(ids)) == page["total"] > 80


def test_a_search_shows_the_newest_change_first_where_it_is_asked_to(shop: Running) -> None:
    by_change = {"propertyName": "lastmodifieddate", "direction": "DESCENDING"}
    oldest = good(search(shop, limit=200))["results"]
    newest = good(search(shop, limit=200, sorts=[by_change]))["results"]
    assert newest[0]["id"] == good(search(shop, after=len(oldest) - 1))["results"][0]["id"]
    times = [row["updatedAt"] for row in newest]
    assert times == sorted(times, reverse=True)
    backwards = {"propertyName": "lastmodifieddate", "direction": "BACKWARDS"}
    assert search(shop, sorts=[backwards]).status_code == 400


def test_a_scope_that_lacks_is_named(shop: Running) -> None:
    shop.fault("hubspot", "contacts", "forbidden", times=1)
    answer = search(shop)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_contacts_have_the_properties_asked_for_and_three_more(shop: Running) -> None:
    (row,) = good(search(shop, limit=1, properties=["city"]))["results"]
    assert set(row["properties"]) == {"city", "createdate", "hs_object_id", "lastmodifieddate"}


def test_archived_contacts_are_in_their_own_list_only(shop: Running) -> None:
    archived = good(get(shop, CONTACTS, {"archived": "true", "limit": 100}))["results"]
    assert archived
    assert all(row["archived"] and row["archivedAt"] for row in archived)
    found = {row["id"] for row in good(search(shop, limit=200))["results"]}
    assert not found & {row["id"] for row in archived}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"limit": 201}, "limit must be between 1 and 200"),
        ({"after": 9990, "limit": 200}, "maximum number of results"),
        ({"after": "elsewhere"}, "after"),
        ({"filter": []}, "unknown field"),
        ({"filterGroups": [{"filters": [{"propertyName": "city"}]}]}, "lastmodifieddate only"),
    ],
)
def test_what_a_search_refuses(shop: Running, body: dict[str, Any], says: str) -> None:
    answer = search(shop, **body)
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_submissions_come_newest_first_fifty_a_page(shop: Running) -> None:
    form = good(get(shop, FORMS))["results"][0]["id"]
    path = f"/hubspot/form-integrations/v1/submissions/forms/{form}"
    assert get(shop, path, {"limit": 51}).status_code == 400
    page = good(get(shop, path, {"limit": 10}))
    rows = page["results"]
    while "paging" in page:
        after = page["paging"]["next"]["after"]
        page = good(get(shop, path, {"limit": 10, "after": after}))
        rows += page["results"]
    times = [row["submittedAt"] for row in rows]
    assert times == sorted(times, reverse=True)
    expected = [row for row in shop.truth("hubspot_submission").to_pylist()]
    assert len(rows) == len([row for row in expected if row["form_id"] == form]) > 10
    assert get(shop, path + "x").status_code == 404


def test_the_last_page_of_events_has_an_offset_and_says_there_is_no_more(shop: Running) -> None:
    page = good(get(shop, EVENTS, {"limit": 1000}))
    rows = page["events"]
    while page["hasMore"]:
        page = good(get(shop, EVENTS, {"limit": 1000, "offset": page["offset"]}))
        rows += page["events"]
    assert page["offset"]
    assert len({row["id"] for row in rows}) == len(rows) > 500
    assert {row["filteredEvent"] for row in rows if row["type"] == "CLICK"} == {True, False}


def test_a_wrong_token_is_refused(shop: Running) -> None:
    answer = get(shop, CONTACTS, Authorization="Bearer wrong")
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_what_is_left_of_the_limit_is_told(shop: Running) -> None:
    answer = get(shop, CONTACTS)
    assert int(answer.headers["X-HubSpot-RateLimit-Remaining"]) >= 0
    assert "X-HubSpot-RateLimit-Daily-Remaining" in answer.headers
