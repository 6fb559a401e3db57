{#-
    Whoever has opted in said so at that time, whatever became of them since. Cleaned (mail bounces)
    and archived (by the company) are no word of the member's.
-#}

with versions as (
    select * from {{ ref('stg_mailchimp__member_versions') }}
),

unsubscribes as (
    select * from {{ ref('stg_mailchimp__unsubscribes') }}
),

complaints as (
    select * from {{ ref('stg_mailchimp__complaints') }}
),

stated as (
    select
        {{ dbt.concat(['member_version_id', "':subscribed'"]) }} as statement_id,
        list_id_mailchimp,
        member_id_mailchimp,
        'email' as channel,
        'subscribed' as consent_status,
        'signup_form' as evidence,
        opted_in_at as occurred_at,
        load_id
    from versions
    where
        opted_in_at is not null
        and member_status not in ('pending', 'transactional')
    union all
    select
        {{ dbt.concat(['member_version_id', "':unsubscribed'"]) }},
        list_id_mailchimp,
        member_id_mailchimp,
        'email',
        'unsubscribed',
        'platform_record',
        updated_at,
        load_id
    from versions
    where member_status = 'unsubscribed'
    union all
    select
        {{ dbt.concat(['recipient_id_mailchimp', "':unsubscribed'"]) }},
        list_id_mailchimp,
        member_id_mailchimp,
        'email',
        'unsubscribed',
        'email_link',
        unsubscribed_at,
        load_id
    from unsubscribes
    union all
    select
        {{ dbt.concat(['campaign_complaint_id_mailchimp', "':complained'"]) }},
        list_id_mailchimp,
        member_id_mailchimp,
        'email',
        'unsubscribed',
        'complaint',
        complained_at,
        load_id
    from complaints
),

final as (
    select
        statement_id,
        'mailchimp' as source,
        list_id_mailchimp as list_id,
        'member_id_mailchimp' as identifier_type,
        member_id_mailchimp as identifier_value,
        channel,
        'marketing' as purpose,
        consent_status,
        evidence,
        occurred_at,
        load_id
    from stated
)

select * from final
