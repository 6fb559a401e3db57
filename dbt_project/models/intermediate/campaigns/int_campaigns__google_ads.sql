with campaigns as (
    select * from {{ ref('stg_google_ads__campaigns') }}
),

final as (
    select
        'google_ads' as platform,
        account_id_google_ads as account_id,
        campaign_id_google_ads as campaign_id,
        cast(null as {{ dbt.type_string() }}) as message_id,
        campaign_name,
        campaign_status,
        advertising_channel_type as campaign_type,
        cast(null as timestamp) as sent_at,
        load_id
    from campaigns
)

select * from final
