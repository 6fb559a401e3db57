with unioned as (
    select * from {{ ref('int_contacts__files') }}
)

select * from unioned
