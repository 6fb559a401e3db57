{#- Files have no list of campaigns: one is known by what ran and who answered. -#}

with activity as (
    select * from {{ ref('stg_files__offline_activity') }}
    where
        not is_deleted
        and coalesce(campaign_id, campaign_name) is not null
),

contacts as (
    select * from {{ ref('stg_files__offline_contacts') }}
    where
        not is_deleted
        and coalesce(campaign_id, campaign_name) is not null
),

named as (
    select
        {{ files_campaign('activity') }} as campaign_id,
        coalesce(campaign_name, campaign_id) as campaign_name,
        channel_group,
        cast(week_start_date as timestamp) as seen_at,
        load_id
    from activity
    union all
    select
        {{ files_campaign('contacts') }},
        coalesce(campaign_name, campaign_id),
        channel_group,
        contacted_at,
        load_id
    from contacts
),

final as (
    select
        'files' as platform,
        cast(null as {{ dbt.type_string() }}) as account_id,
        campaign_id,
        cast(null as {{ dbt.type_string() }}) as message_id,
        max(campaign_name) as campaign_name,
        cast(null as {{ dbt.type_string() }}) as campaign_status,
        channel_group as campaign_type,
        min(seen_at) as sent_at,
        max(load_id) as load_id
    from named
    group by campaign_id, channel_group
)

select * from final
