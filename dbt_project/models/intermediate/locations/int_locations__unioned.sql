with unioned as (
    select * from {{ ref('int_locations__square') }}
    union all
    select * from {{ ref('int_locations__shopify') }}
    -- A feed of locations adds itself here: union all select * from its int_locations__<feed>.
)

select * from unioned
