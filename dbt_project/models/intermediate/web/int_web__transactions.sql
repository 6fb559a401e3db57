{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='transaction_id',
    on_schema_change='fail',
    post_hook=["{{ mark_new_loads() }}", "{{ record_batch() }}"],
) }}

with events as (
    select
        transaction_id,
        visitor_id,
        user_id,
        occurred_at,
        event_id
    from {{ ref('int_web__events_unioned') }}
    where
        transaction_id is not null
        and visitor_id is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

candidates as (
    select * from events
    {% if is_incremental() %}
        union all
        select
            known.transaction_id,
            known.visitor_id,
            known.user_id,
            known.occurred_at,
            known.event_id
        from {{ this }} as known
        where known.transaction_id in (select transaction_id from events)
    {% endif %}
),

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by transaction_id
            order by occurred_at, event_id
        ) as version_rank
    from candidates
),

final as (
    select
        transaction_id,
        visitor_id,
        user_id,
        occurred_at,
        event_id,
        {{ next_batch() }} as batch_seq
    from ranked
    where version_rank = 1
)

select * from final
