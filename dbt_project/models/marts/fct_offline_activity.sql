{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'activity_id in ' ~ newly_loaded_rows('stg_files__offline_activity', 'activity_id_files')
    ) }}",
    post_hook="{{ mark_new_loads() }}",
) }}

with rows_of_files as (
    select * from {{ ref('stg_files__offline_activity') }}
    where
        not is_deleted
        {% if is_incremental() %}
            and activity_id_files in {{ newly_loaded_rows('stg_files__offline_activity', 'activity_id_files') }}
        {% endif %}
),

final as (
    select
        activity_id_files as activity_id,
        {{ files_campaign('rows_of_files') }} as campaign_id,
        channel_group as channel,
        geo,
        week_start_date,
        ran_at,
        placement_name,
        audience,
        insertions,
        cast(spend_amount as {{ amount_type() }}) as spend_amount,
        currency_code,
        feed_name
    from rows_of_files
)

select * from final
