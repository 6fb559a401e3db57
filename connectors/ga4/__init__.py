"""Google Analytics 4: what its Data API reports of a web property, day by day.

One endpoint for everything: a report is asked for by the names of its dimensions and metrics, one
day at a time. A row is `{"dimensionValues": [{"value"}], "metricValues": [{"value"}]}`, whose order
`dimensionHeaders` and `metricHeaders` of the page say. All values are text; `rows` and `rowCount`
are left out of an empty report. The next page is the same question with another `offset`.

    POST /v1beta/properties/{id}:runReport
        by source, medium, campaign  → landing/ga4/traffic        property, date, channel … campaign
        by landing page              → landing/ga4/landing_pages  property, date, page, channel
        by event name                → landing/ga4/events         property, date, event name
        by nothing but the day       → landing/ga4/totals         property, date

A day is a report of its own, for `metadata` says of a whole report what is not whole about it: that
rows of few people are withheld, that it is a sample, that rare values stand together as `(other)`.
Of longer reports more would be sampled, too. Rows of a day come and go until it is settled.

The quota is told in the body (`propertyQuota`) and by no header: what is left of an hour's tokens
is spread over the rest of the hour. Days are days of the property's time zone.

Alone: `python -m connectors.ga4 --from 2026-02-01 --to 2026-02-02 --stream traffic`.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.paginators import BasePaginator, SinglePagePaginator

from connectors import google
from connectors.answers import RetryError, refusal, says
from connectors.client import Client, http_client
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    CursorExpiredError,
    Pages,
    Stream,
    Vendor,
    Window,
)

API = ApiVersion(
    "v1beta", None, "https://developers.google.com/analytics/devguides/reporting/data/v1/changelog"
)
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
# Google gives 250,000 in one page, which is 80 MB.
ROWS_PER_PAGE = 10_000
HEADERS = frozenset({"dimensionHeaders", "metricHeaders"})
# Nine dimensions and ten metrics are the most that one report may have.
TRAFFIC = ["sessionDefaultChannelGroup", "sessionSource", "sessionMedium"]
TRAFFIC += ["sessionCampaignId", "sessionCampaignName"]
MEASURES = ["sessions", "engagedSessions", "totalUsers", "newUsers", "screenPageViews"]
MEASURES += ["eventCount", "keyEvents", "transactions", "purchaseRevenue", "totalRevenue"]
PAGE_MEASURES = ["sessions", "engagedSessions", "totalUsers", "newUsers", "screenPageViews"]
PAGE_MEASURES += ["keyEvents", "totalRevenue"]
EVENT_MEASURES = ["eventCount", "keyEvents", "totalUsers", "totalRevenue"]

# With so many questions left until the full hour, no night needs to go slower.
PLENTY = 200
# So few errors more, and Google answers nothing until the hour is over.
FEW_ERRORS = 2
REST_SECONDS = 60.0
SECONDS_PER_HOUR = 3600


class _Status(msgspec.Struct):
    # Left out where they are 0.
    consumed: int = 0
    remaining: int = 0


class _Quota(msgspec.Struct):
    tokensPerHour: _Status | None = None  # noqa: N815 - as Google writes them
    tokensPerProjectPerHour: _Status | None = None  # noqa: N815
    concurrentRequests: _Status | None = None  # noqa: N815
    serverErrorsPerProjectPerHour: _Status | None = None  # noqa: N815


class _Report(msgspec.Struct):
    rowCount: int = 0  # noqa: N815
    propertyQuota: _Quota | None = None  # noqa: N815


_REPORTS = msgspec.json.Decoder(_Report)


class RowPaginator(BasePaginator):
    """Follows `rowCount` with `offset`, which is text as all of Google's 64-bit integers."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = 0

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Read how many rows there are; an empty report does not say."""
        self.offset += ROWS_PER_PAGE
        self._has_next_page = self.offset < response.json().get("rowCount", 0)

    def update_request(self, request: requests.Request) -> None:
        """Ask for the rows after those that came."""
        request.json = {**(request.json or {}), "offset": str(self.offset)}


def connect(settings: VendorSettings) -> Client:
    """A client that knows Google's credentials, the quota in the body, and the errors."""
    return http_client(
        settings,
        base_url="https://analyticsdata.googleapis.com",
        auth=google.Auth(settings, SCOPE),
        paginator=RowPaginator(),
        inspect=inspect,
        pause=pause,
    )


def inspect(response: requests.Response) -> None:
    """Tell a day's quota, which no night can wait for, from one that comes back within the hour.

    Raises:
        ConnectorError: the day's tokens are used up; or as `connectors.google.inspect`.
        RetryError: the hour's tokens are used up, or too much was asked at once.
    """
    if response.status_code == requests.codes.too_many_requests:
        text = says(response)
        if "per day" in text:
            raise refusal(response, 429)
        if "per hour" in text or "thresholded" in text:
            raise RetryError(text, _until_full_hour(response))
    google.inspect(response)


def pause(response: requests.Response) -> float:
    """Seconds to rest, by what the answer says is left of the property's quota."""
    quota = _report(response.content).propertyQuota
    if quota is None:
        return 0.0
    rests = [0.0]
    for tokens in (quota.tokensPerHour, quota.tokensPerProjectPerHour):
        if tokens is not None:
            rests.append(_share(tokens, _until_full_hour(response)))
    errors, at_once = quota.serverErrorsPerProjectPerHour, quota.concurrentRequests
    if errors is not None and errors.remaining <= FEW_ERRORS:
        rests.append(REST_SECONDS)
    if at_once is not None and at_once.remaining <= 0:
        rests.append(1.0)
    return max(rests)


def _share(tokens: _Status, seconds: float) -> float:
    """What is left, spread over so many seconds; nothing to wait for while there is plenty."""
    questions = tokens.remaining // max(tokens.consumed, 1)
    return 0.0 if questions >= PLENTY else seconds / max(questions, 1)


def _until_full_hour(response: requests.Response) -> float:
    try:
        now = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return REST_SECONDS
    return SECONDS_PER_HOUR - now % SECONDS_PER_HOUR


def _report(body: bytes | None) -> _Report:
    try:
        return _REPORTS.decode(body or b"{}")
    except msgspec.DecodeError:
        # Half a surrogate pair in a campaign's name: the page is good, its quota stays unread.
        return _Report()


def _properties(client: Client) -> list[str]:
    """The properties that are read: one, or several with commas between them."""
    given = client.settings["property_id"].split(",")
    return [each.strip().removeprefix("properties/") for each in given if each.strip()]


def report(dimensions: list[str], metrics: list[str], client: Client, window: Window) -> Pages:
    """A report of each of the window's days, as Google counts it now."""
    named = ["date", *dimensions]
    for property_id in _properties(client):
        for day in window.days().split(1):
            body = {
                "dateRanges": [{"startDate": str(day.first), "endDate": str(day.last)}],
                "dimensions": [{"name": name} for name in named],
                "metrics": [{"name": name} for name in metrics],
                # By what makes a row one: in the usual order, by sessions, rows change places.
                "orderBys": [{"dimension": {"dimensionName": name}} for name in named],
                "limit": str(ROWS_PER_PAGE),
                "returnPropertyQuota": True,
            }
            pages = client.pages(
                f"/{API.name}/properties/{property_id}:runReport",
                method="POST",
                body=body,
                rows="rows",
                rows_required=False,
                other_lists=HEADERS,
            )
            yield from _whole(pages)


def _whole(pages: Pages) -> Pages:
    """The pages of a report, which must be all of it.

    Raises:
        CursorExpiredError: some rows lack, for the report changed while it was read.
    """
    count = total = 0
    for page in pages:
        count, total = count + page.rows, _report(page.body).rowCount
        yield page
    if count < total:
        raise CursorExpiredError(f"gave {count:,} of {total:,} rows: they moved between pages")


def probe(client: Client) -> Pages:
    """What the properties can report: the credential must be let in, and no token is used."""
    for property_id in _properties(client):
        path = f"/{API.name}/properties/{property_id}/metadata"
        yield from client.pages(path, rows=None, paginator=SinglePagePaginator())


VENDOR = Vendor(
    name="ga4",
    streams=(
        Stream("traffic", partial(report, TRAFFIC, MEASURES), lookback_days=3),
        Stream(
            "landing_pages",
            partial(report, ["landingPage", TRAFFIC[0]], PAGE_MEASURES),
            lookback_days=3,
        ),
        # What leads to a key event shares the credit for it, and that is found out late.
        Stream("events", partial(report, ["eventName"], EVENT_MEASURES), lookback_days=14),
        Stream("totals", partial(report, [], MEASURES), lookback_days=3),
    ),
    connect=connect,
    required=("property_id",),
    secrets=google.SECRETS,
    version=API,
    probe=probe,
    # Ten at once are allowed, to everybody who asks about the property.
    concurrency=3,
)
