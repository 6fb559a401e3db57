with services as (
    select * from {{ ref('stg_twilio__messaging_services') }}
),

final as (
    select
        'twilio' as platform,
        account_id_twilio as account_id,
        messaging_service_id_twilio as campaign_id,
        cast(null as {{ dbt.type_string() }}) as message_id,
        service_name as campaign_name,
        cast(null as {{ dbt.type_string() }}) as campaign_status,
        use_case as campaign_type,
        cast(null as timestamp) as sent_at,
        load_id
    from services
)

select * from final
