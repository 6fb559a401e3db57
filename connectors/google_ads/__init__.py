"""Google Ads: campaigns, ads, and each ad's performance per day.

One endpoint for everything: a query in GAQL, answered in pages of 10,000 rows that cannot be made
smaller. A page is `{"results": [...], "nextPageToken": <text>}`; the next page is the same query
with that token. `results` is left out of an empty page. Integers of 64 bits come as text.

    POST /v26/customers/{id}/googleAds:search
        from campaign                         → landing/google_ads/campaigns       campaign id
        from ad_group_ad                      → landing/google_ads/ads             ad id
        from ad_group_ad with metrics, dates  → landing/google_ads/ad_performance  ad id, date
        from customer with metrics, dates     → landing/google_ads/account_performance  date

Days are days of the account's time zone; conversions are booked on the day of their click, so a
past day grows for weeks: a night looks back 30 days. A day on which an ad did nothing has no row.

Alone: `python -m connectors.google_ads --from 2026-02-01 --to 2026-02-02 --stream ad_performance`.
"""

from __future__ import annotations

from datetime import date

import requests
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from connectors import google
from connectors.client import REMEDIES, Client, http_client, says
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    ConnectorError,
    CursorExpiredError,
    Pages,
    Stream,
    Vendor,
    Window,
)

# Four majors a year, each lives about one; the month is Google's projection.
API = ApiVersion(
    "v26", date(2027, 11, 1), "https://developers.google.com/google-ads/api/docs/sunset-dates"
)
VERSION = API.name
SCOPE = "https://www.googleapis.com/auth/adwords"
RETIRED = "UNSUPPORTED_VERSION"
LOST_CURSORS = {"EXPIRED_PAGE_TOKEN", "INVALID_PAGE_TOKEN"}

CAMPAIGNS = """
    SELECT customer.id, customer.currency_code, customer.time_zone,
        campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type
    FROM campaign
"""
ADS = """
    SELECT customer.id, campaign.id, ad_group.id, ad_group.name, ad_group_ad.status,
        ad_group_ad.ad.id, ad_group_ad.ad.name, ad_group_ad.ad.type, ad_group_ad.ad.final_urls
    FROM ad_group_ad
"""
AD_PERFORMANCE = """
    SELECT customer.id, customer.currency_code, customer.time_zone,
        campaign.id, ad_group.id, ad_group_ad.ad.id, segments.date,
        metrics.impressions, metrics.clicks, metrics.cost_micros,
        metrics.conversions, metrics.conversions_value
    FROM ad_group_ad
    WHERE segments.date BETWEEN '{first}' AND '{last}'
"""
ACCOUNT_PERFORMANCE = """
    SELECT customer.id, customer.currency_code, customer.time_zone, segments.date,
        metrics.impressions, metrics.clicks, metrics.cost_micros,
        metrics.conversions, metrics.conversions_value
    FROM customer
    WHERE segments.date BETWEEN '{first}' AND '{last}'
"""


class Auth(google.Auth):
    """Google's two credentials: who asks (OAuth), and with which developer's permission."""

    def __init__(self, settings: VendorSettings) -> None:
        super().__init__(settings, SCOPE)
        self.developer_token = settings["developer_token"]
        self.manager = settings.get("login_customer_id").replace("-", "")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request, as `requests` asks it of an auth."""
        request.headers["developer-token"] = self.developer_token
        if self.manager:
            request.headers["login-customer-id"] = self.manager
        return super().__call__(request)


def connect(settings: VendorSettings) -> Client:
    """A client that knows Google's credentials, paging and errors."""
    return http_client(
        settings,
        base_url="https://googleads.googleapis.com",
        auth=Auth(settings),
        paginator=JSONResponseCursorPaginator("nextPageToken", cursor_body_path="pageToken"),
        inspect=inspect,
    )


def inspect(response: requests.Response) -> None:
    """Tell a lost cursor and a retired version from what all of Google's APIs refuse alike.

    Raises:
        CursorExpiredError: the page token is not known any more.
        ConnectorError: the version is gone, which Google says with status 400.
        RetryError, ConnectorError: as `connectors.google.inspect`.
    """
    codes = set() if response.ok else set(google.reasons_of(response))
    if codes & LOST_CURSORS:
        raise CursorExpiredError(says(response), status=response.status_code)
    if RETIRED in codes:
        remedy = REMEDIES[410]
        raise ConnectorError(says(response), status=response.status_code, remedy=remedy)
    google.inspect(response)


def _search(client: Client, query: str) -> Pages:
    customer = client.settings["customer_id"].replace("-", "")
    return client.pages(
        f"/{VERSION}/customers/{customer}/googleAds:search",
        method="POST",
        body={"query": " ".join(query.split())},
        rows="results",
        rows_required=False,
    )


def campaigns(client: Client, window: Window) -> Pages:
    """Every campaign, removed ones too."""
    return _search(client, CAMPAIGNS)


def ads(client: Client, window: Window) -> Pages:
    """Every ad, with its group."""
    return _search(client, ADS)


def ad_performance(client: Client, window: Window) -> Pages:
    """What each ad did on each of the window's days, as Google counts it now."""
    first, last = window.dates()
    return _search(client, AD_PERFORMANCE.format(first=first, last=last))


def account_performance(client: Client, window: Window) -> Pages:
    """What all of the account's campaigns did together, to hold the ads' sum against."""
    first, last = window.dates()
    return _search(client, ACCOUNT_PERFORMANCE.format(first=first, last=last))


def probe(client: Client) -> Pages:
    """The account itself: both tokens and the way through the manager account are needed for it."""
    return _search(client, "SELECT customer.id FROM customer LIMIT 1")


VENDOR = Vendor(
    name="google_ads",
    streams=(
        Stream("campaigns", campaigns),
        Stream("ads", ads),
        Stream("ad_performance", ad_performance, lookback_days=30),
        Stream("account_performance", account_performance, lookback_days=30),
    ),
    connect=connect,
    required=("developer_token", "customer_id"),
    secrets=(*google.SECRETS, "developer_token"),
    version=API,
    probe=probe,
    concurrency=3,
)
