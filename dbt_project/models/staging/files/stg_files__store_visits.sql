{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='store_visit_id_files',
    post_hook="{{ mark_processed(['files.store_visits']) }}",
) }}

with

source as (
    select *
    from {{ file_rows(ref('base_files__store_visits'), 'files.store_visits') }} as file_rows
),

renamed as (
    select
        row_id as store_visit_id_files,
        feed_name,
        file_name,
        row_number,
        location_name,
        counter_name,
        counted_minutes,
        entries,
        exits,
        counted_from_at,
        is_deleted,
        load_id,
        pulled_at
    from source
)

select * from renamed
