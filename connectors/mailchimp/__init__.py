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
`since_…` and `before_…` leave out the moment itself, so the window is asked for from a second
before. A collection may shrink while it is paged, which pulls rows past the offset: the next page
then begins as many rows earlier, and base keeps a row once.

Alone: `python -m connectors.mailchimp --from 2026-02-01 --to 2026-02-02 --stream members`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.paginators import BasePaginator, SinglePagePaginator
from requests.auth import HTTPBasicAuth

from connectors.client import Client, RetryError, http_client, says
from connectors.settings import VendorSettings
from connectors.stream import ApiVersion, ConnectorError, Pages, Stream, Vendor, Window

VERSION = "3.0"
COUNT = 1000
# How long after its sending a campaign still collects opens, clicks and farewells worth reading.
ACTIVE = timedelta(days=30)
SECOND = timedelta(seconds=1)

MEMBER = (
    "id,email_address,unique_email_id,contact_id,list_id,status,merge_fields,timestamp_signup,"
    "timestamp_opt,last_changed,language,vip,location,source,unsubscribe_reason"
)
CAMPAIGN = (
    "id,type,status,create_time,send_time,recipients.list_id,settings.subject_line,settings.title,"
    "parent_campaign_id"
)
RECIPIENT = "campaign_id,list_id,email_id,email_address"


class OffsetPaginator(BasePaginator):
    """Pages by `count` and `offset`, stepping back as far as the collection has shrunk meanwhile.

    Args:
        rows: the key of the page's rows.
    """

    def __init__(self, rows: str) -> None:
        super().__init__()
        self.rows, self.offset = rows, 0
        self.total: int | None = None

    def init_request(self, request: requests.Request) -> None:
        """Ask for the first page."""
        self._ask(request)

    def update_state(self, response: requests.Response, data: Any = None) -> None:
        """Find where the next page begins, from the rows that came and the total that is stated."""
        page = response.json()
        # An answer that was cut to nothing, or without a total, ends the paging like an empty one.
        received, total = int(page.get(self.rows) or 0), int(page.get("total_items") or 0)
        shrunk = max(0, (total if self.total is None else self.total) - total)
        self.offset, self.total = max(0, self.offset + received - shrunk), total
        self._has_next_page = received > 0 and self.offset < total

    def update_request(self, request: requests.Request) -> None:
        """Ask for the next page."""
        self._ask(request)

    def _ask(self, request: requests.Request) -> None:
        request.params = (request.params or {}) | {"count": COUNT, "offset": self.offset}


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
    """Tell a throttled call from a forbidden one: the first has no explanation in it.

    Raises:
        RetryError: too many calls; Mailchimp's edge refuses them without a problem document.
    """
    if response.status_code == 403:
        try:
            msgspec.json.decode(response.content, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise RetryError(f"throttled ({says(response)})", 10) from None


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
    for name in _sent_campaigns(client, window.start - ACTIVE, window.end):
        path = f"reports/{name}/email-activity"
        yield from _pages(client, path, "emails", f"{RECIPIENT},activity", query)


def open_details(client: Client, window: Window) -> Pages:
    """Opens since the window's start, per recipient, with Mailchimp's mark on mail proxies."""
    query = {"since": _text(window.start - SECOND)}
    for name in _sent_campaigns(client, window.start - ACTIVE, window.end):
        path = f"reports/{name}/open-details"
        yield from _pages(client, path, "members", f"{RECIPIENT},opens", query)


def unsubscribed(client: Client, window: Window) -> Pages:
    """Who unsubscribed through a recent campaign; there is no filter by time."""
    for name in _sent_campaigns(client, window.start - ACTIVE, window.end):
        path = f"reports/{name}/unsubscribed"
        yield from _pages(client, path, "unsubscribes", f"{RECIPIENT},timestamp,reason")


def abuse_reports(client: Client, window: Window) -> Pages:
    """Who marked a recent campaign as spam; the one endpoint that does not page."""
    for name in _sent_campaigns(client, window.start - ACTIVE, window.end):
        fields = _fields("abuse_reports", f"{RECIPIENT},id,date")
        yield from client.pages(
            f"/{VERSION}/reports/{name}/abuse-reports",
            rows="abuse_reports",
            params={"fields": fields},
            paginator=SinglePagePaginator(),
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


def _sent_campaigns(client: Client, start: datetime, end: datetime) -> Iterator[str]:
    query = {"status": "sent"} | _sent(start, end)
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
