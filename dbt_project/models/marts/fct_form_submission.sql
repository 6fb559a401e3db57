with submissions as (
    select * from {{ ref('int_forms__unioned') }}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

identified as (
    select
        submissions.*,
        case
            when identifier_type is not null
                then {{ identifier_id('identifier_type', 'identifier_value') }}
        end as identifier_id
    from submissions
),

final as (
    select
        identified.submission_id,
        customer_identifiers.customer_id,
        identified.submitted_at,
        'gated_content' as channel,
        identified.form_id as content_id,
        identified.form_name as content_title,
        identified.page_url,
        identified.platform,
        identified.identifier_id
    from identified
    left join customer_identifiers
        on identified.identifier_id = customer_identifiers.identifier_id
)

select * from final
