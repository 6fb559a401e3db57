with answers as (
    select * from {{ ref('int_surveys__unioned_answers') }}
),

final as (
    select
        survey_answer_id,
        survey_response_id,
        answer_text
    from answers
    where answer_text is not null
)

select * from final
