with unioned as (
    select * from {{ ref('int_contacts__files') }}
    union all
    select * from {{ ref('int_contacts__surveys') }}
)

select * from unioned
