"""The truth holds together: what one table says, the others bear out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from sandbox import Running

TABLES = """
    person device location product ad ad_day ad_click email_campaign message message_event session
    web_event purchase purchase_line payment refund post post_day
""".split()  # noqa: SIM905 - a list of twenty quoted names is harder to read


@pytest.fixture(scope="module")
def ask(_shared: Running) -> Any:
    con = duckdb.connect()
    for table in TABLES:
        con.register(table, _shared.world.truth(table))

    def execute(query: str) -> Any:
        return con.execute(query).fetchall()

    return execute


def nothing(ask: Any, query: str) -> None:
    assert ask(query) == []


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("person", "person_id"),
        ("device", "device_id || coalesce(person_id, -1)"),
        ("product", "variation_id"),
        ("ad", "ad_id"),
        ("ad_day", "ad_id || report_date || known_at"),
        ("ad_click", "click_id"),
        ("message", "message_key"),
        ("message_event", "event_id"),
        ("session", "session_id"),
        ("web_event", "event_id"),
        ("purchase", "order_id"),
        ("purchase_line", "order_id || line_uid"),
        ("payment", "payment_id"),
        ("refund", "refund_id"),
        ("post", "post_id"),
        ("post_day", "post_id || day"),
    ],
)
def test_keys_never_collide(ask: Any, table: str, key: str) -> None:
    ((rows, keys),) = ask(f"select count(*), count(distinct {key}) from {table}")
    assert rows == keys > 0


@pytest.mark.parametrize("column", ["email", "loyalty_number", "square_customer_id"])
def test_no_two_people_share_an_identifier(ask: Any, column: str) -> None:
    nothing(
        ask,
        f"select {column} from person where {column} is not null group by 1 having count(*) > 1",
    )


def test_people_own_several_devices_and_share_some(ask: Any) -> None:
    ((several, sharing),) = ask("""
        select
            (select count(*) from (select 1 from device group by person_id having count(*) > 1)),
            (select count(*) from (select 1 from device group by device_id having count(*) > 1))
    """)
    assert several > 50
    assert sharing > 10


def test_lines_add_up_to_their_order_in_every_amount(ask: Any) -> None:
    nothing(
        ask,
        """
        select purchase.order_id
        from purchase
        left join (
            select order_id, sum(gross_cents) as gross, sum(discount_cents) as discount,
                sum(tax_cents) as tax, sum(net_cents) as net
            from purchase_line group by order_id
        ) as line on purchase.order_id = line.order_id
        where (gross_cents, discount_cents, tax_cents, net_cents)
            is distinct from (line.gross, line.discount, line.tax, line.net)
    """,
    )
    nothing(
        ask,
        """
        select order_id from purchase_line
        where net_cents <> gross_cents - discount_cents + tax_cents
            or gross_cents <> quantity * unit_cents
    """,
    )


def test_payments_add_up_to_what_was_bought_and_refunds_to_what_came_back(ask: Any) -> None:
    nothing(
        ask,
        """
        select purchase.order_id
        from purchase
        left join (select order_id, sum(cents) as paid from payment group by order_id) as payment
            on purchase.order_id = payment.order_id
        left join refund on purchase.order_id = refund.order_id
        where net_cents is distinct from if(is_return, -refund.cents, payment.paid)
    """,
    )


def test_a_return_never_takes_back_more_than_was_bought(ask: Any) -> None:
    nothing(
        ask,
        """
        select returned.order_id
        from purchase_line as returned
        left join purchase on returned.order_id = purchase.order_id
        left join purchase_line as bought
            on purchase.source_order_id = bought.order_id
            and returned.source_line_uid = bought.line_uid
        where returned.is_return and (
            bought.order_id is null
            or -returned.quantity > bought.quantity
            or -returned.net_cents > bought.net_cents
            or returned.variation_id <> bought.variation_id
        )
    """,
    )
    ((returns,),) = ask("select count(*) from purchase where is_return")
    assert returns > 5


def test_people_are_known_at_the_till_in_every_way_and_in_none(ask: Any) -> None:
    manners = {row[0] for row in ask("select identified_by from purchase where channel = 'store'")}
    assert manners == {"loyalty", "phone", "email", "none"}
    nothing(
        ask,
        """
        select order_id from purchase inner join person using (person_id)
        where (identified_by = 'loyalty' and loyalty_number is null)
            or (identified_by = 'phone' and phone is null)
            or (identified_by = 'none') <> (purchase.square_customer_id is null)
                and channel = 'store'
    """,
    )


def test_some_till_orders_arrive_up_to_three_days_late(ask: Any) -> None:
    ((late, latest),) = ask("""
        select count(*), max(known_at - ordered_at) from purchase
        where known_at - ordered_at > interval 1 minute
    """)
    assert late > 0
    assert latest <= timedelta(hours=72)
    nothing(ask, "select order_id from purchase where known_at < ordered_at")


def test_the_web_transaction_ties_the_visit_to_the_order(ask: Any) -> None:
    nothing(
        ask,
        """
        select web_event.event_id
        from web_event
        left join purchase on web_event.transaction_id = purchase.web_transaction_id
        where event_name = 'transaction' and (
            purchase.order_id is null
            or transaction_cents <> net_cents
            or web_event.person_id <> purchase.person_id
            or ordered_at - occurred_at not between interval 0 second and interval 10 second
        )
    """,
    )
    ((tied, all_online),) = ask("""
        select count(*) filter (where web_transaction_id in (
            select transaction_id from web_event where transaction_id is not null
        )), count(*)
        from purchase where channel = 'online' and not is_return
    """)
    # A few block trackers and buy without a trace on the web.
    assert 0.8 * all_online < tied <= all_online


def test_sessions_are_what_thirty_minutes_of_inactivity_make_of_the_events(ask: Any) -> None:
    nothing(
        ask,
        """
        with spaced as (
            select
                session_id,
                device_id,
                occurred_at - lag(occurred_at) over tracked as gap,
                lag(session_id) over tracked as previous,
            from web_event
            window tracked as (partition by device_id order by occurred_at, event_id)
        )
        select * from spaced
        where (gap is null or gap > interval 30 minute) <> (previous is distinct from session_id)
    """,
    )
    nothing(
        ask,
        """
        select session_id
        from session
        full join (
            select session_id, min(occurred_at) as first, max(occurred_at) as last,
                count(*) filter (where event_name = 'page_view') as views
            from web_event group by session_id
        ) as seen using (session_id)
        where (started_at, ended_at, page_views) is distinct from (first, last, views)
    """,
    )


def test_some_gaps_equal_the_session_limit_and_some_just_exceed_it(ask: Any) -> None:
    ((equal, beyond),) = ask("""
        select
            count(*) filter (where gap = interval 30 minute),
            count(*) filter (where gap > interval 30 minute and gap <= interval 1801 second),
        from (
            select occurred_at - lag(occurred_at) over (
                partition by device_id order by occurred_at
            ) as gap from web_event
        )
    """)
    assert equal > 0
    assert beyond > 0


def test_some_sessions_cross_midnight_and_some_are_bots(ask: Any) -> None:
    ((crossing, bots),) = ask("""
        select count(*) filter (where started_at::date <> ended_at::date),
            count(*) filter (where is_bot)
        from session
    """)
    assert crossing > 0
    assert bots > 0


def test_platforms_count_at_least_the_clicks_that_reached_us(ask: Any) -> None:
    nothing(
        ask,
        """
        select tracked.ad_id
        from (
            select ad_id, clicked_at::date as report_date, count(*) as clicks
            from ad_click group by all
        ) as tracked
        left join (
            select ad_id, report_date, min(clicks) as clicks, min(impressions) as impressions
            from ad_day group by all
        ) as stated using (ad_id, report_date)
        where stated.clicks is null or stated.clicks < tracked.clicks
            or stated.impressions < stated.clicks
    """,
    )


def test_ad_days_are_restated_and_conversions_only_grow(ask: Any) -> None:
    ((restated,),) = ask("""
        select count(*) from (
            select 1 from ad_day group by ad_id, report_date having count(*) > 2
        )
    """)
    assert restated > 50
    nothing(
        ask,
        """
        select * from (
            select conversions - lag(conversions) over (
                partition by ad_id, report_date order by known_at
            ) as growth from ad_day
        ) where growth < 0
    """,
    )
    nothing(ask, "select ad_id from ad_day where known_at < report_date + interval 1 day")


def test_every_message_is_delivered_or_bounced_and_the_rest_follows(ask: Any) -> None:
    nothing(
        ask,
        """
        select message.message_key
        from message
        left join message_event using (message_key)
        group by message.message_key, message.is_bounced, message.sent_at
        having count(*) filter (where metric_name = 'Received Email') <> (not is_bounced)::integer
            or count(*) filter (where metric_name = 'Bounced Email') <> is_bounced::integer
            or is_bounced and count(*) > 1
            or min(occurred_at) < message.sent_at
            or min(occurred_at) <> min(occurred_at) filter (
                where metric_name in ('Received Email', 'Bounced Email')
            )
    """,
    )


def test_nobody_is_written_to_after_leaving(ask: Any) -> None:
    ((left,),) = ask("select count(*) from message_event where metric_name = 'Unsubscribed'")
    assert left > 3
    nothing(
        ask,
        """
        select message.message_key
        from message
        inner join message_event as leaving
            on message.person_id = leaving.person_id and leaving.metric_name = 'Unsubscribed'
        where message.sent_at > leaving.occurred_at
    """,
    )


def test_scanners_click_every_link_within_seconds(ask: Any) -> None:
    scanned = ask("""
        select count(distinct clicked.url), max(clicked.occurred_at - received.occurred_at)
        from message_event as clicked
        inner join message_event as received
            on clicked.message_key = received.message_key
            and received.metric_name = 'Received Email'
        where clicked.metric_name = 'Clicked Email' and clicked.is_machine
        group by clicked.message_key
    """)
    assert len(scanned) > 5
    assert all(links == 3 and wait <= timedelta(seconds=10) for links, wait in scanned)


def test_a_persons_click_in_a_mail_or_on_an_ad_starts_a_visit(ask: Any) -> None:
    ((mails, visits),) = ask("""
        select
            count(*),
            count(*) filter (where exists (
                from web_event
                where web_event.page_url = message_event.url
                    and web_event.person_id = message_event.person_id
                    and web_event.occurred_at - message_event.occurred_at
                        between interval 0 second and interval 5 second
            ))
        from message_event
        where metric_name = 'Clicked Email' and not is_machine
            and occurred_at < (select max(occurred_at) from web_event)
    """)
    assert 0.85 * mails < visits
    nothing(
        ask,
        """
        select web_event.event_id
        from web_event left join ad_click using (click_id)
        where web_event.click_id is not null and (
            ad_click.click_id is null
            or web_event.device_id <> ad_click.device_id
            or web_event.content <> ad_click.ad_id
        )
    """,
    )
