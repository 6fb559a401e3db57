"""Twilio's rows, made of the truth: what a message, a day of usage and a service look like.

Belongs here: SQL from truth tables to JSON. Does not belong here: how they are asked for
(twilio.py). Shapes follow the vendor's OpenAPI files.
"""

from __future__ import annotations

import duckdb

from sandbox.world import World

ACCOUNT = "AC" + "0123456789abcdef" * 2
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
_RFC_2822 = "'%a, %d %b %Y %H:%M:%S +0000'"
_ISO = "'%Y-%m-%dT%H:%M:%SZ'"

# A message changes when its receipt comes and when it is billed.
_MESSAGES = f"""
    with version as (
        select
            twilio_message.*,
            unnest(list_distinct(list_filter(
                [sent_at, outcome_at, billed_at], lambda moment: moment is not null
            ))) as changed_at,
        from twilio_message
        where sent_at >= $day_start and sent_at < $day_end
    )

    select
        sent_at as sort_at,
        changed_at as known_at,
        lead(changed_at) over (partition by message_sid order by changed_at) as superseded_at,
        message_sid as key,
        null as tag,
        to_json({{
            body: body,
            num_segments: segments::varchar,
            direction: direction,
            "from": if(direction = 'inbound', phone, sender),
            "to": if(direction = 'inbound', sender, phone),
            date_updated: strftime(changed_at, {_RFC_2822}),
            price: if(billed_at <= changed_at, printf('-%.5f', price), null),
            error_message: null,
            uri: '{ROOT}/Messages/' || message_sid || '.json',
            account_sid: '{ACCOUNT}',
            num_media: '0',
            status: if(changed_at >= outcome_at, outcome, 'sent'),
            messaging_service_sid: service_sid,
            sid: message_sid,
            date_sent: strftime(sent_at, {_RFC_2822}),
            date_created: strftime(created_at, {_RFC_2822}),
            error_code: if(changed_at >= outcome_at, error_code, null),
            price_unit: 'USD',
            api_version: '2010-04-01',
            subresource_uris: {{
                media: '{ROOT}/Messages/' || message_sid || '/Media.json',
                feedback: '{ROOT}/Messages/' || message_sid || '/Feedback.json'
            }}
        }})::varchar as body
    from version
"""

# Usage is counted in the small hours, and again on the next days as more of a day is billed.
USAGE_DAYS = 4
_USAGE = f"""
    with told as (
        select
            day.range as day,
            category.category,
            category.description,
            category.unit,
            category.direction,
            moment(day.range + age.range, 10800) as as_of,
            if(age.range < {USAGE_DAYS}, moment(day.range + age.range + 1, 10800), null)
                as superseded_at,
        from range(getvariable('days') + 1) as day, range({USAGE_DAYS + 1}) as age,
            (values
                ('sms', 'SMS', 'messages', '%'),
                ('sms-inbound', 'Inbound SMS', 'messages', 'inbound'),
                ('sms-inbound-longcode', 'Inbound Long Code SMS', 'messages', 'inbound'),
                ('sms-outbound', 'Outbound SMS', 'messages', 'outbound%'),
                ('sms-outbound-longcode', 'Outbound Long Code SMS', 'messages', 'outbound%'),
                ('calls', 'Voice Minutes', 'calls', ''),
                ('totalprice', 'Total Price', 'usd', '%')
            ) as category (category, description, unit, direction)
    ),

    counted as (
        select
            told.day,
            told.category,
            told.as_of,
            count(twilio_message.message_sid) as messages,
            coalesce(sum(twilio_message.segments), 0)::bigint as segments,
            coalesce(sum(twilio_message.price), 0)::decimal(12, 5) as price,
        from told
        left join twilio_message
            on twilio_message.sent_at >= moment(told.day, 0)
            and twilio_message.sent_at < moment(told.day + 1, 0)
            and twilio_message.billed_at <= told.as_of
            and twilio_message.direction like told.direction
        group by all
    )

    select
        moment(told.day, 0) as sort_at,
        told.as_of as known_at,
        told.superseded_at,
        told.category as key,
        told.category as tag,
        to_json({{
            account_sid: '{ACCOUNT}',
            api_version: '2010-04-01',
            as_of: strftime(told.as_of, '%Y-%m-%dT%H:%M:%S+00:00'),
            category: told.category,
            count: if(told.unit = 'usd', price::varchar, messages::varchar),
            count_unit: told.unit,
            description: told.description,
            end_date: strftime(moment(told.day, 0), '%Y-%m-%d'),
            price: price::double,
            price_unit: 'usd',
            start_date: strftime(moment(told.day, 0), '%Y-%m-%d'),
            subresource_uris: {{
                daily: '{ROOT}/Usage/Records/Daily.json?Category=' || told.category
            }},
            uri: '{ROOT}/Usage/Records/Daily.json?Category=' || told.category || '&StartDate='
                || strftime(moment(told.day, 0), '%Y-%m-%d') || '&EndDate='
                || strftime(moment(told.day, 0), '%Y-%m-%d'),
            usage: if(told.unit = 'usd', price::varchar, segments::varchar),
            usage_unit: told.unit
        }})::varchar as body
    from told
    inner join counted using (day, category, as_of)
"""

_SERVICES = f"""
    select
        created_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        service_sid as key,
        null as tag,
        to_json({{
            sid: service_sid,
            account_sid: '{ACCOUNT}',
            friendly_name: service_name,
            date_created: strftime(created_at, {_ISO}),
            date_updated: strftime(created_at, {_ISO}),
            inbound_request_url: null,
            inbound_method: 'POST',
            fallback_url: null,
            fallback_method: 'POST',
            status_callback: null,
            sticky_sender: true,
            mms_converter: true,
            smart_encoding: false,
            scan_message_content: 'inherit',
            fallback_to_long_code: true,
            area_code_geomatch: true,
            synchronous_validation: true,
            validity_period: 14400,
            usecase: usecase,
            us_app_to_person_registered: true,
            use_inbound_webhook_on_number: false,
            url: 'https://messaging.twilio.com/v1/Services/' || service_sid
        }})::varchar as body
    from twilio_service
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write Twilio's streams."""
    world.write_rows(con, "twilio", "messages", _MESSAGES, daily=True)
    world.write_rows(con, "twilio", "usage_records", _USAGE)
    world.write_rows(con, "twilio", "messaging_services", _SERVICES)
