"""What is held against totals per account, and how pieces of a mailing are counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from data_quality.chain import chains
from tests.data_quality.conftest import START, Night, ad_rows
from tests.data_quality.test_reconciliation import build, pull, wrong


def test_what_one_account_lacks_is_not_made_good_by_another(night: Night) -> None:
    """Two accounts' days, each read of the other: their sum says nothing of it."""
    pull(night, ad_rows(START))
    build(night)
    night.con.execute(
        """
        insert into marts.fct_ad_performance
        select * replace ('B' as account_id) from marts.fct_ad_performance;
        insert into staging.stg_google_ads__account_performance
        select
            account_id, report_date, sum(spend_amount + 0) + max(if(account_id = 'A', 3, -3)),
            sum(impressions), sum(clicks)
        from marts.fct_ad_performance group by account_id, report_date
        """
    )
    found = [each for each in wrong(night) if "own days" in each.left_at]

    assert {(each.part, each.name, each.difference) for each in found} == {
        ("A", "spend_amount", Decimal(-3)),
        ("B", "spend_amount", Decimal(3)),
    }
    assert f"google_ads/ad_performance {START} of A: spend_amount" in str(found[0])
    stated = night.con.execute("select part from ops.source_totals order by part").fetchall()
    assert stated == [("A",), ("B",)]


def test_pieces_of_one_mailing_to_one_person_are_one_message(night: Night) -> None:
    """Whatever else a row of the drop says: the message is one, on the day of the first piece."""
    night.con.execute(
        """
        create schema staging;
        create table staging.stg_files__offline_contacts as
        select
            'mail_sent' as contact_type, false as is_deleted, 'spring' as campaign_id, name as
            campaign_name, 'company' as customer_issuer, number as customer_number,
            null::text as loyalty_number, email, day as contacted_at
        from (values
            ('Spring', '1', null, timestamp '2026-01-05'),
            (null, '1', 'ann@example.com', timestamp '2026-01-06'),
            ('Spring', '2', 'ann@example.com', timestamp '2026-01-06'),
            ('Spring', null, null, timestamp '2026-01-06')
        ) as rows (name, number, email, day)
        """
    )
    (chain,) = chains("files", "offline_contacts")

    sums = night.con.execute(chain.levels[0].sums([])).fetchall()

    assert sorted((day, count) for day, _, count in sums) == [
        (date(2026, 1, 5), 1),
        (date(2026, 1, 6), 1),
    ]
