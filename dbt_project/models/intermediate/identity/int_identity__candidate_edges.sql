{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='edge_id',
    on_schema_change='fail',
    post_hook=[
        "{{ record_batch() }}",
        "{{ record_read(['int_identity__sightings']) }}",
    ],
) }}

{#
    What a night changes is judged again, and with it every pair of the identifiers in it: with one
    more of a type, an identifier may be seen with too many, and then none of its pairs counts. What
    is gone stays as a row that says so.
#}

{%- set text = dbt.type_string() -%}
{%- set pair = 'source, left_type, left_value, right_type, right_value' -%}
{%- set judged = ['left_block_reason', 'right_block_reason', 'left_link_reason',
    'right_link_reason', 'refusal_reason', 'strength', 'is_person_link'] -%}

with sightings as (
    select * from {{ ref('int_identity__sightings') }}
    {% if is_incremental() %}
        where batch_seq > {{ last_batch_read('int_identity__sightings') }}
    {% endif %}
),

record_links as (
    select * from {{ ref('int_identity__record_links') }}
),

identity_types as (
    select * from {{ ref('identity_types') }}
),

blocked_values as (
    select * from {{ ref('int_identity__blocked_values') }}
),

shared_values as (
    select * from {{ ref('identity_shared_values') }}
),

limits as (
    select * from {{ ref('identity_limits') }}
),

given as (
    select {{ pair }}, first_seen_at, last_seen_at, false as is_record from sightings
    union all
    select {{ pair }}, first_seen_at, last_seen_at, true from record_links
),

grouped as (
    select
        {{ pair }},
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(case when is_record then 1 else 0 end) = 1 as is_record
    from given
    where left_value is not null
    group by {{ pair }}
),

keyed as (
    select
        {{ text_key(['source', 'left_type', 'left_value', 'right_type', 'right_value']) }}
            as edge_id,
        grouped.*,
        {{ identifier_id('left_type', 'left_value') }} as left_identifier_id,
        case
            when right_type is not null then {{ identifier_id('right_type', 'right_value') }}
        end as right_identifier_id,
        cast(null as {{ text }}) as left_known_reason,
        cast(null as {{ text }}) as right_known_reason
    from grouped
),

{% if is_incremental() %}
known as (
    select * from {{ this }} where not is_withdrawn
),

changed as (
    select keyed.*
    from keyed
    left join known
        on keyed.edge_id = known.edge_id
    where
        known.edge_id is null
        or known.first_seen_at is distinct from keyed.first_seen_at
        or known.last_seen_at is distinct from keyed.last_seen_at
),

gone as (
    select known.*
    from known
    left join keyed
        on known.edge_id = keyed.edge_id
    where
        known.is_record
        and keyed.edge_id is null
),

judged_anew as (
    {{ ends_blocked_otherwise() }}
),

touched as (
    select identifier_id from judged_anew
    union
    select left_identifier_id from changed
    union
    select right_identifier_id from changed where right_identifier_id is not null
    union
    select left_identifier_id from gone
    union
    select right_identifier_id from gone where right_identifier_id is not null
),

pairs as (
    select * from changed
    union all
    select
        {% for column in [
            'edge_id', 'source', 'left_type', 'left_value', 'right_type', 'right_value',
            'first_seen_at', 'last_seen_at', 'is_record', 'left_identifier_id',
            'right_identifier_id', 'left_link_reason', 'right_link_reason',
        ] %}
            known.{{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from known
    where
        known.edge_id not in (select edge_id from changed)
        and known.edge_id not in (select edge_id from gone)
        and (
            known.left_identifier_id in (select identifier_id from touched)
            or known.right_identifier_id in (select identifier_id from touched)
        )
),
{% else %}
pairs as (
    select * from keyed
),
{% endif %}

ends as (
    select left_identifier_id as identifier_id, left_type as identifier_type,
        left_value as identifier_value
    from pairs
    union
    select right_identifier_id, right_type, right_value from pairs where right_type is not null
),

guarded as (
    {{ guarded_ends() }}
),

checked as (
    select
        pairs.*,
        left_guards.block_reason as left_block_reason,
        right_guards.block_reason as right_block_reason,
        left_guards.shared_reason as left_shared_reason,
        right_guards.shared_reason as right_shared_reason,
        least(left_guards.strength, right_guards.strength) as strength,
        left_guards.is_person_link and right_guards.is_person_link as is_person_link
    from pairs
    inner join guarded as left_guards
        on pairs.left_identifier_id = left_guards.identifier_id
    left join guarded as right_guards
        on pairs.right_identifier_id = right_guards.identifier_id
),

-- Both directions: how many others of a type has each identifier been seen with?
both_ways as (
    {{ ends_both_ways() }}
),

too_many as (
    {{ ends_over_limits() }}
),

-- What is shared by many says nothing about any of them, whichever the type of the others.
crowded as (
    select
        touched.identifier_id,
        min(too_many.limit_reason) as limit_reason
    from {{ 'touched' if is_incremental() else 'ends' }} as touched
    left join too_many
        on touched.identifier_id = too_many.identifier_id
    group by touched.identifier_id
),

limited as (
    select
        checked.*,
        case
            when checked.right_type is not null
                then {{ link_reason('left') }}
        end as left_link_reason,
        {{ link_reason('right') }} as right_link_reason
    from checked
    left join crowded as left_crowded
        on checked.left_identifier_id = left_crowded.identifier_id
    left join crowded as right_crowded
        on checked.right_identifier_id = right_crowded.identifier_id
),

refused as (
    select
        limited.*,
        coalesce(left_block_reason, right_block_reason, left_link_reason, right_link_reason)
            as refusal_reason
    from limited
),

{%- set columns = ['edge_id', 'source', 'left_type', 'left_value', 'left_identifier_id',
    'right_type', 'right_value', 'right_identifier_id', 'first_seen_at', 'last_seen_at',
    'is_record'] + judged %}

final as (
    select
        {% for column in columns %}refused.{{ column }}, {% endfor %}
        false as is_withdrawn,
        {{ next_batch() }} as batch_seq
    from refused
    {% if is_incremental() %}
        left join known
            on refused.edge_id = known.edge_id
        where
            known.edge_id is null
            {% for column in ['first_seen_at', 'last_seen_at'] + judged %}
                or refused.{{ column }} is distinct from known.{{ column }}
            {% endfor %}
    union all
    select
        {% for column in columns %}gone.{{ column }}, {% endfor %}
        true,
        {{ next_batch() }}
    from gone
    {% endif %}
)

select * from final
