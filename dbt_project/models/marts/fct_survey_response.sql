with responses as (
    select * from {{ ref('int_surveys__unioned') }}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

identified as (
    select
        responses.*,
        case
            when identifier_type is not null
                then {{ identifier_id('identifier_type', 'identifier_value') }}
        end as identifier_id
    from responses
),

final as (
    select
        identified.survey_response_id,
        customer_identifiers.customer_id,
        identified.submitted_at,
        'survey' as channel,
        identified.platform,
        identified.survey_id,
        identified.survey_name,
        identified.response_id,
        identified.order_id,
        identified.campaign_id,
        identified.started_at,
        cast(identified.nps_score as bigint) as nps_score,
        case
            when identified.nps_score >= 9 then 'promoter'
            when identified.nps_score >= 7 then 'passive'
            when identified.nps_score >= 0 then 'detractor'
        end as nps_group,
        cast(identified.rating_score as decimal(18, 4)) as rating_score,
        cast(identified.calculated_score as decimal(18, 4)) as calculated_score,
        cast(identified.answer_count as bigint) as answer_count,
        identified.is_complete,
        identified.identifier_id
    from identified
    left join customer_identifiers
        on identified.identifier_id = customer_identifiers.identifier_id
)

select * from final
