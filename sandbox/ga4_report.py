"""What the reports of Google Analytics 4 say: dimensions, metrics, and what is not whole of them.

Belongs here: how measured visits become rows, and the marks of a day. Does not belong here: which
questions are allowed and how they are answered over HTTP (ga4.py).

As at Google: rows of few people are withheld where a report is subject to thresholding, rare values
stand together as `(other)`, a sampled report says of how many events it was made. Users are counted
anew for every row. Numbers are text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Visit = dict[str, Any]

CURRENCY = "USD"
TIME_ZONE = "America/New_York"
KEY_EVENTS = {"add_to_cart", "purchase"}
FEW_PEOPLE = 2
SAMPLED_SHARE = 0.6
NOT_SET = "(not set)"
UNATTRIBUTED = {
    "source": NOT_SET,
    "medium": NOT_SET,
    "campaign_id": NOT_SET,
    "campaign_name": NOT_SET,
    "channel_group": "Unassigned",
}
# Of an event; all others are of the visit.
EVENT = "eventName"
DIMENSIONS: dict[str, str] = {
    "date": "day",
    "eventName": "event",
    "landingPage": "landing_page",
    "sessionCampaignId": "campaign_id",
    "sessionCampaignName": "campaign_name",
    "sessionDefaultChannelGroup": "channel_group",
    "sessionMedium": "medium",
    "sessionSource": "source",
}
RARE = {"sessionCampaignId", "sessionCampaignName", "landingPage"}


@dataclass
class Sums:
    """What the events of a row add up to."""

    visits: set[str] = field(default_factory=set)
    engaged: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)
    events: int = 0
    views: int = 0
    key_events: int = 0
    purchases: int = 0
    cents: int = 0

    def add(self, visit: Visit, event: str, count: int) -> None:
        """Count an event of a visit, which comes so often."""
        self.visits.add(visit["session_id"])
        self.people.add(visit["client_id"])
        if visit["is_engaged"]:
            self.engaged.add(visit["session_id"])
        if visit["is_first_visit"]:
            self.first.add(visit["client_id"])
        self.events += count
        self.views += count if event == "page_view" else 0
        self.key_events += count if event in KEY_EVENTS else 0
        if event == "purchase":
            self.purchases += count
            self.cents += visit["revenue_cents"]


METRICS: dict[str, tuple[str, Callable[[Sums], str]]] = {
    "engagedSessions": ("TYPE_INTEGER", lambda sums: str(len(sums.engaged))),
    "eventCount": ("TYPE_INTEGER", lambda sums: str(sums.events)),
    "keyEvents": ("TYPE_FLOAT", lambda sums: str(sums.key_events)),
    "newUsers": ("TYPE_INTEGER", lambda sums: str(len(sums.first))),
    "purchaseRevenue": ("TYPE_CURRENCY", lambda sums: _amount(sums.cents)),
    "screenPageViews": ("TYPE_INTEGER", lambda sums: str(sums.views)),
    "sessions": ("TYPE_INTEGER", lambda sums: str(len(sums.visits))),
    "totalRevenue": ("TYPE_CURRENCY", lambda sums: _amount(sums.cents)),
    "totalUsers": ("TYPE_INTEGER", lambda sums: str(len(sums.people))),
    "transactions": ("TYPE_INTEGER", lambda sums: str(sums.purchases)),
}


def _amount(cents: int) -> str:
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


def events_of(visit: Visit) -> Iterator[tuple[str, int]]:
    """What a visit sent, and how often."""
    yield "session_start", 1
    yield "page_view", visit["page_views"]
    if visit["is_first_visit"]:
        yield "first_visit", 1
    if visit["is_engaged"]:
        yield "user_engagement", 1
    if visit["has_cart"]:
        yield "add_to_cart", 1
    if visit["buys"]:
        yield "purchase", 1


def report(
    visits: Iterable[Visit], dimensions: list[str], metrics: list[str], now: datetime
) -> tuple[list[tuple[list[str], list[str]]], dict[str, Any]]:
    """Make a report of visits.

    Args:
        visits: those of the days asked for, as far as they are known.
        dimensions: names of DIMENSIONS.
        metrics: names of METRICS.
        now: the clock, by which visits are attributed.

    Returns:
        Rows of dimension values and metric values, and what `metadata` says of them.
    """
    seen = [_attributed(visit, now) for visit in visits]
    sums: dict[tuple[str, ...], Sums] = {}
    for visit in seen:
        for event, count in events_of(visit):
            holder = visit | {"event": event}
            key = tuple(str(holder[DIMENSIONS[name]]) for name in dimensions)
            sums.setdefault(key, Sums()).add(visit, event, count)
    is_split = set(dimensions) > {"date"}
    withheld = {visit["day"] for visit in seen if visit["is_thresholded"]} if is_split else set()
    day_at = dimensions.index("date") if "date" in dimensions else None
    rows = [
        (list(key), [METRICS[name][1](found) for name in metrics])
        for key, found in sums.items()
        if len(found.people) >= FEW_PEOPLE or not _is_withheld(key, day_at, withheld)
    ]
    return rows, _marks(seen, set(dimensions), is_split)


def _attributed(visit: Visit, now: datetime) -> Visit:
    """The visit as it is booked so far: where it came from is found out later."""
    known = datetime.fromisoformat(visit["attributed_at"]) <= now.replace(tzinfo=None)
    return visit if known else visit | UNATTRIBUTED


def _is_withheld(key: tuple[str, ...], day_at: int | None, withheld: set[str]) -> bool:
    return bool(withheld) if day_at is None else key[day_at] in withheld


def _marks(seen: list[Visit], dimensions: set[str], is_split: bool) -> dict[str, Any]:
    """What is not whole; left out where it is, as protocol buffers leave out what is false."""
    marks: dict[str, Any] = {"currencyCode": CURRENCY, "timeZone": TIME_ZONE}
    if is_split and any(visit["is_thresholded"] for visit in seen):
        marks["subjectToThresholding"] = True
    if dimensions & RARE and any(visit["has_other_row"] for visit in seen):
        marks["dataLossFromOtherRow"] = True
    if is_split and any(visit["is_sampled"] for visit in seen):
        events = sum(count for visit in seen for _, count in events_of(visit))
        read = {"samplesReadCount": str(int(events * SAMPLED_SHARE))}
        marks["samplingMetadatas"] = [read | {"samplingSpaceSize": str(events)}]
    return marks
