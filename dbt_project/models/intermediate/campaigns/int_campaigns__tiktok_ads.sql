with campaigns as (
    select * from {{ ref('stg_tiktok_ads__campaigns') }}
),

final as (
    select
        'tiktok_ads' as platform,
        account_id_tiktok as account_id,
        campaign_id_tiktok as campaign_id,
        cast(null as {{ dbt.type_string() }}) as message_id,
        campaign_name,
        campaign_status,
        objective as campaign_type,
        cast(null as timestamp) as sent_at,
        load_id
    from campaigns
)

select * from final
