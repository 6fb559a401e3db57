with final as (
    select
        source,
        left_identifier_id,
        left_type,
        left_value,
        right_identifier_id,
        right_type,
        right_value,
        first_seen_at,
        last_seen_at
    from {{ ref('int_identity__candidate_edges') }}
    where
        right_identifier_id is not null
        and refusal_reason is null
)

select * from final
