with final as (
    select * from {{ ref('int_message_costs__twilio') }}
)

select * from final
