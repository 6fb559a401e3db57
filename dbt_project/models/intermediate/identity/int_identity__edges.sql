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
        first_seen_at,
        last_seen_at,
        strength,
        is_person_link
    from {{ ref('int_identity__candidate_edges') }}
    where
        right_identifier_id is not null
        and refusal_reason is null
        and not is_withdrawn
)

select * from final
