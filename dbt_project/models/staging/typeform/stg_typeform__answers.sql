with

source as (
    select * from {{ ref('stg_typeform__responses') }}
),

listed as (
    select
        response_key_typeform,
        form_id_typeform,
        submitted_at,
        load_id,
        pulled_at,
        unnest(answers) as answer,
        generate_subscripts(answers, 1) as answer_number_in_response
    from source
),

renamed as (
    select
        -- A question is answered once; a repeated one would still have a key of its own.
        concat(
            response_key_typeform, ':', answer.question_id, ':',
            row_number() over (
                partition by response_key_typeform, answer.question_id
                order by answer_number_in_response
            )
        ) as answer_key_typeform,
        response_key_typeform,
        form_id_typeform,
        submitted_at,
        answer_number_in_response,
        answer.question_id,
        answer.question_ref,
        answer.question_type,
        answer.answer_type,
        answer.answer_number,
        answer.is_yes,
        answer.choice,
        answer.choices,
        cast(left(answer.answer_date, 10) as date) as answer_date,
        answer.answer_text,
        answer.answer_email,
        answer.answer_phone,
        load_id,
        pulled_at
    from listed
)

select * from renamed
