{#- Mail pieces; what came back is told by another file, under the same campaign and person. -#}

with contacts as (
    select * from {{ ref('int_contacts__files') }}
),

final as (
    select
        contact_id as event_id,
        platform,
        'direct_mail' as channel,
        coalesce(campaign_id, 'files:direct_mail') as message_id,
        campaign_id,
        identifier_type,
        identifier_value,
        case
            when contact_type not in ('mail_sent', 'mail_returned') then null
            when identifier_value is null then null
            when is_deleted then 'withdrawn'
            when contact_type = 'mail_sent' then 'delivered'
            else 'bounced'
        end as event_type,
        occurred_at,
        cast(null as {{ dbt.type_string() }}) as url,
        false as is_privacy_open,
        cast(null as {{ dbt.type_string() }}) as bounce_type,
        load_id,
        cast(null as {{ dbt.type_string() }}) as mapping_load_id
    from contacts
)

select * from final
