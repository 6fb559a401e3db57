"""Mailchimp's rows, made of the truth: lists, members, campaigns, recipients and what they did.

Belongs here: SQL from truth tables to JSON. Does not belong here: how they are asked for, and the
reports, which are counted when they are asked for (mailchimp.py). Shapes follow the vendor's
OpenAPI file of version 3.0.
"""

from __future__ import annotations

import duckdb

from sandbox.world import World

STAMP = "'%Y-%m-%dT%H:%M:%S+00:00'"

_LISTS = f"""
    select
        created_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        list_id as key,
        null as tag,
        to_json({{
            id: list_id,
            web_id: 1000 + number,
            name: list_name,
            permission_reminder: 'You signed up on our site.',
            use_archive_bar: true,
            date_created: strftime(created_at, {STAMP}),
            list_rating: 4,
            email_type_option: false,
            double_optin: false,
            has_welcome: false,
            marketing_permissions: false,
            visibility: 'prv',
            stats: {{campaign_last_sent: ''}},
            _links: []
        }})::varchar as body
    from mailchimp_list
"""

_MEMBERS = f"""
    with ended as (
        select
            list_id,
            member_id,
            min(known_at) as ended_at,
            if(bool_or(action = 'bounce'), 'cleaned', 'unsubscribed') as status,
        from mailchimp_event
        where action in ('unsubscribe', 'complaint') or (action = 'bounce' and detail = 'hard')
        group by list_id, member_id
    ),

    moment_of_change as (
        select *, opted_in_at as changed_at, 'subscribed' as status from mailchimp_member
        union all by name
        select mailchimp_member.*, ended.ended_at as changed_at, ended.status
        from mailchimp_member inner join ended using (list_id, member_id)
        union all by name
        select *, archived_at as changed_at, 'archived' as status
        from mailchimp_member where archived_at is not null
    ),

    version as (
        select
            *,
            lead(changed_at) over (
                partition by list_id, member_id order by changed_at
            ) as superseded_at,
        from moment_of_change
    )

    select
        date_trunc('second', changed_at) as sort_at,
        changed_at as known_at,
        superseded_at,
        member_id || list_id as key,
        list_id || ':' || status as tag,
        to_json({{
            id: member_id,
            email_address: email_address,
            unique_email_id: unique_email_id,
            contact_id: md5(list_id || member_id),
            full_name: first_name || ' ' || last_name,
            web_id: 500000 + person_id,
            email_type: 'html',
            status: status,
            consents_to_one_to_one_messaging: true,
            merge_fields: {{
                FNAME: first_name, LNAME: last_name, PHONE: coalesce(phone, '')
            }},
            stats: {{avg_open_rate: 0, avg_click_rate: 0}},
            ip_signup: '',
            timestamp_signup: '',
            ip_opt: '192.0.2.10',
            timestamp_opt: strftime(opted_in_at, {STAMP}),
            member_rating: 3,
            last_changed: strftime(changed_at, {STAMP}),
            language: 'en',
            vip: false,
            email_client: '',
            location: {{
                latitude: 0, longitude: 0, gmtoff: -5, dstoff: -4,
                country_code: country_code, timezone: 'America/New_York', region: ''
            }},
            source: 'API - Generic',
            tags_count: 0,
            tags: [],
            list_id: list_id,
            _links: []
        }})::varchar as body
    from version
"""

_CAMPAIGNS = f"""
    with version as (
        select
            *,
            created_at as changed_at,
            sent_at + interval 5 minute as superseded_at,
            if(is_draft, 'save', 'schedule') as status,
        from mailchimp_campaign
        union all by name
        select *, sent_at + interval 5 minute as changed_at, null::timestamp as superseded_at,
            'sent' as status,
        from mailchimp_campaign where not is_draft
    ),

    counted as (
        select campaign_id, count(*) as recipients from mailchimp_message group by campaign_id
    )

    select
        version.created_at as sort_at,
        version.changed_at as known_at,
        version.superseded_at,
        version.campaign_id as key,
        version.status as tag,
        to_json({{
            id: version.campaign_id,
            web_id: 7000 + version.campaign,
            type: version.campaign_type,
            create_time: strftime(version.created_at, {STAMP}),
            archive_url: 'https://eepurl.example.com/' || version.campaign_id,
            status: version.status,
            emails_sent: if(version.status = 'sent', coalesce(counted.recipients, 0), 0),
            send_time: coalesce(strftime(version.sent_at, {STAMP}), ''),
            content_type: 'template',
            needs_block_refresh: false,
            resendable: version.status = 'sent',
            recipients: {{
                list_id: version.list_id,
                list_is_active: true,
                list_name: mailchimp_list.list_name,
                segment_text: '',
                recipient_count: coalesce(counted.recipients, 0)
            }},
            settings: {{
                subject_line: version.subject_line,
                preview_text: '',
                title: version.campaign_title,
                from_name: 'The Shop',
                reply_to: 'hello@shop.example.com',
                use_conversation: false,
                to_name: '',
                folder_id: '',
                authenticate: true,
                auto_footer: false,
                inline_css: false,
                auto_tweet: false,
                fb_comments: true,
                timewarp: false,
                template_id: 100,
                drag_and_drop: true
            }},
            tracking: {{
                opens: true, html_clicks: true, text_clicks: false, goal_tracking: false,
                ecomm360: false, google_analytics: '', clicktale: ''
            }},
            _links: []
        }})::varchar as body
    from version
    inner join mailchimp_list on version.list_id = mailchimp_list.list_id
    left join counted on version.campaign_id = counted.campaign_id
"""

_SENT = """
    select
        sent_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        member_id as key,
        campaign_id as tag,
        to_json({
            email_id: member_id,
            email_address: email_address,
            merge_fields: json('{}'),
            vip: false,
            status: status,
            open_count: 0,
            last_open: '',
            gmt_offset: 0,
            campaign_id: campaign_id,
            list_id: list_id,
            list_is_active: true,
            _links: []
        })::varchar as body
    from mailchimp_message
    where sent_at >= $day_start and sent_at < $day_end
"""

# One row per thing done; the endpoints gather them by recipient.
_DONE = f"""
    select
        occurred_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        event_key as key,
        campaign_id as tag,
        to_json({{
            campaign_id: campaign_id,
            list_id: list_id,
            email_id: member_id,
            email_address: email_address,
            action: action,
            type: detail,
            timestamp: strftime(occurred_at, {STAMP}),
            url: url,
            is_proxy_open: is_machine,
            number: 1 + hash(event_key) % 100000000
        }})::varchar as body
    from mailchimp_event
    where occurred_at >= $day_start and occurred_at < $day_end
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write Mailchimp's streams."""
    world.write_rows(con, "mailchimp", "lists", _LISTS)
    world.write_rows(con, "mailchimp", "members", _MEMBERS)
    world.write_rows(con, "mailchimp", "campaigns", _CAMPAIGNS)
    world.write_rows(con, "mailchimp", "sent", _SENT, daily=True)
    world.write_rows(con, "mailchimp", "done", _DONE, daily=True)
