"""One night in which most vendors misbehave, each in its own way, and the good night after it.

Belongs here: what goes wrong and what an operator then decides. Does not belong here: what must
come of it, which the tests say.
"""

from __future__ import annotations

import os
from typing import Any

import duckdb

from tests.nightly.company import LAST_NIGHT, NEXT_NIGHT, Company

# vendor, stream, fault, options; klaviyo/events and square/refunds fail, the others deliver.
FAULTS: list[tuple[str, str, str, dict[str, object]]] = [
    ("klaviyo", "events", "error", {"status": 500}),
    ("klaviyo", "profiles", "new_field", {"field": "attributes.shoe_size"}),
    ("square", "refunds", "unauthorized", {}),
    ("square", "orders", "duplicate_rows", {"rows": 3}),
    ("square", "payments", "truncated", {"times": 2}),
    ("square", "catalog", "vanished_field", {"field": "item_data.name"}),
    ("google_ads", "ad_performance", "string_for_number", {"field": "metrics.clicks", "every": 90}),
    ("google_ads", "campaigns", "empty_page", {}),
    ("meta_ads", "ad_performance", "zero_metric", {"field": "spend"}),
    ("meta_social", "instagram_media", "vanished_field", {"field": "like_count"}),
    ("meta_social", "facebook_posts", "nothing", {}),
]
# Its file is cut off after it has landed.
DAMAGED = "meta_ads/campaigns"
HELD = {
    DAMAGED,
    "square/catalog",
    "google_ads/campaigns",
    "meta_ads/ad_performance",
    "meta_social/instagram_media",
}
FAILED = {"klaviyo/events", "square/refunds"}


def run(company: Company) -> None:
    """The next night of the company, gone wrong."""
    # Waiting between attempts is the connectors' own tests' business.
    with company.begun(NEXT_NIGHT, RUNTIME__REQUEST_BACKOFF_FACTOR="0.01") as night:
        for vendor, stream, fault, options in FAULTS:
            night.spoil(vendor, stream, fault, **options)
        night.until_said(DAMAGED)
        folder = company.data / "landing" / DAMAGED
        newest = max(folder.glob("*.parquet"), key=lambda file: file.stat().st_mtime)
        os.truncate(newest, newest.stat().st_size // 2)
        night.done()


def heal(company: Company) -> None:
    """An operator decides about some of what was held back; then a good night."""
    waiting = held_loads(company)
    for stream, verb in [
        ("google_ads/campaigns", "release"),
        ("square/catalog", "discard"),
        ("meta_social/instagram_media", "discard"),
    ]:
        done = company.loads(verb, waiting[stream])
        assert done.status == 0, done.output
    company.good_night(LAST_NIGHT)


def held_loads(company: Company) -> dict[str, str]:
    """Stream → the id of its load that is held back."""
    return dict(
        of_build(
            company, "select vendor || '/' || stream, load_id from ops.loads where status = 'held'"
        )
    )


def of_build(company: Company, query: str) -> list[Any]:
    """Ask the private file: what analysts do not see."""
    with duckdb.connect(str(company.build), read_only=True) as con:
        return con.execute(query).fetchall()
