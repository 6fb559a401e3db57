with final as (
    select * from {{ ref('int_email__klaviyo') }}
)

select * from final
