"""Tokens that say of themselves when they end, what they may not do and how much they may ask.

Belongs here: reading `<anything>-until-2026-03-05-without-ads_read`, which a test or a demo puts
into a setting. Does not belong here: how a vendor tells it (its module).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_UNTIL = re.compile(r"-until-(\d{4}-\d{2}-\d{2})")
_WITHOUT = re.compile(r"-without-(\w+)")
_QUOTA = re.compile(r"-quota-(\d+)")


def expiry_of(token: str) -> datetime | None:
    """When the token ends (aware UTC); None where it does not."""
    found = _UNTIL.search(token)
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None


def lacking(token: str) -> set[str]:
    """The rights that the token does not have."""
    return set(_WITHOUT.findall(token))


def quota_of(token: str) -> int | None:
    """How many units the token has a day; None where its quota is never used up."""
    found = _QUOTA.search(token)
    return int(found[1]) if found else None
