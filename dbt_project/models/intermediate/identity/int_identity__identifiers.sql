{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='identifier_id',
    on_schema_change='fail',
    post_hook=[
        "{{ record_batch() }}",
        "{{ record_read(['int_identity__candidate_edges']) }}",
    ],
) }}

{# An identifier that nothing shows any more, or that is blocked now, stays and says so. #}

with candidates as (
    select * from {{ ref('int_identity__candidate_edges') }}
),

identity_types as (
    select * from {{ ref('identity_types') }}
),

{% if is_incremental() %}
changed as (
    select left_identifier_id as identifier_id
    from candidates
    where batch_seq > {{ last_batch_read('int_identity__candidate_edges') }}
    union
    select right_identifier_id
    from candidates
    where
        right_identifier_id is not null
        and batch_seq > {{ last_batch_read('int_identity__candidate_edges') }}
),

known as (
    select * from {{ this }}
    where identifier_id in (select identifier_id from changed)
),
{% endif %}

-- A refused link unlinks; only a blocked value is no identifier at all.
ends as (
    select left_identifier_id as identifier_id, left_type as identifier_type,
        left_value as identifier_value, first_seen_at, last_seen_at
    from candidates
    where
        not is_withdrawn
        and left_block_reason is null
        {% if is_incremental() %}
            and left_identifier_id in (select identifier_id from changed)
        {% endif %}
    union all
    select right_identifier_id, right_type, right_value, first_seen_at, last_seen_at
    from candidates
    where
        right_type is not null
        and not is_withdrawn
        and right_block_reason is null
        {% if is_incremental() %}
            and right_identifier_id in (select identifier_id from changed)
        {% endif %}
),

grouped as (
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
),

final as (
    select
        grouped.*,
        false as is_withdrawn,
        {{ next_batch() }} as batch_seq
    from grouped
    {% if is_incremental() %}
        left join known
            on grouped.identifier_id = known.identifier_id
        where
            known.identifier_id is null
            or known.is_withdrawn
            or known.first_seen_at is distinct from grouped.first_seen_at
            or known.last_seen_at is distinct from grouped.last_seen_at
    union all
    select known.* replace (true as is_withdrawn, {{ next_batch() }} as batch_seq)
    from known
    left join grouped
        on known.identifier_id = grouped.identifier_id
    where
        grouped.identifier_id is null
        and not known.is_withdrawn
    {% endif %}
)

select * from final
