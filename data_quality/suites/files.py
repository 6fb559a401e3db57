"""Suites for the drop folder: orders and offline activity as other systems export them."""

from __future__ import annotations

from data_quality.chain import Chain, Level
from data_quality.suite import Pages, StreamSuite, not_negative, one_of, same, sane_amounts
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
    StreamSuite(
        stream="offline_contacts",
        pages=_PAGES,
        key=(),
        volume="any",
        thresholds=_THRESHOLDS,
        rules=(
            *not_negative("duration_seconds"),
            *one_of(
                "contact_type",
                "mail_sent",
                "mail_returned",
                "coupon_redeemed",
                "code_scanned",
                "called",
            ),
            *one_of("channel_group", "direct_mail", "print", "out_of_home", "radio", "tv", "store"),
        ),
    ),
    StreamSuite(
        stream="store_visits",
        pages=_PAGES,
        key=(),
        volume="any",
        thresholds=_THRESHOLDS,
        metrics=same("entries", "exits"),
        rules=not_negative("counted_minutes", "entries", "exits"),
    ),
    StreamSuite(
        stream="customers",
        pages=_PAGES,
        key=(),
        volume="any",
        thresholds=_THRESHOLDS,
    ),
)

_AMOUNTS = ("gross_amount", "discount_amount", "tax_amount", "net_amount")
_FEEDS = "order_source in (select feed_name from staging.stg_files__order_lines)"
# An order is of the day of its first line, though a line was taken back since.
_LINES = """
    (
        select *, min(ordered_at) over (partition by order_id_files) as order_at
        from staging.stg_files__order_lines
        qualify not is_deleted
    )
"""
_LINES_OF_FACTS = f"""
    (
        select lines.* exclude (ordered_at), orders.ordered_at
        from marts.fct_order_line as lines
        inner join marts.fct_order as orders using (order_id)
        where orders.{_FEEDS}
    )
"""

# One person, by the surest of what the row says of them, gets one piece of a mailing; what names
# nobody is no message to a person.
_PIECES = """
    (
        select cast(min(contacted_at) as date) as mailed_date
        from (
            select
                contacted_at,
                coalesce(campaign_id, campaign_name) as campaign,
                coalesce(
                    customer_issuer || ':' || customer_number,
                    loyalty_number,
                    lower(trim(email))
                ) as person
            from staging.stg_files__offline_contacts
            where contact_type = 'mail_sent' and not is_deleted
        ) as pieces
        where person is not null
        group by campaign, person
    )
"""

CHAINS = (
    Chain(
        stream="offline_activity",
        what="offline activity",
        touched="week_start_date",
        levels=(
            Level(
                "staging.stg_files__offline_activity",
                "(from staging.stg_files__offline_activity where not is_deleted)",
                "week_start_date",
                {
                    "lines": "1",
                    "audience": "coalesce(audience, 0)",
                    "spend_amount": "coalesce(spend_amount, 0)",
                },
            ),
            Level(
                "marts.fct_offline_activity",
                "marts.fct_offline_activity",
                "week_start_date",
                {
                    "lines": "1",
                    "audience": "coalesce(audience, 0)",
                    "spend_amount": "coalesce(spend_amount, 0)",
                },
            ),
        ),
    ),
    Chain(
        stream="store_visits",
        what="counts at doors",
        touched="counted_from_at",
        levels=(
            Level(
                "staging.stg_files__store_visits",
                "(from staging.stg_files__store_visits where not is_deleted)",
                "counted_from_at",
                {"counts": "1", **same("entries")},
            ),
            Level(
                "marts.fct_store_visit",
                "marts.fct_store_visit",
                "counted_from_at",
                {"counts": "1", **same("entries")},
            ),
        ),
    ),
    Chain(
        stream="offline_contacts",
        what="mail pieces",
        touched="contacted_at",
        levels=(
            Level("staging.stg_files__offline_contacts", _PIECES, "mailed_date", {"pieces": "1"}),
            Level(
                "marts.fct_message",
                "marts.fct_message",
                "sent_at",
                {"pieces": "1"},
                where="channel = 'direct_mail' and (is_delivered or bounced_at > sent_at)",
            ),
        ),
    ),
    Chain(
        stream="orders",
        what="order lines",
        touched="ordered_at",
        levels=(
            Level(
                "staging.stg_files__order_lines",
                _LINES,
                "order_at",
                {"lines": "1", "quantity": "cast(quantity as decimal(18, 4))", **same(*_AMOUNTS)},
            ),
            Level(
                "marts.fct_order_line",
                _LINES_OF_FACTS,
                "ordered_at",
                {"lines": "1", **same("quantity", *_AMOUNTS)},
            ),
        ),
    ),
    Chain(
        stream="orders",
        what="orders",
        touched="ordered_at",
        levels=(
            Level(
                "staging.stg_files__order_lines",
                f"""
                    (
                        select order_id_files, order_at,
                            {", ".join(f"sum({name}) as {name}" for name in _AMOUNTS)}
                        from {_LINES}
                        group by all
                    )
                """,
                "order_at",
                {"orders": "1", **same(*_AMOUNTS)},
            ),
            Level(
                "marts.fct_order",
                "marts.fct_order",
                "ordered_at",
                {"orders": "1", **same(*_AMOUNTS)},
                where=_FEEDS,
            ),
        ),
    ),
)
