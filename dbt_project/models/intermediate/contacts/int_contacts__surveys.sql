{#- An answered survey is a contact that the person made, whichever vendor asked. -#}

with responses as (
    select * from {{ ref('int_surveys__unioned') }} where is_complete
),

final as (
    select
        survey_response_id as contact_id,
        platform,
        'survey_responded' as contact_type,
        'survey' as channel_group,
        campaign_id,
        survey_id as content_id,
        cast(null as {{ dbt.type_string() }}) as coupon_code,
        order_id,
        identifier_type,
        identifier_value,
        submitted_at as occurred_at,
        cast(null as bigint) as duration_seconds,
        false as is_deleted,
        load_id
    from responses
)

select * from final
