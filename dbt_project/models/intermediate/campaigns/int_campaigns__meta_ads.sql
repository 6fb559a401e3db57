with campaigns as (
    select * from {{ ref('stg_meta_ads__campaigns') }}
),

final as (
    select
        'meta_ads' as platform,
        account_id_meta as account_id,
        campaign_id_meta as campaign_id,
        cast(null as {{ dbt.type_string() }}) as message_id,
        campaign_name,
        campaign_status,
        objective as campaign_type,
        cast(null as timestamp) as sent_at,
        load_id
    from campaigns
)

select * from final
