with unioned as (
    select * from {{ ref('int_contacts__files') }}
    union all
    select * from {{ ref('int_contacts__surveys') }}
    union all
    select * from {{ ref('int_contacts__forms') }}
)

select * from unioned
