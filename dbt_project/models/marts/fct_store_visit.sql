{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'store_visit_id in ' ~ newly_loaded_rows('stg_files__store_visits', 'store_visit_id_files')
    ) }}",
    post_hook="{{ mark_new_loads() }}",
) }}

with rows_of_files as (
    select * from {{ ref('stg_files__store_visits') }}
    where
        not is_deleted
        {% if is_incremental() %}
            and store_visit_id_files in {{ newly_loaded_rows('stg_files__store_visits', 'store_visit_id_files') }}
        {% endif %}
),

-- A name that two places have is neither's.
named_locations as (
    select
        lower(trim(location_name)) as location_name,
        min(location_id) as location_id
    from {{ ref('int_locations__unioned') }}
    where location_name is not null
    group by lower(trim(location_name))
    having count(*) = 1
),

final as (
    select
        rows_of_files.store_visit_id_files as store_visit_id,
        named_locations.location_id,
        rows_of_files.location_name,
        rows_of_files.counter_name,
        rows_of_files.counted_from_at,
        rows_of_files.counted_minutes,
        rows_of_files.entries,
        rows_of_files.exits,
        rows_of_files.feed_name
    from rows_of_files
    left join named_locations
        on lower(trim(rows_of_files.location_name)) = named_locations.location_name
)

select * from final
