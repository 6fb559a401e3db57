with final as (
    select
        edge_id,
        source,
        left_identifier_id,
        left_type,
        left_value,
        right_identifier_id,
        right_type,
        right_value,
        refusal_reason,
        first_seen_at,
        last_seen_at
    from {{ ref('int_identity__candidate_edges') }}
    where
        refusal_reason is not null
        and not is_withdrawn
)

select * from final
