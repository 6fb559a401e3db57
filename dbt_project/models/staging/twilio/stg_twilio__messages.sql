{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='message_id_twilio',
    post_hook="{{ mark_processed(['twilio.messages']) }}",
) }}

with

source as (
    select * from {{ current_version(ref('base_twilio__messages'), ['message_id_twilio'], ['twilio.messages']) }} as messages
),

told as (
    select
        *,
        direction = 'inbound' as is_inbound,
        case when direction = 'inbound' then sender_address else receiver_address end as other_side,
        {{ replace_pattern('lower(trim(body))', '[^a-z]', '') }} as word
    from source
),

renamed as (
    select
        message_id_twilio,
        account_id_twilio,
        messaging_service_id_twilio,
        case when other_side like '%:%' then 'app' else 'sms' end as channel,
        is_inbound,
        direction,
        message_status,
        error_code,
        error_message,
        case when is_inbound then receiver_address else sender_address end as own_address,
        {#- 'whatsapp:+15554449999' -#}
        split_part(other_side, ':', case when other_side like '%:%' then 2 else 1 end) as contact_address,
        case
            when not is_inbound then null
            when word in ('stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout')
                then 'stop'
            when word in ('start', 'yes', 'unstop') then 'start'
            when word in ('help', 'info') then 'help'
        end as keyword,
        body,
        segment_count,
        media_count,
        price,
        upper(currency_code) as currency_code,
        coalesce(sent_at, created_at) as occurred_at,
        created_at,
        sent_at,
        updated_at,
        load_id,
        pulled_at
    from told
)

select * from renamed
