with answers as (
    select * from {{ ref('int_surveys__unioned_answers') }}
),

responses as (
    select * from {{ ref('fct_survey_response') }}
),

final as (
    select
        answers.survey_answer_id,
        answers.survey_response_id,
        responses.customer_id,
        responses.submitted_at,
        responses.survey_id,
        answers.question_id,
        answers.question_ref,
        answers.question_title,
        answers.question_type,
        answers.answer_type,
        cast(answers.answer_number as decimal(18, 4)) as answer_number,
        answers.is_yes,
        answers.answer_choice,
        answers.answer_date,
        answers.answer_text is not null as has_text
    from answers
    inner join responses
        on answers.survey_response_id = responses.survey_response_id
)

select * from final
