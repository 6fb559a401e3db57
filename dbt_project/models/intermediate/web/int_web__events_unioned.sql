with final as (
    select * from {{ ref('int_web__snowplow_events') }}
)

select * from final
