"""HubSpot: contacts, forms and what was sent in them, marketing e-mail and what became of it.

JSON over HTTPS with a bearer token. The newer endpoints page with `paging.next.after`, the older
ones with `hasMore` and `offset`. Keys are `id`, of a submission `conversionId`.

    POST /crm/v3/objects/contacts/search                 contacts, changed in the window
    GET  /crm/v3/objects/contacts?archived=true          contacts, all archived ones
    GET  /marketing/v3/forms/                            forms, all, archived ones too
    GET  /form-integrations/v1/submissions/forms/{form}  form_submissions, since its start
    GET  /marketing/v3/emails/                           marketing_emails, changed in it
    GET  /email/public/v1/campaigns                      ids of what follows, latest activity first
    GET  /email/public/v1/campaigns/{id}                 email_campaigns, changed since its start
    GET  /email/public/v1/events                         email_events, created in it

A search ends at 10,000 rows however many it found, so a window that finds more is asked for in
halves, the older one first. It counts its places anew for each page: it is asked for the newest
change first, so that what changes meanwhile moves to the front and pushes rows into view once more,
and where its total shrinks, the next page begins as many rows earlier. Submissions cannot be
filtered by time: they come newest first, and reading stops at a page that is older than the window.
A submission does not say whose form it is; base takes that from the request. Contacts and e-mails
change, so they are asked for until a day after the window's end.

Alone: `python -m connectors.hubspot --from 2026-02-01 --to 2026-02-02 --stream contacts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from connectors.client import Client, http_client
from connectors.hubspot.answers import inspect, pause
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    ConnectorError,
    CursorExpiredError,
    Page,
    Pages,
    Stream,
    Vendor,
    Window,
    utc,
)

VERSION = ApiVersion("v3", None, "https://developers.hubspot.com/docs/api-reference/overview")
# A search answers for its first 10,000 rows only.
SEARCH_ENDS_AT = 10_000
SEARCH_PAGE, LIST_PAGE, SUBMISSIONS_PAGE, OLDER_PAGE = 200, 100, 50, 250
MOMENT = timedelta(milliseconds=1)
CONTACT_PROPERTIES = (
    "email",
    "phone",
    "mobilephone",
    "firstname",
    "lastname",
    "address",
    "city",
    "state",
    "zip",
    "hs_country_region_code",
    "twitterhandle",
    "lifecyclestage",
    "hs_email_optout",
    "hs_object_id",
    "createdate",
    "lastmodifieddate",
)
_CONTACTS = "/crm/v3/objects/contacts"
_CAMPAIGNS = "/email/public/v1/campaigns"


class Found(msgspec.Struct):
    """How many rows a search found, on this page and beyond."""

    total: int


class Submission(msgspec.Struct):
    """When a form was sent in, milliseconds since 1970."""

    submittedAt: int  # noqa: N815 - the vendor's name


class Submissions(msgspec.Struct):
    """A page of submissions, newest first."""

    results: list[Submission]


class Named(msgspec.Struct):
    """What a list names, and when it last changed where the list says so."""

    id: int | str
    lastUpdatedTime: int | None = None  # noqa: N815 - the vendor's name


class Listed(msgspec.Struct):
    """A page of a list that is read for its ids."""

    results: list[Named] = []
    campaigns: list[Named] = []


FOUND = msgspec.json.Decoder(Found)
SUBMISSIONS = msgspec.json.Decoder(Submissions)
LISTED = msgspec.json.Decoder(Listed)


def connect(settings: VendorSettings) -> Client:
    """A client that knows HubSpot's token, paging, limits and errors."""
    return http_client(
        settings,
        base_url="https://api.hubapi.com",
        auth=BearerTokenAuth(settings["access_token"]),
        paginator=JSONResponseCursorPaginator("paging.next.after", cursor_param="after"),
        inspect=inspect,
        pause=pause,
    )


def contacts(client: Client, window: Window) -> Pages:
    """Contacts changed in the window, then every archived one."""
    yield from _search(client, window.with_late_updates())
    params = {
        "archived": "true",
        "limit": LIST_PAGE,
        "properties": list(CONTACT_PROPERTIES),
    }
    yield from client.pages(_CONTACTS, rows="results", params=params)


def _search(client: Client, window: Window) -> Pages:
    """Contacts changed in the window; in halves where a search would not tell of all.

    Raises:
        CursorExpiredError: fewer came than were found.
    """
    body = {
        "filterGroups": [
            {
                "filters": [
                    _changed("GTE", window.start),
                    _changed("LT", window.end),
                ]
            }
        ],
        "sorts": [{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}],
        "properties": list(CONTACT_PROPERTIES),
        "limit": SEARCH_PAGE,
    }
    pages = client.pages(
        f"{_CONTACTS}/search",
        rows="results",
        method="POST",
        body=body,
        paginator=SearchPaginator(),
    )
    first = next(pages)
    if (found := _total(first)) > SEARCH_ENDS_AT:
        halves = window.halves(MOMENT)
        if not halves:
            raise _too_many_at_once(found)
        # The older first: what changes meanwhile moves into the newer one.
        for half in halves:
            yield from _search(client, half)
        return
    count = 0
    for page in chain([first], pages):
        count, found = count + page.rows, _total(page)
        yield page
    if count < found:
        raise CursorExpiredError(f"gave {count:,} of {found:,} contacts: they moved between pages")


def _total(page: Page) -> int:
    return FOUND.decode(page.body or b"").total


class SearchPaginator(JSONResponseCursorPaginator):
    """Follows a search's places, stepping back as far as it has shrunk meanwhile."""

    def __init__(self) -> None:
        super().__init__("paging.next.after", cursor_body_path="after")
        self.place, self.total = 0, 0

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Find the next place; the last page has none, and is read again where rows went away."""
        super().update_state(response, data)
        total = int(response.json().get("total") or 0)
        shrunk, self.total = max(0, self.total - total), total
        onward = str(self._next_reference or (self.place if shrunk else ""))
        if onward.isdigit():
            self.place = max(0, int(onward) - shrunk)
            self._next_reference = str(self.place)


def _too_many_at_once(found: int) -> ConnectorError:
    return ConnectorError(
        f"{found} contacts changed in the same millisecond, and a search answers for"
        f" {SEARCH_ENDS_AT} only",
        remedy="export these contacts once, or change them again in smaller groups.",
    )


def _changed(operator: str, moment: datetime) -> dict[str, str]:
    return {
        "propertyName": "lastmodifieddate",
        "operator": operator,
        "value": str(_milliseconds(moment)),
    }


def forms(client: Client, window: Window) -> Pages:
    """Every form of every type, archived ones after the others."""
    for archived in ("false", "true"):
        params = {"formTypes": "all", "archived": archived, "limit": LIST_PAGE}
        yield from client.pages("/marketing/v3/forms/", rows="results", params=params)


def form_submissions(client: Client, window: Window) -> Pages:
    """What was sent in by each form since the window began."""
    since = _milliseconds(window.start)
    for form in _ids(forms(client, window)):
        path = f"/form-integrations/v1/submissions/forms/{form.id}"
        for page in client.pages(path, rows="results", params={"limit": SUBMISSIONS_PAGE}):
            yield page
            sent = SUBMISSIONS.decode(page.body or b"").results
            if sent and max(each.submittedAt for each in sent) < since:
                break


def marketing_emails(client: Client, window: Window) -> Pages:
    """E-mails changed in the window, archived ones after the others."""
    window = window.with_late_updates()
    for archived in ("false", "true"):
        params = {
            "updatedAfter": utc(window.start - MOMENT),
            "updatedBefore": utc(window.end),
            "sort": "updatedAt",
            "archived": archived,
            "limit": LIST_PAGE,
        }
        yield from client.pages("/marketing/v3/emails/", rows="results", params=params)


def email_campaigns(client: Client, window: Window) -> Pages:
    """Sendings of e-mails, one page each: the ids that events name, with HubSpot's own counts."""
    since = _milliseconds(window.start)
    params = {"limit": OLDER_PAGE}
    pages = client.pages(_CAMPAIGNS, rows=None, params=params, paginator=_older_paginator())
    for campaign in _ids(pages):
        if campaign.lastUpdatedTime is not None and campaign.lastUpdatedTime < since:
            # The list begins with the latest activity: all that follow are older still.
            return
        yield from client.pages(f"{_CAMPAIGNS}/{campaign.id}", rows=None)


def email_events(client: Client, window: Window) -> Pages:
    """What became of e-mails: events created in the window."""
    params = {
        "startTimestamp": _milliseconds(window.start),
        "endTimestamp": _milliseconds(window.end),
        "limit": OLDER_PAGE,
    }
    return client.pages(
        "/email/public/v1/events", rows="events", params=params, paginator=_older_paginator()
    )


def probe(client: Client) -> Pages:
    """One contact: proves the token and the right to read contacts."""
    return client.pages(_CONTACTS, rows="results", params={"limit": 1})


def _older_paginator() -> JSONResponseCursorPaginator:
    # The last page has an offset, too: only `hasMore` tells that it is the last.
    return JSONResponseCursorPaginator("offset", cursor_param="offset", has_more_path="hasMore")


def _ids(pages: Iterator[Page]) -> Iterator[Named]:
    for page in pages:
        listed = LISTED.decode(page.body or b"{}")
        yield from (*listed.results, *listed.campaigns)


def _milliseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // MOMENT


VENDOR = Vendor(
    name="hubspot",
    streams=(
        Stream("contacts", contacts, lookback_days=2),
        Stream("forms", forms),
        Stream("form_submissions", form_submissions, lookback_days=2),
        Stream("marketing_emails", marketing_emails, lookback_days=30),
        Stream("email_campaigns", email_campaigns, lookback_days=7),
        Stream("email_events", email_events, lookback_days=3),
    ),
    connect=connect,
    required=("access_token",),
    secrets=("access_token",),
    version=VERSION,
    probe=probe,
)
