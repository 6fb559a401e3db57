{{ config(materialized='table') }}

with pairs as (
    select source, left_type, left_value, right_type, right_value, first_seen_at, last_seen_at
    from {{ ref('int_identity__sightings') }}
    union all
    select source, left_type, left_value, right_type, right_value, first_seen_at, last_seen_at
    from {{ ref('int_identity__record_links') }}
),

blocked_values as (
    select * from {{ ref('identity_blocked_values') }}
),

limits as (
    select * from {{ ref('identity_limits') }}
),

grouped as (
    select
        source,
        left_type,
        left_value,
        right_type,
        right_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from pairs
    group by source, left_type, left_value, right_type, right_value
),

checked as (
    select
        grouped.*,
        coalesce(left_blocked.block_reason, left_blocked_anywhere.block_reason)
            as left_block_reason,
        coalesce(right_blocked.block_reason, right_blocked_anywhere.block_reason)
            as right_block_reason
    from grouped
    left join blocked_values as left_blocked
        on
            grouped.left_type = left_blocked.identifier_type
            and lower(grouped.left_value) = left_blocked.identifier_value
    left join blocked_values as left_blocked_anywhere
        on
            left_blocked_anywhere.identifier_type = '*'
            and lower(grouped.left_value) = left_blocked_anywhere.identifier_value
    left join blocked_values as right_blocked
        on
            grouped.right_type = right_blocked.identifier_type
            and lower(grouped.right_value) = right_blocked.identifier_value
    left join blocked_values as right_blocked_anywhere
        on
            right_blocked_anywhere.identifier_type = '*'
            and lower(grouped.right_value) = right_blocked_anywhere.identifier_value
),

-- Both directions: how many others of a type has each identifier been seen with?
both_ways as (
    select left_type as identifier_type, left_value as identifier_value,
        right_type as linked_type, right_value as linked_value
    from checked
    where
        right_type is not null and left_block_reason is null and right_block_reason is null
    union
    select right_type, right_value, left_type, left_value
    from checked
    where
        right_type is not null and left_block_reason is null and right_block_reason is null
),

too_many as (
    select
        both_ways.identifier_type,
        both_ways.identifier_value,
        both_ways.linked_type
    from both_ways
    inner join limits
        on
            both_ways.identifier_type = limits.identifier_type
            and both_ways.linked_type = limits.linked_type
    group by both_ways.identifier_type, both_ways.identifier_value, both_ways.linked_type
    having count(*) > max(limits.max_linked)
),

-- What is shared by many says nothing about any of them, whichever the type of the others.
crowded as (
    select
        identifier_type,
        identifier_value,
        min(linked_type) as linked_type
    from too_many
    group by identifier_type, identifier_value
),

final as (
    select
        checked.source,
        checked.left_type,
        checked.left_value,
        {{ identifier_id('checked.left_type', 'checked.left_value') }} as left_identifier_id,
        checked.right_type,
        checked.right_value,
        case
            when checked.right_type is not null
                then {{ identifier_id('checked.right_type', 'checked.right_value') }}
        end as right_identifier_id,
        checked.first_seen_at,
        checked.last_seen_at,
        checked.left_block_reason,
        checked.right_block_reason,
        case
            when checked.left_block_reason is not null
                then {{ dbt.concat([
                    "'blocked value: '", 'checked.left_type', "': '", 'checked.left_block_reason',
                ]) }}
            when checked.right_block_reason is not null
                then {{ dbt.concat([
                    "'blocked value: '", 'checked.right_type', "': '", 'checked.right_block_reason',
                ]) }}
            when left_crowded.linked_type is not null
                then {{ dbt.concat([
                    "'limit: one '", 'checked.left_type',
                    "' with too many of '", 'left_crowded.linked_type',
                ]) }}
            when right_crowded.linked_type is not null
                then {{ dbt.concat([
                    "'limit: one '", 'checked.right_type',
                    "' with too many of '", 'right_crowded.linked_type',
                ]) }}
        end as refusal_reason
    from checked
    left join crowded as left_crowded
        on
            checked.left_type = left_crowded.identifier_type
            and checked.left_value = left_crowded.identifier_value
            and checked.right_type is not null
    left join crowded as right_crowded
        on
            checked.right_type = right_crowded.identifier_type
            and checked.right_value = right_crowded.identifier_value
)

select * from final
