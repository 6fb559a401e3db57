with unioned as (
    select * from {{ ref('int_payments__square') }}
)

select * from unioned
