"""What should have come out: the sandbox's truth per day and vendor, as of a night.

Belongs here: questions to the truth and the same questions to the marts. Nothing here reads the
warehouse to know what is right.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

from sandbox.embedded import build_world
from sandbox.world import Parameters
from tests.nightly import truth_consent, truth_ga4, truth_youtube
from tests.nightly.company import DAYS, LAST_NIGHT, PEOPLE, Company, in_sql

TABLES = (
    *truth_consent.TABLES,
    *truth_ga4.TABLES,
    *truth_youtube.TABLES,
    "ad_click",
    "ad_day",
    "device",
    "files_call",
    "files_mail",
    "files_store_visit",
    "hubspot_event",
    "hubspot_submission",
    "identifier",
    "mailchimp_event",
    "mailchimp_message",
    "message",
    "person",
    "purchase",
    "purchase_line",
    "session",
    "typeform_answer",
    "typeform_response",
    "shopify_sale",
    "shopify_sale_line",
    "twilio_message",
    "web_event",
)

# By subject: what the truth says, and what the marts must say, in the same columns. `$end` is the
# midnight after the night; the vendors' clock stands three hours later, and what they know by then
# of the days before `$end` is what a night can know.
SUBJECTS: dict[str, tuple[str, str]] = {
    **truth_consent.SUBJECTS,
    **truth_ga4.SUBJECTS,
    **truth_youtube.SUBJECTS,
    "orders and revenue": (
        """
        select cast(ordered_at as date), 'square', is_return,
            count(*), sum(gross_cents) / 100, sum(discount_cents) / 100,
            sum(tax_cents) / 100, sum(net_cents) / 100
        from purchase where ordered_at < $end group by all
        union all
        select cast(ordered_at as date), 'shopify', is_return,
            count(*), sum(gross_cents) / 100, sum(discount_cents) / 100,
            sum(tax_cents) / 100, sum(net_cents) / 100
        from shopify_sale where ordered_at < $end group by all
        """,
        """
        select cast(ordered_at as date), order_source, is_refund,
            count(*), sum(gross_amount), sum(discount_amount), sum(tax_amount), sum(net_amount)
        from marts.fct_order where ordered_at < $end group by all
        """,
    ),
    "orders of the shop and of the tills": (
        """
        select cast(ordered_at as date), channel, count(*), sum(net_cents) / 100
        from (
            select ordered_at, channel, net_cents from purchase
            union all
            select ordered_at, channel, net_cents from shopify_sale
        )
        where ordered_at < $end group by all
        """,
        """
        select cast(ordered_at as date), if(is_online, 'online', 'store'), count(*), sum(net_amount)
        from marts.fct_order
        inner join marts.dim_channel using (channel)
        where ordered_at < $end group by all
        """,
    ),
    "order lines": (
        """
        select cast(ordered_at as date), purchase_line.variation_id, purchase_line.is_return,
            count(*), sum(if(purchase_line.is_return, -abs(quantity), quantity)),
            sum(purchase_line.net_cents) / 100
        from purchase_line inner join purchase using (order_id)
        where ordered_at < $end group by all
        union all
        select cast(ordered_at as date), variant_id, is_return,
            count(*), sum(quantity), sum(net_cents) / 100
        from shopify_sale_line where ordered_at < $end group by all
        """,
        """
        select cast(ordered_at as date), product_id, is_refund,
            count(*), sum(quantity), sum(net_amount)
        from marts.fct_order_line where ordered_at < $end group by all
        """,
    ),
    # Meta says nothing of purchases where there were none: null in the facts, and no 0.
    "spend and what it brought": (
        """
        with newest as (
            from ad_day where report_date < $end
            qualify row_number() over (partition by ad_id, report_date order by known_at desc) = 1
        )
        select report_date, platform, count(*), sum(spend_micros) / 1000000, sum(impressions),
            sum(clicks), round(sum(conversions), 6)
        from newest where impressions + clicks + spend_micros + conversions > 0 group by all
        """,
        """
        select report_date, platform, count(*), sum(spend_amount), sum(impressions),
            sum(clicks), round(sum(coalesce(conversions_platform_reported, 0)), 6)
        from marts.fct_ad_performance where report_date < $end group by all
        """,
    ),
    "messages sent": (
        """
        select cast(sent_at as date), 'klaviyo', is_bounced, count(*)
        from message where sent_at < $end group by all
        union all
        select cast(sent_at as date), 'mailchimp', status <> 'sent', count(*)
        from mailchimp_message where sent_at < $end group by all
        union all
        -- Returned, as far as the week's file of returns has come.
        select cast(mailed_at as date), 'files', coalesce(
            date_trunc('week', returned_at) + interval 174 hour <= $end + interval 3 hour, false
        ) as is_returned, count(*)
        from files_mail where mailed_at < $end group by all
        union all
        select cast(sent_at as date), 'twilio',
            outcome in ('failed', 'undelivered') and outcome_at <= $end + interval 3 hour, count(*)
        from twilio_message where direction <> 'inbound' and sent_at < $end group by all
        union all
        select cast(sent_at as date), 'hubspot', is_bounced, count(*)
        from (
            select min(occurred_at) as sent_at,
                bool_or(event_type in ('BOUNCE', 'DROPPED')) as is_bounced
            from hubspot_event
            where occurred_at < $end and event_type in ('SENT', 'DELIVERED', 'BOUNCE', 'DROPPED')
            group by message_key
        )
        group by all
        """,
        """
        select cast(sent_at as date), platform, is_bounced, count(*)
        from marts.fct_message where sent_at < $end group by all
        """,
    ),
    "coupons and calls": (
        """
        select cast(redeemed_at as date), 'direct_mail', count(*)
        from files_mail
        where is_redeemed
            and date_trunc('week', redeemed_at) + interval 174 hour <= $end + interval 3 hour
        group by all
        union all
        select cast(called_at as date), 'call', count(*)
        from files_call where phone is not null group by all
        """,
        """
        select cast(occurred_at as date), channel, count(*)
        from marts.fct_touchpoint where evidence in ('coupon', 'phone_number') group by all
        """,
    ),
    "visits to the stores": (
        """
        select counted_from_at, location_id, entries, exits
        from files_store_visit
        """,
        """
        select counted_from_at, location_id, entries, exits
        from marts.fct_store_visit
        """,
    ),
    "what became of newsletters": (
        """
        select cast(message.sent_at as date),
            count(*) filter (where action = 'open'),
            count(*) filter (where action = 'open' and not is_machine),
            count(*) filter (where action = 'click'),
            count(*) filter (where action = 'click' and not is_machine),
            count(*) filter (where action = 'unsubscribe'),
            count(*) filter (where action = 'complaint')
        from mailchimp_message as message
        left join mailchimp_event as event using (message_key)
        where message.sent_at < $end group by all
        """,
        """
        select cast(sent_at as date), sum(open_count), sum(human_open_count), sum(click_count),
            sum(human_click_count), count(unsubscribed_at), count(complained_at)
        from marts.fct_message
        where platform = 'mailchimp' and sent_at < $end group by all
        """,
    ),
    "surveys answered": (
        """
        select cast(response.submitted_at as date), response.form_id, count(*),
            sum(answers), sum(nps), count(order_id)
        from typeform_response as response
        inner join (
            select response_id, count(*) as answers,
                sum(number) filter (where kind = 'nps') as nps
            from typeform_answer group by response_id
        ) using (response_id)
        where response.submitted_at < $end group by all
        """,
        """
        select cast(submitted_at as date), survey_id, count(*),
            sum(answer_count), sum(nps_score), count(order_id)
        from marts.fct_survey_response where submitted_at < $end group by all
        """,
    ),
    "who answered surveys": (
        """
        select cast(submitted_at as date), form_id, count(*)
        from typeform_response
        where submitted_at < $end
            and (hidden_email is not null or response_id in (
                select response_id from typeform_answer where kind = 'email'
            ))
        group by all
        """,
        """
        select cast(submitted_at as date), survey_id, count(customer_id)
        from marts.fct_survey_response
        where submitted_at < $end group by all having count(customer_id) > 0
        """,
    ),
    "what became of trade letters": (
        """
        select email_campaign_id, count(*) filter (where event_type = 'OPEN'),
            count(*) filter (where event_type = 'OPEN' and not is_filtered),
            count(*) filter (where event_type = 'CLICK'),
            count(*) filter (where event_type = 'CLICK' and not is_filtered),
            count(*) filter (where event_type = 'STATUSCHANGE'),
            count(*) filter (where event_type = 'SPAMREPORT')
        from hubspot_event where occurred_at < $end group by all
        """,
        """
        select campaign_id, sum(open_count), sum(human_open_count), sum(click_count),
            sum(human_click_count), count(unsubscribed_at), count(complained_at)
        from marts.fct_message where platform = 'hubspot' group by all
        """,
    ),
    "forms sent in, and by whom": (
        """
        select submission_id, submitted_at, form_id, form_name, email
        from hubspot_submission where submitted_at < $end
        """,
        """
        select submission_id, submitted_at, content_id, content_title, identifier_value
        from marts.fct_form_submission
        inner join identity.customer_identifiers using (identifier_id, customer_id)
        where submitted_at < $end
        """,
    ),
    "what text messages cost": (
        """
        select cast(sent_at as date), 'sms', sum(price)::decimal(18, 4)
        from twilio_message where sent_at < $end and billed_at <= $end + interval 3 hour
        group by all
        """,
        """
        select report_date, channel, spend_amount
        from marts.rpt_channel_performance
        where channel = 'sms' and spend_amount <> 0 and report_date < $end
        """,
    ),
    "who left by text message": (
        """
        select cast(sent_at as date), phone
        from twilio_message where body = 'STOP' and sent_at < $end
        """,
        """
        select cast(touches.occurred_at as date), identifiers.identifier_value
        from marts.fct_touchpoint as touches
        inner join identity.customer_identifiers as identifiers using (identifier_id)
        where touches.touch_kind = 'sms_unsubscribed' and touches.occurred_at < $end
        """,
    ),
    # Of a session still active at the end of what was extracted, nobody knows the end.
    "web sessions": (
        """
        with extracted as (from web_event where collected_at < $end),
        seen as (
            select session_id, min(occurred_at) as started_at, max(occurred_at) as ended_at,
                count(*) as events, count(*) filter (where event_name = 'page_view') as views
            from extracted group by session_id
        )
        select cast(seen.started_at as date), session.is_bot, count(*), sum(events), sum(views)
        from seen inner join session using (session_id)
        where seen.ended_at + interval 30 minute < (select max(collected_at) from extracted)
        group by all
        """,
        """
        select cast(started_at as date), is_bot, count(*), sum(event_count), sum(page_view_count)
        from marts.fct_web_session where started_at < $end group by all
        """,
    ),
}

# Who a person is to the vendors: identifiers that only this person has.
IDENTIFIERS = """
    select person_id, identifier_type, customer_id
    from identifier
    inner join warehouse.identity.customer_identifiers using (identifier_type, identifier_value)
    where person_id is not null and identifier_type not in ('cookie', 'cookie_hubspot')
"""
# A device that has one owner, where somebody known was seen on it.
OWNERS = f"""
    select owner.person_id, seen.person_id as seen_as
    from (
        select device_id, any_value(person_id) as person_id
        from device group by device_id having count(distinct person_id) = 1
    ) as owner
    inner join warehouse.identity.customer_identifiers as cookie
        on cookie.identifier_type = 'cookie' and cookie.identifier_value = owner.device_id
    inner join (select distinct person_id, customer_id from ({IDENTIFIERS})) as seen
        on cookie.customer_id = seen.customer_id
"""


def moment_of(night: str) -> datetime:
    """The midnight after a night, naive UTC as the warehouse has it."""
    return datetime.fromisoformat(night) + timedelta(days=1)


def known_at(company: Company, night: str) -> duckdb.DuckDBPyConnection:
    """The truth tables as the vendors knew them when the night was run."""
    world = build_world(company.data, Parameters(people=PEOPLE, days=DAYS, start=date(2026, 1, 1)))
    clock = moment_of(night).replace(tzinfo=UTC) + timedelta(hours=3)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for table in TABLES:
        con.register(table, world.truth(table, clock))
    return con


def beside(company: Company, night: str) -> duckdb.DuckDBPyConnection:
    """The truth tables as of a night, and what is published as `warehouse`."""
    con = known_at(company, night)
    con.execute(f"attach {in_sql(company.published)} as warehouse (read_only)")
    return con


def disagreements(company: Company, night: str) -> dict[str, Any]:
    """The subjects in which marts and truth are not equal, with the rows of each side.

    Args:
        company: whose warehouse is published.
        night: the night it stands for.
    """
    end = {"end": moment_of(night)}
    found = {}
    with (
        known_at(company, night) as truth,
        duckdb.connect(str(company.published), read_only=True) as marts,
    ):
        for subject, (asked_of_truth, asked_of_marts) in SUBJECTS.items():
            right = _rows(truth, asked_of_truth, end)
            # What comes by the week need not have come yet; by the last night all of it has.
            assert right or night < LAST_NIGHT, f"the truth has no {subject}"
            told = _rows(marts, asked_of_marts, end)
            if right != told:
                found[subject] = {
                    "truth": sorted(right - told)[:5],
                    "marts": sorted(told - right)[:5],
                }
    return found


def _rows(con: duckdb.DuckDBPyConnection, query: str, end: dict[str, datetime]) -> set[Any]:
    return {
        tuple(float(value) if _is_number(value) else str(value) for value in row)
        for row in con.execute(query, end if "$end" in query else {}).fetchall()
    }


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool | str) and hasattr(value, "__float__")
