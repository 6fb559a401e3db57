"""What is lost or made up on the way from the pages to the facts is found, to the last digit."""

from __future__ import annotations

import itertools
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_quality import loads
from data_quality.chain import chains, on_days
from data_quality.comparison import Comparison
from data_quality.reconciliation import compare
from data_quality.suite import suites
from tests.data_quality.conftest import BASE, START, Night, ad_rows

ADS = ("google_ads", "ad_performance")
MODELS = """
    create schema if not exists staging;
    create schema if not exists intermediate;
    create schema if not exists marts;
    create or replace table staging.stg_google_ads__ad_performance as
    select
        ad_id_google_ads, report_date, impressions, clicks,
        cast(cost_micros * 0.000001 as decimal(18, 4)) as spend_amount,
        conversions as conversions_platform_reported,
        base.pulled_at,
        true as is_current
    from base.base_google_ads__ad_performance as base
    inner join ops.loads as loads using (load_id)
    where loads.status = 'accepted' and quarantine_reason is null
    qualify row_number() over (
        partition by ad_id_google_ads, report_date order by base.pulled_at desc, load_id desc
    ) = 1;
    create or replace table intermediate.int_ads__google_ads as
    from staging.stg_google_ads__ad_performance;
    create or replace table marts.fct_ad_performance as
    select 'google_ads' as platform, 'A' as account_id, * from intermediate.int_ads__google_ads;
    create table if not exists staging.stg_google_ads__account_performance (
        account_id_google_ads text, report_date date, spend_amount decimal(18, 4),
        impressions bigint, clicks bigint
    );
"""


def full_page(rows: list[dict[str, Any]]) -> str:
    """Rows as the vendor sends them, every number of them."""
    results = [
        {
            "adGroupAd": {"ad": {"id": row["ad_id_google_ads"]}},
            "segments": {"date": f"{row['report_date']}"},
            "metrics": {
                "impressions": str(row["impressions"]),
                "clicks": str(row["clicks"]),
                "costMicros": str(row["cost_micros"]),
                "conversions": row["conversions"],
            },
        }
        for row in rows
    ]
    return json.dumps({"results": results})


def pull(
    night: Night,
    rows: list[dict[str, Any]],
    *,
    new: list[dict[str, Any]] | None = None,
    status: str = "accepted",
) -> str:
    """A load of ads that was decided on and reached base."""
    days = [row["report_date"] for row in rows]
    end = max(days) + timedelta(days=1)
    load_id = night.land(*ADS, [full_page(rows)], start=min(days), end=end)
    night.register()
    night.type_rows(*ADS, load_id, rows if new is None else new)
    night.con.execute(
        'update base."base_google_ads__ad_performance" as base'
        " set pulled_at = loads.pulled_at, page_index = 0"
        " from ops.loads as loads where base.load_id = loads.load_id"
    )
    loads.decide(night.con, load_id, status, "gate", None)
    return load_id


def build(night: Night) -> None:
    night.con.execute(MODELS)


def wrong(night: Night) -> list[Comparison]:
    return [comparison for comparison in compare(night.con) if not comparison.is_equal]


def test_what_arrived_whole_agrees_at_every_level(night: Night) -> None:
    pull(night, ad_rows(START) + ad_rows(START + timedelta(days=1)))
    build(night)

    found = compare(night.con)

    assert [str(comparison) for comparison in found if not comparison.is_equal] == []
    levels = {comparison.left_at for comparison in found}
    assert {"landing", "base.base_google_ads__ad_performance"} <= levels
    spend = next(
        comparison
        for comparison in found
        if (comparison.name, comparison.day, comparison.right_at)
        == ("spend_amount", START, "marts.fct_ad_performance")
    )
    assert spend.right == Decimal("18.0000")
    assert {comparison.day for comparison in found} == {START, START + timedelta(days=1)}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "delete from marts.fct_ad_performance where ad_id_google_ads = 'a3'",
            "ad_days 12 in intermediate.int_ads__google_ads, 11 in marts.fct_ad_performance (-1)",
        ),
        (
            "update marts.fct_ad_performance set spend_amount = spend_amount + 0.0001"
            " where ad_id_google_ads = 'a3'",
            "spend_amount 18 in intermediate.int_ads__google_ads, 18.0001 in"
            " marts.fct_ad_performance (+0.0001)",
        ),
        (
            "delete from intermediate.int_ads__google_ads where ad_id_google_ads = 'a3'",
            "ad_days 12 in staging.stg_google_ads__ad_performance,"
            " 11 in intermediate.int_ads__google_ads (-1)",
        ),
        (
            "update staging.stg_google_ads__ad_performance set clicks = 0",
            "clicks 102 in landing, 0 in staging.stg_google_ads__ad_performance (-102)",
        ),
        (
            "insert into staging.stg_google_ads__ad_performance"
            " select * replace ('made up' as ad_id_google_ads)"
            " from staging.stg_google_ads__ad_performance limit 1",
            "ad_days 12 in base.base_google_ads__ad_performance,"
            " 13 in staging.stg_google_ads__ad_performance (+1)",
        ),
        (
            "delete from base.base_google_ads__ad_performance where ad_id_google_ads = 'a3'",
            "rows 12 in landing, 11 in base (-1)",
        ),
    ],
    ids=["fact row", "a hundredth of a cent", "middle", "values", "made up", "base row"],
)
def test_a_loss_is_found_and_told_with_vendor_day_and_both_places(
    night: Night, damage: str, said: str
) -> None:
    pull(night, ad_rows(START))
    build(night)
    night.con.execute(damage)

    messages = [str(comparison) for comparison in wrong(night)]

    assert f"google_ads/ad_performance 2026-01-05: {said}" in messages


def test_loads_that_agreed_are_not_compared_again_and_others_are(night: Night) -> None:
    pull(night, ad_rows(START))
    build(night)
    night.con.execute("delete from marts.fct_ad_performance where ad_id_google_ads = 'a3'")
    assert wrong(night)
    assert wrong(night), "a difference is told until it is gone"

    build(night)
    assert compare(night.con)
    assert compare(night.con) == []


def test_the_cost_follows_what_is_new(night: Night) -> None:
    pull(night, ad_rows(START))
    build(night)
    compare(night.con)
    pull(night, ad_rows(START + timedelta(days=9)))
    build(night)

    assert {comparison.day for comparison in compare(night.con)} == {START + timedelta(days=9)}


def test_everything_can_be_compared_at_once(night: Night) -> None:
    for offset in range(3):
        pull(night, ad_rows(START + timedelta(days=offset)))
    build(night)
    compare(night.con)

    days = {comparison.day for comparison in compare(night.con, everything=True)}

    assert days == {START + timedelta(days=offset) for offset in range(3)}


def test_a_held_load_is_not_missed_in_the_facts(night: Night) -> None:
    pull(night, ad_rows(START))
    pull(night, ad_rows(START + timedelta(days=1)), status="held")
    build(night)

    assert wrong(night) == []


def test_rows_pulled_again_unchanged_are_in_base_once_and_not_missed(night: Night) -> None:
    pull(night, ad_rows(START))
    pull(night, ad_rows(START), new=[])
    build(night)

    assert wrong(night) == []


def test_a_restated_day_agrees_in_its_newest_version(night: Night) -> None:
    pull(night, ad_rows(START))
    build(night)
    compare(night.con)
    restated = ad_rows(START, conversions=5.25) + ad_rows(START + timedelta(days=1))
    pull(night, restated)
    build(night)

    found = compare(night.con)

    assert [str(comparison) for comparison in found if not comparison.is_equal] == []
    claims = [c for c in found if c.name == "conversions" and c.day == START]
    assert {comparison.right for comparison in claims} == {Decimal(63)}


def test_a_row_in_quarantine_is_accounted_for(night: Night) -> None:
    rows = ad_rows(START)
    bad = [{**rows[0], "impressions": None, "quarantine_reason": "impressions: missing"}]
    pull(night, rows, new=bad + rows[1:])
    build(night)
    assert wrong(night) == []

    pull(night, rows, new=[])
    assert wrong(night) == [], "pulled again, it still lies there"


def test_an_older_pull_that_is_released_later_changes_nothing(night: Night) -> None:
    late = pull(night, ad_rows(START, clicks=1), status="held")
    pull(night, ad_rows(START) + ad_rows(START + timedelta(days=1)))
    build(night)
    compare(night.con)
    loads.release(night.con, late, "operator ada")
    build(night)

    assert wrong(night) == []


def test_every_comparison_can_be_queried_afterwards(night: Night) -> None:
    pull(night, ad_rows(START))
    build(night)
    found = compare(night.con)

    rows = night.con.execute('select vendor, day, "left", "right" from ops.reconciliation')

    assert len(rows.fetchall()) == len(found)


def test_a_night_without_news_compares_nothing(night: Night) -> None:
    assert compare(night.con) == []


def test_every_level_names_measures_that_its_neighbours_know() -> None:
    every = [
        (vendor, chain)
        for vendor, streams in suites().items()
        for stream in streams
        for chain in chains(vendor, stream)
    ]
    assert len(every) >= 9
    for vendor, chain in every:
        names = [set(level.measures) for level in chain.levels]
        for left, right in itertools.pairwise(names):
            assert left & right, (vendor, chain.what)
        if chain.landed:
            assert set(chain.landed.measures) & names[chain.landed_at], (vendor, chain.what)
            assert chain.levels[chain.landed_at].key, (vendor, chain.what)


def test_days_are_asked_for_as_a_span_and_as_a_list() -> None:
    condition = on_days("at", [date(2026, 1, 5), date(2026, 1, 9)])

    assert "at >= date '2026-01-05' and at < date '2026-01-10'" in condition
    assert "in (date '2026-01-05', date '2026-01-09')" in condition
    assert on_days("at", []) == "true"


SQUARE = """
    create schema base; create schema staging; create schema intermediate; create schema marts;
    create table staging.stg_square__orders as
    select 'o1' as order_id_square, timestamp '2026-01-05 10:00' as ordered_at;
    create table staging.stg_square__payments as
    select 'o1' as order_id_square, 'COMPLETED' as payment_status, 12.50::decimal(18, 4) as amount;
    create table staging.stg_square__refunds as
    select 'o1' as order_id_square, 'COMPLETED' as refund_status,
        2::decimal(18, 4) as refund_amount;
    create table marts.fct_order as
    select timestamp '2026-01-05 10:00' as ordered_at, 10.50::decimal(18, 4) as net_amount,
        'square' as order_source;
    create table base.base_square__orders as
    select '1.1' as load_id, timestamp '2026-01-05 10:00' as ordered_at,
        null::text as quarantine_reason;
"""


def test_orders_are_held_against_what_was_paid_without_stopping_the_night(night: Night) -> None:
    from data_quality.chain import source_totals
    from data_quality.reconciliation import _against_source

    night.con.execute(SQUARE)
    night.land("square", "orders", ["{}"])
    (load,) = night.register()
    night.con.execute("update base.base_square__orders set load_id = ?", [load.load_id])
    (total,) = source_totals("square")

    (paid,) = _against_source(night.con, "square", total, [load], False)
    assert paid.is_equal
    assert night.con.execute("select measure, value from ops.source_totals").fetchall() == [
        ("paid_amount", Decimal("10.5000"))
    ]

    night.con.execute("update marts.fct_order set net_amount = 10.49")
    (paid,) = _against_source(night.con, "square", total, [load], False)
    assert not paid.is_equal
    assert not paid.is_wrong
    assert "10.5 in payments and refunds, 10.49 in marts.fct_order (-0.01)" in str(paid)


def test_a_day_is_held_against_the_source_once_it_is_over(night: Night) -> None:
    """Before, an order and what was paid for it are pulled at different moments of the same day."""
    from data_quality.chain import source_totals
    from data_quality.reconciliation import _against_source

    night.con.execute(SQUARE)
    (total,) = source_totals("square")
    night.con.execute("update marts.fct_order set net_amount = 0")
    running = datetime(2026, 1, 5, 12)
    night.land("square", "orders", ["{}"], pulled_at=running)
    (load,) = night.register()
    night.con.execute("update base.base_square__orders set load_id = ?", [load.load_id])
    for everything in (False, True):
        assert list(_against_source(night.con, "square", total, [load], everything)) == []

    # The next night brings nothing new of that day, and still looks at it.
    night.land("square", "orders", ["{}"])
    (load,) = night.register()
    for everything in (False, True):
        (paid,) = _against_source(night.con, "square", total, [load], everything)
        assert not paid.is_equal


def test_the_base_tables_of_these_tests_have_the_columns_that_suites_read() -> None:
    for (vendor, stream), columns in BASE.items():
        suite = suites()[vendor][stream]
        assert set(suite.key) <= set(columns)


def test_spend_that_no_ad_has_is_found_by_the_platforms_own_total(night: Night) -> None:
    """Campaigns without ads are in the account's day only; a day without a total has no say."""
    second = START + timedelta(days=1)
    pull(night, ad_rows(START) + ad_rows(second))
    build(night)
    night.con.execute(
        """
        insert into staging.stg_google_ads__account_performance
        select 'A', report_date, sum(spend_amount) + 12.5, sum(impressions), sum(clicks)
        from marts.fct_ad_performance where report_date = ? group by report_date
        """,
        [START],
    )

    (found,) = wrong(night)

    assert (found.name, found.day, found.is_blocking) == ("spend_amount", START, False)
    assert found.difference == Decimal("-12.5")
    stated = night.con.execute("select day, measure from ops.source_totals").fetchall()
    assert stated == [(START, "spend_amount")]
