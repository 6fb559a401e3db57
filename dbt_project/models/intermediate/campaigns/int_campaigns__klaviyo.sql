with campaigns as (
    select * from {{ ref('stg_klaviyo__campaigns') }}
),

final as (
    select
        'klaviyo' as platform,
        cast(null as {{ dbt.type_string() }}) as account_id,
        campaign_id_klaviyo as campaign_id,
        message_id_klaviyo as message_id,
        campaign_name,
        campaign_status,
        'EMAIL' as campaign_type,
        sent_at,
        load_id
    from campaigns
)

select * from final
