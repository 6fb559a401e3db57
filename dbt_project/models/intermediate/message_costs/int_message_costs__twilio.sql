with messages as (
    select * from {{ ref('stg_twilio__messages') }} where price is not null
),

final as (
    select
        'twilio' as platform,
        cast(occurred_at as date) as report_date,
        channel,
        messaging_service_id_twilio as campaign_id,
        currency_code,
        cast(count(*) as bigint) as message_count,
        -- Prices have more digits than an amount: added up first, rounded once.
        cast(sum(-1 * price) as {{ amount_type() }}) as spend_amount
    from messages
    group by cast(occurred_at as date), channel, messaging_service_id_twilio, currency_code
)

select * from final
