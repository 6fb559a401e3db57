"""TikTok's synchronous report: `report/integrated/get` over ads or the whole advertiser, by day.

Belongs here: the report's parameters, limits and rows. Does not belong here: the other endpoints
(tiktok_ads.py) and what was spent (the truth tables).

As at TikTok: numbers are text, money in the advertiser's currency, `-` where a metric does not
apply; a report by day spans at most 30 days; deleted ads are left out unless `ad_status` asks for
all of them; past days are restated, which here follows the clock through `ad_day.known_at`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.strict import fingerprint
from sandbox.tiktok_wire import (
    ADVERTISER_ID,
    answer,
    check_parameters,
    decoded,
    listed,
    page_of,
    refuse,
    the_advertiser,
)
from sandbox.wire import Request, Response
from sandbox.world import World

MOST_DAYS = 30
# However it is paged, a report goes no further.
MOST_ROWS = 10_000
# Per data level: the dimensions a report by day has, and the stream it serves.
LEVELS = {
    "AUCTION_AD": ({"ad_id", "stat_time_day"}, "ad_performance"),
    "AUCTION_ADVERTISER": ({"advertiser_id", "stat_time_day"}, "account_performance"),
}
ATTRIBUTES = {"advertiser_id", "advertiser_name", "currency"}
AD_ATTRIBUTES = {"campaign_id", "campaign_name", "adgroup_id", "adgroup_name", "ad_name"}
MEASURES = {"spend", "impressions", "clicks", "reach", "conversion", "complete_payment"}
MEASURES |= {"total_complete_payment_rate", "ctr", "cpc", "cpm", "frequency"}
_PARAMETERS = {"advertiser_id", "service_type", "report_type", "data_level", "dimensions"}
_PARAMETERS |= {"metrics", "start_date", "end_date", "filtering", "page", "page_size"}
_PARAMETERS |= {"order_field", "order_type", "query_lifetime", "enable_total_metrics"}
_PARAMETERS |= {"query_mode", "advertiser_ids", "bc_id", "multi_adv_report_in_utc_time"}
_NOT_SERVED = {"order_field", "order_type", "query_lifetime", "enable_total_metrics"}
_NOT_SERVED |= {"query_mode", "advertiser_ids", "bc_id", "multi_adv_report_in_utc_time"}
_ANY_STATUS = '["STATUS_ALL"]'
_COUNTS = ("impressions", "clicks", "spend_cents", "purchases", "purchase_cents")

DAYS = """
    select
        ad_day.report_date::timestamp as sort_at,
        ad_day.known_at,
        lead(ad_day.known_at) over (
            partition by ad_day.ad_id, ad_day.report_date order by ad_day.known_at
        ) as superseded_at,
        ad_day.ad_id as key,
        ad.account_id as tag,
        to_json({
            'ad_id': ad_day.ad_id,
            'stat_time_day': strftime(ad_day.report_date, '%Y-%m-%d 00:00:00'),
            'impressions': ad_day.impressions,
            'clicks': ad_day.clicks,
            'spend_cents': ad_day.spend_micros // 10000,
            'purchases': ad_day.conversions::bigint,
            'purchase_cents': round(ad_day.conversions_value * 100)::bigint
        })::varchar as body
    from ad_day
    inner join ad on ad_day.platform = ad.platform and ad_day.ad_id = ad.ad_id
    where ad_day.platform = 'tiktok_ads'
"""


def stream_of(request: Request) -> str:
    """Return the stream that a report serves, by its data level."""
    return LEVELS.get(request.one("data_level") or "", ({}, "ad_performance"))[1]


def report(request: Request, world: World, now: datetime) -> Response:
    """Answer a report by day."""
    check_parameters(
        request, _PARAMETERS, required={"advertiser_id", "report_type", "dimensions", "metrics"}
    )
    for name in sorted(_NOT_SERVED):
        if request.one(name) is not None:
            refuse(f"This sandbox does not serve {name}")
    the_advertiser(request.one("advertiser_id") or "")
    if request.one("report_type") != "BASIC" or request.one("service_type", "AUCTION") != "AUCTION":
        refuse("This sandbox serves BASIC reports of AUCTION ads only")
    level = request.one("data_level") or ""
    if level not in LEVELS:
        refuse("data_level: This sandbox serves AUCTION_AD and AUCTION_ADVERTISER")
    dimensions = listed(request, "dimensions")
    if set(dimensions) != LEVELS[level][0]:
        refuse(f"dimensions: This sandbox serves {sorted(LEVELS[level][0])} with {level}")
    metrics = _metrics(request, level)
    first, last = _span(request)
    with_deleted = _filtering(request, level)
    ads = {ad["ad_id"]: ad for ad in world.stream("tiktok_ads", "ads").all(now, [ADVERTISER_ID])}
    days = world.stream("tiktok_ads", "ad_performance").page(
        now,
        limit=2**62,
        start=datetime.combine(first, time(), UTC),
        end=datetime.combine(last + timedelta(days=1), time(), UTC),
        tags=[ADVERTISER_ID],
    )
    rows = [ads[day["ad_id"]] | day for day in days.objects()]
    if level == "AUCTION_ADVERTISER":
        rows = _totals(rows)
    elif not with_deleted:
        rows = [row for row in rows if not row["is_deleted"]]
    found, info = page_of(request, rows)
    if info["page"] * info["page_size"] > max(MOST_ROWS, info["page_size"]):
        refuse(f"page: A report gives {MOST_ROWS} rows at most.")
    content = [
        {
            "dimensions": {name: row[name] for name in dimensions},
            "metrics": {name: value for name, value in _stated(row).items() if name in metrics},
        }
        for row in found
    ]
    return answer(
        {"list": content, "page_info": info}, request_id=fingerprint(request.raw_query, now)
    )


def _metrics(request: Request, level: str) -> set[str]:
    known = MEASURES | ATTRIBUTES | (AD_ATTRIBUTES if level == "AUCTION_AD" else set())
    asked = set(listed(request, "metrics"))
    if unknown := sorted(asked - known):
        refuse(f"metrics: Invalid metric fields: {unknown}")
    return asked


def _span(request: Request) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(request.one(n) or "") for n in ("start_date", "end_date"))
    except ValueError:
        refuse("start_date, end_date: Not a valid date; use YYYY-MM-DD.")
    if first > last:
        refuse("start_date must not be later than end_date.")
    if (last - first).days >= MOST_DAYS:
        refuse(f"The time span is larger than {MOST_DAYS} days with stat_time_day.")
    return first, last


def _filtering(request: Request, level: str) -> bool:
    """Return whether deleted ads are asked for too."""
    filters = decoded(request, "filtering", list)
    for each in filters or []:
        if not isinstance(each, dict) or set(each) != {"field_name", "filter_type", "filter_value"}:
            refuse("filtering: field_name, filter_type and filter_value are required.")
        asked = (each["field_name"], each["filter_type"], str(each["filter_value"]))
        if level != "AUCTION_AD" or asked != ("ad_status", "IN", _ANY_STATUS):
            refuse("This sandbox filters ads by ad_status IN STATUS_ALL only")
    return bool(filters)


def _totals(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the ads of a day up; the advertiser's own total knows of deleted ones too."""
    days: dict[str, dict[str, Any]] = {}
    for row in rows:
        total = days.setdefault(row["stat_time_day"], row | dict.fromkeys(_COUNTS, 0))
        for name in _COUNTS:
            total[name] += row[name]
        total["objective_type"] = None
    return list(days.values())


def _stated(row: dict[str, Any]) -> dict[str, Any]:
    """Return every metric of a row as TikTok states it: as text."""
    impressions, clicks, cents = row["impressions"], row["clicks"], row["spend_cents"]
    reach = impressions * 4 // 5
    # What an ad is not made for, does not apply to it.
    is_for_sale = row["objective_type"] != "VIDEO_VIEWS"
    return {
        "advertiser_id": row["advertiser_id"],
        "advertiser_name": row["name"],
        "currency": row["currency"],
        "campaign_id": row["campaign_id"],
        "campaign_name": row["campaign_name"],
        "adgroup_id": row["adgroup_id"],
        "adgroup_name": row["adgroup_name"],
        "ad_name": row["ad_name"],
        "spend": _major(cents),
        "impressions": str(impressions),
        "clicks": str(clicks),
        "reach": str(reach),
        "conversion": str(row["purchases"]),
        "complete_payment": str(row["purchases"]) if is_for_sale else "-",
        "total_complete_payment_rate": _major(row["purchase_cents"]) if is_for_sale else "-",
        "ctr": _ratio(clicks * 100, impressions),
        "cpc": _ratio(cents / 100, clicks),
        "cpm": _ratio(cents * 10, impressions),
        "frequency": _ratio(impressions, reach),
    }


def _major(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _ratio(count: float, of: float) -> str:
    return f"{count / of:.2f}" if of else "0.00"
