{#- A table made anew: the place of an old count may become known, or another's, at any time. -#}

with rows_of_files as (
    select * from {{ ref('stg_files__store_visits') }} where not is_deleted
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
