"""Suites for the drop folder: orders and offline activity as other systems export them."""

from __future__ import annotations

from data_quality.suite import Pages, StreamSuite, not_negative, one_of, sane_amounts
from data_quality.thresholds import Thresholds

# A page is cut by its feed's own declaration, and what base could not read of it is in quarantine.
_PAGES = Pages(form="opaque", rows=None, key=())

# Files come when they come, with any number of rows, and each feed fills other columns: neither
# volume nor a column that stays empty tells anything. No column is filled in twice the rows.
_THRESHOLDS = Thresholds(vanished_share=2.0)

SUITES = (
    StreamSuite(
        stream="orders",
        pages=_PAGES,
        key=(),
        volume="any",
        thresholds=_THRESHOLDS,
        # Till exports book bad debt and stock corrections, so either sign is right.
        rules=sane_amounts("quantity", "unit_price_amount", "net_amount"),
    ),
    StreamSuite(
        stream="offline_activity",
        pages=_PAGES,
        key=(),
        volume="any",
        thresholds=_THRESHOLDS,
        rules=(
            *not_negative("spend_amount", "audience", "insertions"),
            *sane_amounts("spend_amount", limit=1e8),
            *one_of("channel_group", "print", "out_of_home", "radio", "tv", "direct_mail"),
        ),
    ),
)
