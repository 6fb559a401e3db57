"""Who agreed and who left, by the population's own tables: the subjects of `truth` on consent."""

from __future__ import annotations

TABLES = ("files_signup", "mailchimp_member", "message_event", "shopify_customer")
# A card's form comes on the Monday after its week.
_CARDS = """
    from files_signup
    where date_trunc('week', signed_up_at) + interval 174 hour <= $end + interval 3 hour
"""
# Of a person who leaves twice, only the first time is a change.
_LEFT_KLAVIYO = """
    select person_id, min(occurred_at) as left_at from message_event
    where metric_name in ('Unsubscribed', 'Marked Email as Spam') and occurred_at < $end
    group by person_id
"""
_LEFT_MAILCHIMP = """
    select list_id, member_id, min(occurred_at) as left_at from mailchimp_event
    where action in ('unsubscribe', 'complaint') group by list_id, member_id
"""
_LEFT_HUBSPOT = """
    select lower(email) as email, min(occurred_at) as left_at from hubspot_event
    where event_type in ('STATUSCHANGE', 'SPAMREPORT') and occurred_at < $end
    group by lower(email)
"""
SUBJECTS: dict[str, tuple[str, str]] = {
    "who withdrew consent or refused it, and when": (
        f"""
        with gone as (
            select 'klaviyo' as source, 'email' as channel, left_at from ({_LEFT_KLAVIYO})
            union all
            select 'mailchimp', 'email', left_at from ({_LEFT_MAILCHIMP})
            union all
            select 'hubspot', 'email', left_at from ({_LEFT_HUBSPOT})
            union all
            select 'shopify', 'email', unsubscribed_at from shopify_customer
            where email is not null and unsubscribed_at <= $end + interval 3 hour
            union all
            select 'twilio', 'sms', sent_at from twilio_message where body = 'STOP'
            union all
            select 'files', 'email', signed_up_at {_CARDS} and not wants_newsletter
            union all
            select 'files', 'sms', signed_up_at {_CARDS} and not wants_texts
        )
        select source, channel, cast(left_at as date), count(*)
        from gone where left_at < $end group by all
        """,
        """
        select source, channel, cast(occurred_at as date), count(*)
        from marts.fct_consent
        where consent_status = 'unsubscribed' and occurred_at < $end
        group by all
        """,
    ),
    # Of START and STOP of one number the later one holds; whoever wrote neither has no row.
    "what each list has as the last word": (
        f"""
        with said as (
            select 'klaviyo' as source, 'email' as channel,
                left_at is not null or person_id in (
                    select person_id from message_event where metric_name = 'Unsubscribed'
                ) as has_left
            from person left join ({_LEFT_KLAVIYO}) using (person_id)
            where klaviyo_profile_id is not null and updated_at <= $end + interval 3 hour
            union all
            select 'mailchimp', 'email', left_at is not null
            from mailchimp_member left join ({_LEFT_MAILCHIMP}) using (list_id, member_id)
            union all
            select 'hubspot', 'email', true from ({_LEFT_HUBSPOT})
            union all
            select 'shopify', 'email', coalesce(unsubscribed_at <= $end + interval 3 hour, false)
            from shopify_customer where email is not null and is_subscribed
            union all
            select 'twilio', 'sms', arg_max(body, sent_at) = 'STOP'
            from twilio_message
            where direction = 'inbound' and body in ('STOP', 'START') and sent_at < $end
            group by phone, service_sid
            union all
            select 'files', 'email', not wants_newsletter {_CARDS} and wants_newsletter is not null
            union all
            select 'files', 'sms', not wants_texts {_CARDS} and wants_texts is not null
        )
        select source, channel, if(has_left, 'unsubscribed', 'subscribed'), count(*)
        from said group by all
        """,
        """
        select source, channel, consent_status, count(*)
        from marts.fct_consent where is_current group by all
        """,
    ),
}
