with final as (
    select * from {{ ref('int_messages__klaviyo') }}
    union all
    select * from {{ ref('int_messages__files') }}
)

select * from final
