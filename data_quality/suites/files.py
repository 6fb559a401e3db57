"""Suites for the drop folder: orders and offline activity as other systems export them."""

from __future__ import annotations

from data_quality.suite import Pages, StreamSuite

# Files come when they come, with any number of rows, and their text is cut by each feed's own
# declaration: neither volume nor pages are judged here, quarantine and vanished columns are.
_PAGES = Pages(form="opaque", rows=None, key=())

SUITES = (
    StreamSuite(stream="orders", pages=_PAGES, key=(), volume="any"),
    StreamSuite(stream="offline_activity", pages=_PAGES, key=(), volume="any"),
)
