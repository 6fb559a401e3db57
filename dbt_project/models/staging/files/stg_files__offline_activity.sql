{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='activity_id_files',
    post_hook="{{ mark_processed(['files.offline_activity']) }}",
) }}

with

source as (
    select *
    from {{ file_rows(ref('base_files__offline_activity'), 'files.offline_activity') }} as file_rows
),

renamed as (
    select
        row_id as activity_id_files,
        feed_name,
        file_name,
        row_number,
        activity_id,
        campaign_id,
        campaign_name,
        lower(channel_group) as channel_group,
        geo,
        placement_name,
        currency_code,
        audience,
        insertions,
        spend_amount,
        is_deleted,
        -- Weeks begin on Monday, whichever day of it the file names.
        cast(date_trunc('week', week_start_date) as date) as week_start_date,
        ran_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
