"""Klaviyo's rows, made of the truth: what a profile, a campaign, a metric and an event look like.

Belongs here: SQL from truth tables to JSON. Does not belong here: how they are asked for
(klaviyo.py). Shapes follow the vendor's OpenAPI file of revision 2026-07-15.
"""

from __future__ import annotations

import duckdb

from sandbox.world import World

HOST = "https://a.klaviyo.com/api"
# Klaviyo's own metrics have six-character ids; a metric is there from the account's first day.
METRICS = {
    "Received Email": "RcVd01",
    "Opened Email": "OpNd02",
    "Clicked Email": "ClCk03",
    "Bounced Email": "BnCd04",
    "Unsubscribed": "UnSb05",
    "Marked Email as Spam": "SpAm06",
}
_STAMP = "'%Y-%m-%dT%H:%M:%S+00:00'"

_METRICS = f"""
    select
        moment(0, 0) as sort_at,
        moment(0, 0) as known_at,
        null::timestamp as superseded_at,
        name as key,
        'Klaviyo' as tag,
        to_json({{
            type: 'metric',
            id: id,
            attributes: {{
                name: name,
                created: strftime(moment(0, 0), {_STAMP}),
                updated: strftime(moment(0, 0), {_STAMP}),
                integration: {{
                    object: 'integration', id: '0rG4eQ', name: 'Klaviyo', category: 'Internal'
                }}
            }},
            links: {{self: '{HOST}/metrics/' || id || '/'}}
        }})::varchar as body
    from (values {", ".join(f"('{name}', '{id_}')" for name, id_ in METRICS.items())})
        as metric (name, id)
"""

_PROFILES = f"""
    with left_at as (
        select
            message_event.person_id,
            min(message_event.occurred_at) as unsubscribed_at,
            min(message_event.known_at) as known_at,
        from message_event
        where message_event.metric_name = 'Unsubscribed'
        group by message_event.person_id
    ),

    version as (
        select
            person.*,
            person.updated_at as changed_at,
            left_at.known_at as superseded_at,
            true as is_subscribed,
        from person
        left join left_at on person.person_id = left_at.person_id
        where person.klaviyo_profile_id is not null
        union all by name
        select
            person.*,
            left_at.known_at as changed_at,
            null::timestamp as superseded_at,
            false as is_subscribed,
        from person
        inner join left_at on person.person_id = left_at.person_id
    )

    select
        date_trunc('second', changed_at) as sort_at,
        changed_at as known_at,
        superseded_at,
        klaviyo_profile_id as key,
        null as tag,
        to_json({{
            type: 'profile',
            id: klaviyo_profile_id,
            attributes: {{
                email: email,
                -- A number is one profile's only.
                phone_number: if(owns_phone, phone, null),
                external_id: loyalty_number,
                first_name: first_name,
                last_name: last_name,
                organization: null,
                locale: 'en-US',
                title: null,
                image: null,
                created: strftime(created_at, {_STAMP}),
                updated: strftime(changed_at, {_STAMP}),
                last_event_date: null,
                location: {{
                    address1: null, address2: null, city: city, country: 'United States',
                    latitude: null, longitude: null, region: region, zip: postal_code,
                    timezone: 'America/New_York', ip: null
                }},
                properties: {{'Accepts Marketing': is_subscribed}},
                subscriptions: {{
                    email: {{marketing: {{
                        can_receive_email_marketing: is_subscribed,
                        consent: if(is_subscribed, 'SUBSCRIBED', 'UNSUBSCRIBED'),
                        consent_timestamp: strftime(
                            if(is_subscribed, created_at, changed_at), {_STAMP}
                        ),
                        last_updated: strftime(changed_at, {_STAMP}),
                        method: if(is_subscribed, 'FORM', 'EMAIL'),
                        method_detail: '',
                        custom_method_detail: null,
                        double_optin: false,
                        suppression: [],
                        list_suppressions: []
                    }}}},
                    sms: {{marketing: {{
                        can_receive_sms_marketing: false,
                        consent: 'NEVER_SUBSCRIBED',
                        consent_timestamp: null,
                        method: null,
                        method_detail: '',
                        last_updated: null
                    }}}}
                }}
            }},
            links: {{self: '{HOST}/profiles/' || klaviyo_profile_id || '/'}}
        }})::varchar as body
    from version
"""

_CAMPAIGNS = f"""
    with version as (
        select
            *,
            created_at as updated_at,
            sent_at + interval 20 minute as superseded_at,
            'Scheduled' as status,
        from email_campaign
        union all by name
        select
            *,
            sent_at + interval 20 minute as updated_at,
            null::timestamp as superseded_at,
            'Sent' as status,
        from email_campaign
    )

    select
        updated_at as sort_at,
        updated_at as known_at,
        superseded_at,
        campaign_id as key,
        'email' as tag,
        to_json({{
            type: 'campaign',
            id: campaign_id,
            attributes: {{
                name: campaign_name,
                status: status,
                archived: false,
                audiences: {{included: ['Rk4Tz2'], excluded: []}},
                send_options: {{use_smart_sending: true}},
                tracking_options: {{
                    add_tracking_params: true,
                    custom_tracking_params: [],
                    is_tracking_clicks: true,
                    is_tracking_opens: true
                }},
                send_strategy: {{
                    method: 'static',
                    datetime: strftime(sent_at, {_STAMP}),
                    options: {{is_local: false}}
                }},
                created_at: strftime(created_at, {_STAMP}),
                scheduled_at: strftime(created_at, {_STAMP}),
                updated_at: strftime(updated_at, {_STAMP}),
                send_time: strftime(sent_at, {_STAMP})
            }},
            relationships: {{
                'campaign-messages': {{
                    data: [{{type: 'campaign-message', id: message_id}}],
                    links: {{
                        self: '{HOST}/campaigns/' || campaign_id
                            || '/relationships/campaign-messages/',
                        related: '{HOST}/campaigns/' || campaign_id || '/campaign-messages/'
                    }}
                }}
            }},
            links: {{self: '{HOST}/campaigns/' || campaign_id || '/'}}
        }})::varchar as body
    from version
"""

_MESSAGES = f"""
    select
        created_at as sort_at,
        created_at as known_at,
        null::timestamp as superseded_at,
        message_id as key,
        null as tag,
        to_json({{
            type: 'campaign-message',
            id: message_id,
            attributes: {{
                definition: {{
                    channel: 'email',
                    label: campaign_name,
                    content: {{
                        subject: subject,
                        preview_text: '',
                        from_email: 'hello@shop.example.com',
                        from_label: 'The Shop',
                        reply_to_email: null,
                        cc_email: null,
                        bcc_email: null
                    }}
                }},
                send_times: [{{datetime: strftime(sent_at, {_STAMP}), is_local: false}}],
                created_at: strftime(created_at, {_STAMP}),
                updated_at: strftime(created_at, {_STAMP})
            }},
            relationships: {{
                campaign: {{data: {{type: 'campaign', id: campaign_id}}}}
            }},
            links: {{self: '{HOST}/campaign-messages/' || message_id || '/'}}
        }})::varchar as body
    from email_campaign
"""

# Text is joined by hand here: this is the one stream that runs to hundreds of millions of rows.
# Only names that we chose ourselves go in unescaped; campaign names and subjects are encoded.
_METRIC_ID = " ".join(f"when '{name}' then '{id_}'" for name, id_ in METRICS.items())
_EVENTS = f"""
    with wanted as (
        select
            message_event.event_id,
            message_event.metric_name,
            message_event.occurred_at,
            message_event.known_at,
            message_event.is_machine,
            message_event.url,
            message_event.email,
            message_event.klaviyo_profile_id,
            email_campaign.message_id,
            to_json(email_campaign.campaign_name)::varchar as campaign_name,
            to_json(email_campaign.subject)::varchar as subject,
            case message_event.metric_name {_METRIC_ID} end as metric_id,
        from message_event
        inner join email_campaign on message_event.campaign_id = email_campaign.campaign_id
        where
            message_event.occurred_at >= $day_start and message_event.occurred_at < $day_end
    )

    select
        occurred_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        event_id as key,
        metric_id as tag,
        concat(
            '{{"type":"event","id":"', event_id,
            '","attributes":{{"timestamp":', epoch(occurred_at)::bigint,
            ',"event_properties":{{"$message":"', message_id,
            '","Campaign Name":', campaign_name,
            ',"Subject":', subject,
            ',"Recipient Email Address":"', email,
            '","Email Domain":"', split_part(email, '@', 2), '"',
            case
                when metric_name = 'Clicked Email' then ',"URL":"' || url || '"'
                when metric_name = 'Opened Email'
                    then ',"Apple Privacy Open":' || if(is_machine, 'true', 'false')
                when metric_name = 'Bounced Email' then ',"Bounce Type":"Hard"'
                else ''
            end,
            ',"$event_id":"', event_id,
            '"}},"datetime":"', strftime(occurred_at, {_STAMP}),
            '","uuid":"', as_uuid(event_id),
            '"}},"relationships":{{"profile":{{"data":{{"type":"profile","id":"',
            klaviyo_profile_id,
            '"}}}},"metric":{{"data":{{"type":"metric","id":"', metric_id,
            '"}}}}}},"links":{{"self":"{HOST}/events/', event_id, '/"}}}}'
        ) as body
    from wanted
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write Klaviyo's streams."""
    world.write_rows(con, "klaviyo", "metrics", _METRICS)
    world.write_rows(con, "klaviyo", "profiles", _PROFILES)
    world.write_rows(con, "klaviyo", "campaigns", _CAMPAIGNS)
    world.write_rows(con, "klaviyo", "campaign_messages", _MESSAGES)
    world.write_rows(con, "klaviyo", "events", _EVENTS, daily=True)
