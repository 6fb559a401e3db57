"""Meta Ads: the ad account, its campaigns and ads, and each ad's performance per day.

Graph API over HTTPS (see `connectors/meta.py` for token, paging, errors and limits). A page is
`{"data": [...], "paging": {...}}`; the account is one object. Numbers are text, spend is in the
account's currency, in major units.

    GET /v26.0/act_<id>            each night          → landing/meta_ads/accounts        id
    GET /v26.0/act_<id>/campaigns  all, each night     → landing/meta_ads/campaigns       id
    GET /v26.0/act_<id>/ads        all, each night     → landing/meta_ads/ads             id
    GET /v26.0/act_<id>/insights   the window's days
        per ad                                         → landing/meta_ads/ad_performance  ad, date
        of the account                                 → landing/meta_ads/account_performance

Days are days of the account's time zone; a purchase is booked on the day of the click or view it
followed, so a past day grows for 28 days: a night looks back that far, and asks for a week at a
time, in halves where Meta finds even that too much. A window of more than five weeks is a first
load or a backfill: Meta makes reports of it, a month each (see `connectors/meta_ads/reports.py`),
whose pages are the same.

Alone: `python -m connectors.meta_ads --from 2026-02-01 --to 2026-02-02 --stream ad_performance`.
"""

from __future__ import annotations

import json
from typing import Any

from connectors.client import Client
from connectors.meta import API, VERSION, TooMuchDataError, connect, credential
from connectors.meta_ads.reports import report
from connectors.stream import Days, Pages, Stream, Vendor, Window

DAYS_PER_QUERY = 7
# Beyond so many days, which no night has, the figures of ads are pulled as reports.
MOST_DAYS_AT_ONCE = 35
DAYS_PER_REPORT = 31
ACCOUNT_FIELDS = "account_id,name,currency,timezone_name"
CAMPAIGN_FIELDS = "id,name,status,objective,created_time,updated_time,account_id"
AD_FIELDS = "id,name,status,campaign_id,adset_id,account_id,created_time,updated_time"
INSIGHT_FIELDS = (
    "account_id,account_currency,campaign_id,adset_id,ad_id,impressions,clicks,spend,reach,"
    "actions,action_values,date_start,date_stop"
)
ACCOUNT_INSIGHT_FIELDS = (
    "account_id,account_currency,impressions,clicks,spend,reach,actions,action_values,"
    "date_start,date_stop"
)
PER_AD = {"level": "ad", "time_increment": 1, "fields": INSIGHT_FIELDS}
PER_ACCOUNT = {"level": "account", "time_increment": 1, "fields": ACCOUNT_INSIGHT_FIELDS}
# Without it Meta leaves archived and deleted ones out, though their past spend stays.
STATUSES = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED", "IN_PROCESS", "WITH_ISSUES"]
AD_STATUSES = [*STATUSES, "ADSET_PAUSED", "CAMPAIGN_PAUSED", "DISAPPROVED", "PENDING_REVIEW"]


def _account(client: Client) -> str:
    return f"/{VERSION}/act_{client.settings['account_id'].removeprefix('act_')}"


def accounts(client: Client, window: Window) -> Pages:
    """The account: its currency and time zone."""
    return client.pages(_account(client), rows=None, params={"fields": ACCOUNT_FIELDS})


def campaigns(client: Client, window: Window) -> Pages:
    """Every campaign, archived and deleted ones too."""
    params = {"fields": CAMPAIGN_FIELDS, "effective_status": json.dumps(STATUSES), "limit": 500}
    return client.pages(f"{_account(client)}/campaigns", rows="data", params=params)


def ads(client: Client, window: Window) -> Pages:
    """Every ad, archived and deleted ones too."""
    params = {"fields": AD_FIELDS, "effective_status": json.dumps(AD_STATUSES), "limit": 500}
    return client.pages(f"{_account(client)}/ads", rows="data", params=params)


def ad_performance(client: Client, window: Window) -> Pages:
    """What each ad did on each of the window's days, as Meta counts it now."""
    days = window.days()
    if len(days) <= MOST_DAYS_AT_ONCE:
        for some in days.split(DAYS_PER_QUERY):
            yield from _insights(client, PER_AD, some)
        return
    for some in days.split(DAYS_PER_REPORT):
        yield from report(client, _account(client), PER_AD, some)


def account_performance(client: Client, window: Window) -> Pages:
    """What all of the account's ads did together, to hold the ads' sum against."""
    for some in window.days().split(DAYS_PER_REPORT):
        yield from _insights(client, PER_ACCOUNT, some)


def _insights(client: Client, asked: dict[str, Any], days: Days) -> Pages:
    params = asked | {
        "time_range": json.dumps({"since": str(days.first), "until": str(days.last)}),
        "limit": 500,
    }
    try:
        yield from client.pages(f"{_account(client)}/insights", rows="data", params=params)
    except TooMuchDataError:
        if len(days) == 1:
            raise
        for half in days.halves():
            yield from _insights(client, asked, half)


def probe(client: Client) -> Pages:
    """Whether the account may be read."""
    return client.pages(_account(client), rows=None, params={"fields": "account_id"})


VENDOR = Vendor(
    name="meta_ads",
    streams=(
        Stream("accounts", accounts),
        Stream("campaigns", campaigns),
        Stream("ads", ads),
        Stream("ad_performance", ad_performance, lookback_days=28),
        Stream("account_performance", account_performance, lookback_days=28),
    ),
    connect=connect,
    required=("access_token", "account_id"),
    secrets=("access_token",),
    version=API,
    probe=probe,
    credential=credential,
    scopes=("ads_read",),
)
