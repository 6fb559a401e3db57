{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='response_key_typeform',
    post_hook="{{ mark_processed(['typeform.responses']) }}",
) }}

with

source as (
    select *
    from {{ current_version(
        ref('base_typeform__responses'),
        ['form_id_typeform', 'response_id_typeform'], ['typeform.responses']
    ) }} as responses
),

renamed as (
    select
        concat(form_id_typeform, ':', response_id_typeform) as response_key_typeform,
        form_id_typeform,
        response_id_typeform,
        coalesce(response_type, 'completed') as response_type,
        landed_at,
        submitted_at,
        device_platform,
        hidden_email,
        hidden_phone,
        hidden_customer_number,
        hidden_visitor_id,
        hidden_order_id,
        hidden_campaign_id,
        calculated_score,
        answers,
        load_id,
        pulled_at
    from source
)

select * from renamed
