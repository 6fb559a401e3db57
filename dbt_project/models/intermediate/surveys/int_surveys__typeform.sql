with responses as (
    select * from {{ ref('stg_typeform__responses') }}
),

forms as (
    select * from {{ ref('stg_typeform__forms') }}
),

answers as (
    select * from {{ ref('stg_typeform__answers') }}
),

summed as (
    select
        response_key_typeform,
        count(*) as answer_count,
        -- Where a survey asks twice, its first question counts.
        min(case when question_type = 'nps' then answer_number_in_response end) as nps_place,
        min(case when question_type = 'rating' then answer_number_in_response end)
            as rating_place,
        min(answer_email) as answer_email,
        min(answer_phone) as answer_phone
    from answers
    group by response_key_typeform
),

scores as (
    select
        summed.response_key_typeform,
        max(case when answers.answer_number_in_response = summed.nps_place
            then answers.answer_number end) as nps_score,
        max(case when answers.answer_number_in_response = summed.rating_place
            then answers.answer_number end) as rating_score
    from summed
    inner join answers
        on summed.response_key_typeform = answers.response_key_typeform
    group by summed.response_key_typeform
),

final as (
    select
        'typeform' as platform,
        responses.form_id_typeform as survey_id,
        forms.form_title as survey_name,
        responses.response_id_typeform as response_id,
        responses.response_key_typeform as response_key,
        responses.landed_at as started_at,
        responses.submitted_at,
        responses.response_type = 'completed' as is_complete,
        responses.device_platform,
        -- What the link said is surer than what was typed.
        coalesce(responses.hidden_email, summed.answer_email) as email,
        coalesce(responses.hidden_phone, summed.answer_phone) as phone_number,
        responses.hidden_customer_number as customer_number,
        responses.hidden_visitor_id as visitor_id,
        responses.hidden_order_id as order_id,
        responses.hidden_campaign_id as campaign_id,
        scores.nps_score,
        scores.rating_score,
        responses.calculated_score,
        coalesce(summed.answer_count, 0) as answer_count,
        responses.load_id
    from responses
    left join forms
        on responses.form_id_typeform = forms.form_id_typeform
    left join summed
        on responses.response_key_typeform = summed.response_key_typeform
    left join scores
        on responses.response_key_typeform = scores.response_key_typeform
)

select * from final
