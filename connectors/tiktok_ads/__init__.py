"""TikTok Ads: advertisers, campaigns, ads, and what each ad did per day.

REST over HTTPS, GET only, with the token in the header `Access-Token`. Lists and filters are JSON
text in the query. Every answer is HTTP 200: `{"code": 0, "message", "request_id", "data"}`, and a
code other than 0 is an error. Pages are numbered; `data.page_info` says how many there are. The
rows are `data.list`. Numbers are text, ids have 19 digits, money is in the advertiser's currency.

    /open_api/v1.3/advertiser/info/   each night      → landing/tiktok_ads/advertisers     id
    /open_api/v1.3/campaign/get/      all, each night → landing/tiktok_ads/campaigns       id
    /open_api/v1.3/ad/get/            all, each night → landing/tiktok_ads/ads             id
    /open_api/v1.3/report/integrated/get/
        the window's days, per ad          → landing/tiktok_ads/ad_performance       ad, day
        the window's days, per advertiser  → landing/tiktok_ads/account_performance  id, day

Three traps. Deleted ads and campaigns, and the past days of deleted ads, come only where they are
asked for. A report by day spans at most 30 days. Page numbers over a list that changes skip rows,
so the different rows of a list are counted against its own total, and it is read again where some
lack or the total moves. An advertiser's own report is its total: no ad is added up for it.

Days are days of the advertiser's time zone; a purchase is booked on the day of its click or view,
so a past day grows: a night looks back 28 days.

Alone: `python -m connectors.tiktok_ads --from 2026-02-01 --to 2026-02-02 --stream ad_performance`.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import (
    PageNumberPaginator,
    SinglePagePaginator,
)

from connectors.client import REMEDIES, Client, RetryError, http_client
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    ConnectorError,
    CursorExpiredError,
    Days,
    Page,
    Pages,
    Stream,
    Vendor,
    Window,
)

VERSION = ApiVersion("v1.3", None, "https://business-api.tiktok.com/portal/docs")
ROOT = f"/open_api/{VERSION.name}"
ROWS = "data.list"
ROWS_PER_PAGE = 1000
ADVERTISERS_PER_QUERY = 100
DAYS_PER_REPORT = 30
# A report gives no more than that, however it is paged.
ROWS_PER_REPORT = 10_000
# 10 requests a second and 600 a minute are allowed: this keeps to about 400.
SECONDS_BETWEEN = 0.15

ADVERTISER_FIELDS = ["advertiser_id", "name", "currency", "timezone", "display_timezone", "status"]
CAMPAIGN_FIELDS = ["advertiser_id", "campaign_id", "campaign_name", "objective_type"]
CAMPAIGN_FIELDS += ["operation_status", "secondary_status", "create_time", "modify_time"]
AD_FIELDS = ["advertiser_id", "campaign_id", "adgroup_id", "adgroup_name", "ad_id", "ad_name"]
AD_FIELDS += ["ad_format", "landing_page_url", "operation_status", "secondary_status"]
AD_FIELDS += ["create_time", "modify_time"]
# The total value of purchases is what TikTok calls `total_complete_payment_rate`.
MEASURES = ["spend", "impressions", "clicks", "reach", "conversion", "complete_payment"]
MEASURES += ["total_complete_payment_rate"]
AD_METRICS = ["advertiser_id", "currency", "campaign_id", "adgroup_id", *MEASURES]
ACCOUNT_METRICS = ["currency", *MEASURES]
# Without these TikTok leaves deleted ones out, though what they cost stays.
ALL = {"primary_status": "STATUS_ALL"}
ALL_ADS = [{"field_name": "ad_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}]

THROTTLED = 40100
# Words of a limit, whichever code is beside them.
LIMITS = ("QPS", "QPM", "QPD", "TOO MANY REQUESTS")
# A minute's limit exceeded is answered with five minutes of silence.
SUSPENDED_SECONDS = 75.0
_RIGHTS = (
    "let the advertiser authorise the app again, with Ads Management and Reporting among its"
    " scopes; and check SOURCES__TIKTOK_ADS__ADVERTISER_ID."
)
_TOKEN = (
    "renew this vendor's credential: make a new SOURCES__TIKTOK_ADS__ACCESS_TOKEN as"
    " connectors/tiktok_ads/README.md says."
)
# What a code means, as an HTTP status, and what to do. https://business-api.tiktok.com/portal/docs,
# "Return codes"; of 401xx each that is not named here is about the token as well.
MEANINGS: dict[int, tuple[int, str]] = {
    40001: (403, _RIGHTS),
    40003: (403, _RIGHTS),
    40006: (404, ""),
    40007: (404, ""),
    40101: (401, "check the app's id and secret with which the token was made."),
    40104: (401, "set SOURCES__TIKTOK_ADS__ACCESS_TOKEN: TikTok got none."),
    40115: (403, "add this machine's address to the app's list of allowed IP addresses."),
}


class _Envelope(msgspec.Struct):
    code: int
    message: str = ""


class _PageInfo(msgspec.Struct):
    total_number: int


class _Row(msgspec.Struct):
    """What tells a row from others: of a report its dimensions, else its id."""

    dimensions: msgspec.Raw = msgspec.Raw(b"")
    ad_id: str = ""
    campaign_id: str = ""


class _Data(msgspec.Struct):
    page_info: _PageInfo
    rows: list[_Row] = msgspec.field(name="list")


class _Listed(msgspec.Struct):
    data: _Data


_ENVELOPES = msgspec.json.Decoder(_Envelope)
_LISTED = msgspec.json.Decoder(_Listed)


def connect(settings: VendorSettings) -> Client:
    """A client that knows TikTok's token, paging, pace and codes."""
    return http_client(
        settings,
        base_url="https://business-api.tiktok.com",
        auth=APIKeyAuth("Access-Token", settings["access_token"], "header"),
        paginator=PageNumberPaginator(
            base_page=1, page_param="page", total_path="data.page_info.total_page"
        ),
        inspect=inspect,
        pause=lambda response: SECONDS_BETWEEN,
    )


def inspect(response: requests.Response) -> None:
    """Tell what an answer means by its code, for its HTTP status is 200 whatever happened.

    Raises:
        RetryError: throttled, a fault of TikTok's, or only a part of the answer.
        ConnectorError: the token or the parameters were refused.
    """
    try:
        envelope = _ENVELOPES.decode(response.content)
    except ValueError:
        # An HTML page or half an answer: the session says so.
        return
    code, text = envelope.code, f"answered code {envelope.code} {envelope.message}"[:400]
    if code == 0:
        return
    if code == THROTTLED or any(word in text.upper() for word in LIMITS):
        raise _limited(text, response)
    # 20001 is "partial success": what lacks must not be taken for what is not there.
    if code >= 50_000 or code < 40_000:
        raise RetryError(text)
    means, remedy = MEANINGS.get(code, (401, _TOKEN) if 40_100 < code < 40_200 else (400, ""))
    status = response.status_code
    raise ConnectorError(text, status=status, means=means, remedy=remedy or REMEDIES[means])


def _limited(text: str, response: requests.Response) -> Exception:
    """The error for a limit: of a second or a minute it is waited out, of a day it is not."""
    if "QPD" in text.upper() or "DAILY" in text.upper():
        remedy = "the app's requests of the day are used up: run again tomorrow."
        return ConnectorError(text, status=response.status_code, means=429, remedy=remedy)
    return RetryError(text, 1.0 if "QPS" in text.upper() else SUSPENDED_SECONDS, means=429)


def _advertisers(client: Client) -> list[str]:
    """The advertisers that are read: one, or several with commas between them."""
    return [each.strip() for each in client.settings["advertiser_id"].split(",") if each.strip()]


def advertisers(client: Client, window: Window) -> Pages:
    """The advertisers: currency and time zone."""
    ids = _advertisers(client)
    for first in range(0, len(ids), ADVERTISERS_PER_QUERY):
        params = {
            "advertiser_ids": json.dumps(ids[first : first + ADVERTISERS_PER_QUERY]),
            "fields": json.dumps(ADVERTISER_FIELDS),
        }
        # It has no pages, and knows no parameters of them.
        pages = client.pages(
            f"{ROOT}/advertiser/info/", rows=ROWS, params=params, paginator=SinglePagePaginator()
        )
        for page in pages:
            if page.rows < (asked := len(ids[first : first + ADVERTISERS_PER_QUERY])):
                raise ConnectorError(
                    f"gave {page.rows} of {asked} advertisers", means=403, remedy=_RIGHTS
                )
            yield page


def campaigns(client: Client, window: Window) -> Pages:
    """Every campaign, deleted ones too."""
    return _all(client, "campaign/get/", CAMPAIGN_FIELDS)


def ads(client: Client, window: Window) -> Pages:
    """Every ad, deleted ones too."""
    return _all(client, "ad/get/", AD_FIELDS)


def _all(client: Client, path: str, fields: list[str]) -> Pages:
    for advertiser in _advertisers(client):
        params = {
            "advertiser_id": advertiser,
            "fields": json.dumps(fields),
            "filtering": json.dumps(ALL),
            "page_size": ROWS_PER_PAGE,
        }
        yield from _whole(client.pages(f"{ROOT}/{path}", rows=ROWS, params=params))


def ad_performance(client: Client, window: Window) -> Pages:
    """What each ad did on each of the window's days, as TikTok counts it now."""
    asked = {
        "data_level": "AUCTION_AD",
        "dimensions": json.dumps(["ad_id", "stat_time_day"]),
        "metrics": json.dumps(AD_METRICS),
        "filtering": json.dumps(ALL_ADS),
    }
    return _reports(client, window, asked)


def account_performance(client: Client, window: Window) -> Pages:
    """What all of an advertiser's ads did together, to hold the ads' sum against."""
    asked = {
        "data_level": "AUCTION_ADVERTISER",
        "dimensions": json.dumps(["advertiser_id", "stat_time_day"]),
        "metrics": json.dumps(ACCOUNT_METRICS),
    }
    return _reports(client, window, asked)


def _reports(client: Client, window: Window, asked: dict[str, Any]) -> Pages:
    for advertiser in _advertisers(client):
        params = {"advertiser_id": advertiser, "service_type": "AUCTION", "report_type": "BASIC"}
        for days in window.days().split(DAYS_PER_REPORT):
            yield from _report(client, params | asked, days)


def _report(client: Client, asked: dict[str, Any], days: Days) -> Pages:
    """One report; in halves where it is longer than TikTok gives."""
    params = asked | {"start_date": str(days.first), "end_date": str(days.last)}
    params |= {"page_size": ROWS_PER_PAGE}
    pages = client.pages(f"{ROOT}/report/integrated/get/", rows=ROWS, params=params)
    start = next(pages, None)
    if start is None:
        return
    if (total := _total(start)) > ROWS_PER_REPORT:
        if len(days) == 1:
            raise ConnectorError(
                f"has {total:,} rows of {days.first}, and gives {ROWS_PER_REPORT:,} at most",
                remedy="divide the advertiser's ads among several advertisers.",
            )
        for half in days.halves():
            yield from _report(client, asked, half)
        return
    yield from _whole(chain([start], pages))


def _data(page: Page) -> _Data:
    return _LISTED.decode(page.body or b"").data


def _total(page: Page) -> int:
    return _data(page).page_info.total_number


def _whole(pages: Pages) -> Pages:
    """The pages of a list, which must be all of it.

    Rows are told apart: one that came twice must not stand for one that came never.

    Raises:
        CursorExpiredError: some rows lack, for the list changed while it was read.
    """
    seen: set[bytes | str] = set()
    totals: dict[int, None] = {}
    for page in pages:
        data = _data(page)
        seen |= {bytes(row.dimensions) or row.ad_id or row.campaign_id for row in data.rows}
        totals[data.page_info.total_number] = None
        yield page
    if len(totals) > 1 or len(seen) < max(totals, default=0):
        stated = ", then ".join(f"{total:,}" for total in totals)
        raise CursorExpiredError(
            f"gave {len(seen):,} of {stated} rows: they moved between pages",
            remedy="run the night again, at an hour at which fewer ads are changed.",
        )


VENDOR = Vendor(
    name="tiktok_ads",
    streams=(
        Stream("advertisers", advertisers),
        Stream("campaigns", campaigns),
        Stream("ads", ads),
        Stream("ad_performance", ad_performance, lookback_days=28),
        Stream("account_performance", account_performance, lookback_days=28),
    ),
    connect=connect,
    required=("access_token", "advertiser_id"),
    secrets=("access_token",),
    version=VERSION,
    # One at a time keeps below the limits without any headers to go by.
    concurrency=1,
)
