with final as (
    select * from {{ ref('int_messages__klaviyo') }}
    union all
    select * from {{ ref('int_messages__files') }}
    union all
    select * from {{ ref('int_messages__mailchimp') }}
    union all
    select * from {{ ref('int_messages__twilio') }}
    union all
    select * from {{ ref('int_messages__hubspot') }}
)

select * from final
