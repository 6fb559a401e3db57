"""Mailchimp: audiences, their members, campaigns, and what each recipient did with them.

JSON over HTTPS, landed under `mailchimp/`. A page is `{"<rows>": [...], "total_items": n}`, asked
for by `count` and `offset`; `fields` cuts it to what base reads. A member's and a recipient's key
is the MD5 of the lower-case address, the same on every list.

    GET /3.0/lists                         all, each night                  → mailchimp/lists
    GET /3.0/lists/{id}/members            changed since the window's start → …/members
    GET /3.0/campaigns                     all, each night                  → …/campaigns
    GET /3.0/reports                       of campaigns sent in the window  → …/reports
    GET /3.0/reports/{id}/sent-to          of campaigns sent in the window  → …/sent_to
    GET /3.0/reports/{id}/email-activity   since the window's start         → …/email_activity
    GET /3.0/reports/{id}/open-details     since the window's start         → …/open_details
    GET /3.0/reports/{id}/unsubscribed     of recent campaigns              → …/unsubscribed
    GET /3.0/reports/{id}/abuse-reports    of recent campaigns              → …/abuse_reports

The last four are asked for campaigns sent up to `ACTIVE` before the window: people read mail late.
Clicks and opens are asked for older ones, too, where their report tells of some since. `since_…`
and `before_…` leave out the moment itself, so the window is asked for from a second before. A
collection changes while it is paged: pages overlap, and base keeps a row once.

Alone: `python -m connectors.mailchimp --from 2026-02-01 --to 2026-02-02 --stream members`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator
from requests.auth import HTTPBasicAuth

from connectors.client import Client, RetryError, http_client, refusal, says
from connectors.mailchimp.paging import OffsetPaginator
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    ConnectorError,
    Pages,
    Stream,
    Vendor,
    Window,
)

VERSION = "3.0"
# How long after its sending a campaign still collects opens, clicks and farewells worth reading.
ACTIVE = timedelta(days=30)
# How long after it a report is looked at for what came later still.
REPORTED = timedelta(days=365)
SECOND = timedelta(seconds=1)
THROTTLED_SECONDS = 10.0
# Titles of problem documents whose status alone would send one the wrong way:
# https://mailchimp.com/developer/marketing/docs/errors/
MEANINGS = {
    "wrongdatacenter": (
        404,
        "copy the whole key, with its ending, into SOURCES__MAILCHIMP__API_KEY: it names another"
        " data center than the account's.",
    ),
    "userdisabled": (
        401,
        "the user whose key this is was switched off: make a key as another user, and put it into"
        " SOURCES__MAILCHIMP__API_KEY.",
    ),
    # It comes with status 500, and is none that passes.
    "compliancerelated": (
        403,
        "Mailchimp has closed the account to the API: its owner has to ask Mailchimp's"
        " compliance team.",
    ),
}

MEMBER = (
    "id,email_address,unique_email_id,contact_id,list_id,status,merge_fields,timestamp_signup,"
    "timestamp_opt,last_changed,language,vip,location,source,unsubscribe_reason"
)
CAMPAIGN = (
    "id,type,status,create_time,send_time,recipients.list_id,settings.subject_line,settings.title,"
    "parent_campaign_id"
)
RECIPIENT = "campaign_id,list_id,email_id,email_address"


def connect(settings: VendorSettings) -> Client:
    """A client that knows Mailchimp's key, data center, throttling and errors.

    Raises:
        ConnectorError: the key names no data center.
    """
    key = settings["api_key"]
    _, dash, center = key.rpartition("-")
    if not settings.get("base_url") and not (dash and center.isalnum()):
        raise ConnectorError(
            "the API key does not end in a data center such as -us21",
            remedy="copy the whole key, with its ending, into SOURCES__MAILCHIMP__API_KEY.",
        )
    return http_client(
        settings,
        base_url=f"https://{center}.api.mailchimp.com",
        auth=HTTPBasicAuth("throughline", key),
        paginator=OffsetPaginator("none"),
        inspect=inspect,
    )


def inspect(response: requests.Response) -> None:
    """Tell what a refusal means by its problem document, and a throttled call by having none.

    Raises:
        RetryError: too many calls; Mailchimp's edge refuses them without a problem document.
        ConnectorError: another data center, a user or an account that is switched off.
    """
    if response.ok:
        return
    problem = _problem(response)
    if response.status_code == 403 and problem is None:
        raise RetryError(f"throttled ({says(response)})", THROTTLED_SECONDS, means=429)
    title = str((problem or {}).get("title", "")).replace(" ", "").lower()
    if title in MEANINGS:
        raise refusal(response, *MEANINGS[title])


def _problem(response: requests.Response) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def lists(client: Client, window: Window) -> Pages:
    """Every audience."""
    fields = "id,name,date_created,list_rating,visibility,stats.member_count"
    return _pages(client, "lists", "lists", fields)


def members(client: Client, window: Window) -> Pages:
    """Members changed since the window's start, the newest change first.

    No end is asked for: a member that changes after the window would otherwise be in no answer.
    What changes while it is read moves to the front and pushes rows into view once more.
    """
    query = {
        "since_last_changed": _text(window.start - SECOND),
        "sort_field": "last_changed",
        "sort_dir": "DESC",
    }
    for name in _ids(lists(client, window), "lists"):
        # Archived members are not part of the audience, and have to be asked for.
        for status in ({}, {"status": "archived"}):
            yield from _pages(client, f"lists/{name}/members", "members", MEMBER, query | status)


def campaigns(client: Client, window: Window) -> Pages:
    """Every campaign, drafts too: there is no filter by change, and they are few."""
    query = {"sort_field": "create_time", "sort_dir": "DESC"}
    return _pages(client, "campaigns", "campaigns", CAMPAIGN, query)


def reports(client: Client, window: Window) -> Pages:
    """Totals of the campaigns sent in the window."""
    fields = (
        "id,campaign_title,list_id,send_time,emails_sent,abuse_reports,unsubscribed,bounces,"
        "opens,clicks"
    )
    return _pages(client, "reports", "reports", fields, _sent(window.start, window.end))


def sent_to(client: Client, window: Window) -> Pages:
    """Every recipient of the campaigns sent in the window, with what became of the delivery."""
    for name in _sent_campaigns(client, window.start, window.end):
        path = f"reports/{name}/sent-to"
        yield from _pages(client, path, "sent_to", f"{RECIPIENT},status,absplit_group")


def email_activity(client: Client, window: Window) -> Pages:
    """Clicks and bounces (and opens) since the window's start, per recipient."""
    query = {"since": _text(window.start - SECOND)}
    for name in _read_campaigns(client, window):
        path = f"reports/{name}/email-activity"
        yield from _pages(client, path, "emails", f"{RECIPIENT},activity", query)


def open_details(client: Client, window: Window) -> Pages:
    """Opens since the window's start, per recipient, with Mailchimp's mark on mail proxies."""
    query = {"since": _text(window.start - SECOND)}
    for name in _read_campaigns(client, window):
        path = f"reports/{name}/open-details"
        yield from _pages(client, path, "members", f"{RECIPIENT},opens", query)


def unsubscribed(client: Client, window: Window) -> Pages:
    """Who unsubscribed through a recent campaign; there is no filter by time."""
    for name in _sent_campaigns(client, window.start - ACTIVE, window.end):
        path = f"reports/{name}/unsubscribed"
        yield from _pages(client, path, "unsubscribes", f"{RECIPIENT},timestamp,reason")


def abuse_reports(client: Client, window: Window) -> Pages:
    """Who marked a recent campaign as spam; the one endpoint that is not said to page."""
    for name in _sent_campaigns(client, window.start - ACTIVE, window.end):
        fields = _fields("abuse_reports", f"{RECIPIENT},id,date")
        yield from client.pages(
            f"/{VERSION}/reports/{name}/abuse-reports",
            rows="abuse_reports",
            params={"fields": fields},
            paginator=OffsetPaginator("abuse_reports", asks_at_once=False),
        )


def probe(client: Client) -> Pages:
    """Whether the key is good; answers with a greeting."""
    return client.pages(f"/{VERSION}/ping", rows=None, paginator=SinglePagePaginator())


def _pages(
    client: Client, path: str, rows: str, fields: str, query: dict[str, str] | None = None
) -> Pages:
    return client.pages(
        f"/{VERSION}/{path}",
        rows=rows,
        params={"fields": _fields(rows, fields)} | (query or {}),
        paginator=OffsetPaginator(rows),
    )


def _fields(rows: str, fields: str) -> str:
    return ",".join(["total_items", *(f"{rows}.{name}" for name in fields.split(","))])


def _read_campaigns(client: Client, window: Window) -> Iterator[str]:
    """Campaigns that people may have read since the window's start.

    Those sent lately, and those sent long ago whose report tells of an open or a click since.
    """
    active = window.start - ACTIVE
    yield from _sent_campaigns(client, active, window.end)
    query = _sent(window.end - REPORTED, active + SECOND)
    if window.end - REPORTED >= active:
        return
    since = _text(window.start)
    found: dict[str, None] = {}
    for page in _pages(client, "reports", "reports", "id,opens.last_open,clicks.last_click", query):
        for report in _REPORTS.decode(page.body or b"{}").reports:
            if max(report.opens.last_open, report.clicks.last_click) >= since:
                found[report.id] = None
    yield from found


class _Opens(msgspec.Struct):
    last_open: str = ""


class _Clicks(msgspec.Struct):
    last_click: str = ""


class _Report(msgspec.Struct):
    id: str
    opens: _Opens = msgspec.field(default_factory=_Opens)
    clicks: _Clicks = msgspec.field(default_factory=_Clicks)


class _Reports(msgspec.Struct):
    reports: list[_Report] = []


_REPORTS = msgspec.json.Decoder(_Reports)


def _sent_campaigns(client: Client, start: datetime, end: datetime) -> Iterator[str]:
    query = {"status": "sent", "sort_field": "send_time", "sort_dir": "DESC"} | _sent(start, end)
    return _ids(_pages(client, "campaigns", "campaigns", "id", query), "campaigns")


def _ids(pages: Pages, rows: str) -> Iterator[str]:
    """The id of each row once, in the order it came."""
    found: dict[str, None] = {}
    for page in pages:
        for row in msgspec.json.decode(page.body or b"{}").get(rows, []):
            found[row["id"]] = None
    yield from found


def _sent(start: datetime, end: datetime) -> dict[str, str]:
    return {"since_send_time": _text(start - SECOND), "before_send_time": _text(end)}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


VENDOR = Vendor(
    name="mailchimp",
    streams=(
        Stream("lists", lists),
        Stream("members", members, lookback_days=2),
        Stream("campaigns", campaigns),
        Stream("reports", reports, lookback_days=30),
        # A soft bounce is tried again for three days.
        Stream("sent_to", sent_to, lookback_days=4),
        Stream("email_activity", email_activity, lookback_days=3),
        Stream("open_details", open_details, lookback_days=3),
        Stream("unsubscribed", unsubscribed, lookback_days=3),
        Stream("abuse_reports", abuse_reports, lookback_days=3),
    ),
    connect=connect,
    required=("api_key",),
    secrets=("api_key",),
    version=ApiVersion(VERSION, None, "https://mailchimp.com/developer/marketing/api/"),
    probe=probe,
    # Ten connections at once are allowed to an account; others use it too.
    concurrency=3,
)
