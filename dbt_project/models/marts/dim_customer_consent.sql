with changes as (
    select * from {{ ref('fct_consent') }} where customer_id is not null
),

-- What each list of each platform has as the last word.
current_words as (
    select
        customer_id,
        channel,
        purpose,
        count(distinct consent_status) > 1 as is_disputed
    from changes
    where is_current
    group by customer_id, channel, purpose
),

first_consents as (
    select
        customer_id,
        channel,
        purpose,
        min(case when consent_status = 'subscribed' then occurred_at end) as first_subscribed_at
    from changes
    group by customer_id, channel, purpose
),

final as (
    select
        {{ text_key(['changes.customer_id', 'changes.channel', 'changes.purpose']) }}
            as customer_consent_id,
        changes.customer_id,
        changes.channel,
        changes.purpose,
        changes.consent_status,
        changes.occurred_at as changed_at,
        first_consents.first_subscribed_at,
        current_words.is_disputed,
        changes.source,
        changes.evidence
    from changes
    inner join current_words
        on {{ same_columns('changes', 'current_words', ['customer_id', 'channel', 'purpose']) }}
    inner join first_consents
        on {{ same_columns('changes', 'first_consents', ['customer_id', 'channel', 'purpose']) }}
    where changes.superseded_at is null
)

select * from final
