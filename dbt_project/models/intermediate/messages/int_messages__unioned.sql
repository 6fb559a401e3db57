with final as (
    select * from {{ ref('int_messages__klaviyo') }}
)

select * from final
