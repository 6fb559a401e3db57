"""How far back each stream is pulled again, for its vendor restates its past.

Belongs here: the setting that overrides what a connector says. Does not belong here: what is pulled
(`connectors.stream.Window`), and when a day counts as settled (dbt's seed `restatement_windows`).
"""

from __future__ import annotations

import os

from connectors.settings import SettingError
from connectors.stream import Vendor

MOST_DAYS = 1000


def lookback_days(vendor: Vendor) -> dict[str, int]:
    """Each stream's look-back in days: `SOURCES__<VENDOR>__LOOKBACK_DAYS__<STREAM>`, or its own.

    Raises:
        SettingError: a setting names no stream of the vendor, or is no number of days.
    """
    prefix = f"SOURCES__{vendor.name.upper()}__LOOKBACK_DAYS__"
    days = {stream.name: stream.lookback_days for stream in vendor.streams}
    names = {stream.upper(): stream for stream in days}
    for variable, text in os.environ.items():
        if not variable.startswith(prefix) or not text.strip():
            continue
        stream = names.get(variable.removeprefix(prefix))
        if stream is None:
            raise SettingError(
                f"{variable} is set and {vendor.name} has no such stream: it has"
                f" {', '.join(days)}; write {prefix}<STREAM>."
            )
        days[stream] = _days(variable, text.strip())
    return days


def _days(variable: str, text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_DAYS:
        raise SettingError(
            f"{variable} is {text!r}: write a whole number of days, from 0 to {MOST_DAYS}."
        )
    return int(text)
