"""The night in which most vendors misbehave: what is published, told and kept for an operator.

What a vendor does wrong is its own affair: each test looks at one of them. That the good night
after it makes everything whole stands in test_truth.py.
"""

from __future__ import annotations

import re

import pytest

from tests.nightly import truth
from tests.nightly.bad_night import DAMAGED, FAILED, HELD, held_loads, of_build
from tests.nightly.company import FIRST_NIGHT, NEXT_NIGHT, Company, Done


@pytest.fixture(scope="session")
def told(bad_night: Company) -> Done:
    """What the bad night said, and its exit status."""
    return bad_night.last


def of_vendor(company: Company, query: str, night: str) -> list[tuple[object, ...]]:
    with truth.known_at(company, night) as con:
        return con.execute(query, {"end": truth.moment_of(night)}).fetchall()


def test_a_failing_stream_is_named_with_window_status_and_remedy(told: Done) -> None:
    assert told.status == 1
    for stream, status, remedy in [
        ("klaviyo/events", "500", "the vendor is failing: run the night again later."),
        ("square/refunds", "401", "renew this vendor's credential in .env."),
    ]:
        _, _, failure = told.output.partition(f"FAILED {stream}")
        block = failure.partition("FAILED")[0]
        vendor, name = stream.split("/")
        assert [line.split(maxsplit=1) for line in block.splitlines()[2:7]] == [
            ["vendor", vendor],
            ["stream", name],
            ["window", f"{_first_day(stream)}T00:00:00Z/2026-01-12T00:00:00Z"],
            ["status", status],
            ["remedy", remedy],
        ]
    assert f"Night {NEXT_NIGHT} is not complete" in told.output


def _first_day(stream: str) -> str:
    return {"klaviyo/events": "2026-01-08", "square/refunds": "2026-01-07"}[stream]


def test_the_others_are_fresh_and_the_failing_vendor_shows_what_came_before(
    bad_night: Company,
) -> None:
    fresh = {"orders and revenue", "orders of the shop and of the tills", "web sessions"}
    assert fresh.isdisjoint(truth.disagreements(bad_night, NEXT_NIGHT))
    newest = bad_night.ask(
        "select max(cast(sent_at as date))::text from marts.fct_message where platform = 'klaviyo'"
    )
    assert newest[0][0] <= FIRST_NIGHT
    assert "messages sent" not in truth.disagreements(bad_night, FIRST_NIGHT)


def test_the_freshness_report_says_what_failed_and_what_is_held_back(bad_night: Company) -> None:
    stale = bad_night.ask("""
        select vendor || '/' || stream, cast(accepted_through_at as date)::text, held_night_count
        from marts.rpt_freshness where is_stale and accepted_through_at is not null
    """)
    assert {(stream, through, held) for stream, through, held in stale} == {
        *((stream, NEXT_NIGHT, 0) for stream in FAILED),
        *((stream, NEXT_NIGHT, 1) for stream in HELD),
    }


def test_what_is_held_back_is_told_and_listed_for_the_operator(
    bad_night: Company, told: Done
) -> None:
    assert set(held_loads(bad_night)) == HELD
    listed = bad_night.loads().output
    for stream in HELD:
        assert "held back" in told.line_of(stream)
        assert stream in listed
    assert "make loads" in told.output


def test_a_metric_that_fell_silent_does_not_reach_the_facts(bad_night: Company) -> None:
    of_meta = "select sum(spend_amount) from marts.fct_ad_performance where platform = 'meta_ads'"
    right = of_vendor(
        bad_night,
        """
        select sum(spend_micros) / 1000000 from (
            from ad_day where report_date < $end and platform = 'meta_ads'
            qualify row_number() over (partition by ad_id, report_date order by known_at desc) = 1
        )
        """,
        FIRST_NIGHT,
    )
    assert float(bad_night.ask(of_meta)[0][0]) == pytest.approx(float(str(right[0][0])), abs=1e-6)


def test_a_field_that_vanished_makes_nothing_null(bad_night: Company) -> None:
    assert bad_night.ask("select count(*) from marts.dim_product where product_name is null") == [
        (0,)
    ]
    assert bad_night.ask(
        "select count(*) from marts.fct_social_performance"
        " where platform = 'instagram' and reactions_to_date is null"
    ) == [(0,)]


def test_a_number_that_is_none_is_kept_in_quarantine_and_the_other_rows_flow(
    bad_night: Company, told: Done
) -> None:
    rows = of_build(
        bad_night,
        "select reason, raw from base.base_quarantine"
        " where vendor = 'google_ads' and stream = 'ad_performance'",
    )
    assert len(rows) == 3
    for reason, raw in rows:
        assert "clicks: cannot read" in reason
        assert "or so" in reason
        assert "or so" in raw
    assert told.line_of("google_ads/ad_performance").split()[-2:] == ["3", "accepted"]
    assert bad_night.ask("""
        select count(*) from marts.fct_ad_performance
        where clicks is null or impressions is null or spend_amount is null
    """) == [(0,)]


def test_a_damaged_landing_file_is_named_and_its_stream_shows_what_came_before(
    bad_night: Company, first_load: Company, told: Done
) -> None:
    (reason,) = of_build(
        bad_night,
        "select reason from ops.loads where status = 'held' and stream = 'campaigns'"
        " and vendor = 'meta_ads'",
    )
    assert f"landing/{DAMAGED}/" in reason[0]
    in_one_line = "".join(told.output.split())
    assert re.search(rf"landing/{DAMAGED}/[\w.]+\.parquetcannotberead", in_one_line)
    campaigns = "select * from marts.dim_campaign where platform = 'meta_ads' order by all"
    assert bad_night.ask(campaigns) == first_load.ask(campaigns) != []


def test_an_empty_list_deletes_nothing(bad_night: Company, first_load: Company) -> None:
    for query in (
        "select count(*) from marts.dim_campaign where platform = 'google_ads'",
        "select count(distinct post_id) from marts.fct_social_performance"
        " where platform = 'facebook'",
    ):
        assert bad_night.ask(query) == first_load.ask(query) != [(0,)]


def test_a_row_sent_twice_counts_once(bad_night: Company) -> None:
    assert "order lines" not in truth.disagreements(bad_night, NEXT_NIGHT)


def test_a_new_field_is_told_and_stops_nothing(bad_night: Company, told: Done) -> None:
    assert "accepted" in told.line_of("klaviyo/profiles")
    assert of_build(
        bad_night,
        "select change from base.base_schema_drift"
        " where vendor = 'klaviyo' and stream = 'profiles' and json_path like '%shoe_size%'",
    )


def test_a_good_night_leaves_nothing_waiting_in_quarantine(
    bad_night: Company, healed: Company
) -> None:
    waiting = "select coalesce(sum(waiting_row_count), 0) from marts.rpt_quarantine"
    assert bad_night.ask(waiting)[0][0] >= 3
    assert healed.ask(waiting) == [(0,)]
    assert healed.ask("select sum(healed_row_count) from marts.rpt_quarantine")[0][0] >= 3


def test_after_the_next_good_night_nothing_is_stale(healed: Company) -> None:
    assert healed.ask("select vendor, stream from marts.rpt_freshness where is_stale") == []
