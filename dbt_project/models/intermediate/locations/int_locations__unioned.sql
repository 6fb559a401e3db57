with unioned as (
    select * from {{ ref('int_locations__square') }}
    -- A feed of locations adds itself here: union all select * from its int_locations__<feed>.
)

select * from unioned
