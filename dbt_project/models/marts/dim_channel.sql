with channels as (
    select * from {{ ref('channels') }}
),

final as (
    select
        channel,
        channel_name,
        channel_group,
        is_paid,
        is_online,
        directness
    from channels
)

select * from final
