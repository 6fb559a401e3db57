with answers as (
    select * from {{ ref('stg_typeform__answers') }}
),

questions as (
    select * from {{ ref('stg_typeform__questions') }}
),

final as (
    select
        'typeform' as platform,
        answers.answer_key_typeform as answer_key,
        answers.response_key_typeform as response_key,
        answers.question_id,
        answers.question_ref,
        questions.question_title,
        coalesce(answers.question_type, questions.question_type) as question_type,
        answers.answer_type,
        answers.answer_number,
        answers.is_yes,
        coalesce(answers.choice, answers.choices) as answer_choice,
        answers.answer_date,
        answers.answer_text
    from answers
    left join questions
        on
            answers.form_id_typeform = questions.form_id_typeform
            and answers.question_id = questions.question_id
)

select * from final
