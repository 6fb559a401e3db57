{{ config(materialized='table') }}

with candidates as (
    select * from {{ ref('int_identity__candidate_edges') }}
),

identity_types as (
    select * from {{ ref('identity_types') }}
),

-- A refused link unlinks; only a blocked value is no identifier at all.
ends as (
    select left_identifier_id as identifier_id, left_type as identifier_type,
        left_value as identifier_value, first_seen_at, last_seen_at
    from candidates
    where left_block_reason is null
    union all
    select right_identifier_id, right_type, right_value, first_seen_at, last_seen_at
    from candidates
    where right_type is not null and right_block_reason is null
),

final as (
    select
        ends.identifier_id,
        ends.identifier_type,
        max(ends.identifier_value) as identifier_value,
        max(identity_types.type_priority) as type_priority,
        min(ends.first_seen_at) as first_seen_at,
        max(ends.last_seen_at) as last_seen_at
    from ends
    inner join identity_types on ends.identifier_type = identity_types.identifier_type
    where identity_types.is_person_link
    group by ends.identifier_id, ends.identifier_type
)

select * from final
