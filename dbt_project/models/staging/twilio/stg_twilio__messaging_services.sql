with

source as (
    select * from {{ current_version(ref('base_twilio__messaging_services'), ['messaging_service_id_twilio']) }} as messaging_services
),

renamed as (
    select
        messaging_service_id_twilio,
        account_id_twilio,
        service_name,
        use_case,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
