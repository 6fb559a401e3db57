with unioned as (
    select * from {{ ref('int_surveys__typeform_answers') }}
),

final as (
    select
        {{ text_key(['platform', 'answer_key']) }} as survey_answer_id,
        {{ text_key(['platform', 'response_key']) }} as survey_response_id,
        unioned.*
    from unioned
)

select * from final
