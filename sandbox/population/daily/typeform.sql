-- For a stretch of days: who answered which survey, and what they said.
create or replace temp table typeform_response as
with asked as (
    -- Some hours after an order, with its number and the buyer's e-mail in the link.
    select
        'o' || purchase.order_id as response_key,
        0 as form_number,
        purchase.person_id,
        purchase.order_id,
        null as device_id,
        later(purchase.known_at, 7200 + 70000 * draw('typeform wait', purchase.order_id))
            as answered_at,
    from purchase
    where not purchase.is_return and draw('typeform order', purchase.order_id) < 0.35
    union all
    select
        concat('r', person.person_id, ':', day.range),
        1,
        person.person_id,
        null,
        own_device(person.person_id, 0, day.range),
        moment(day.range, waking_second('typeform reader', person.person_id, day.range)),
    from person, range(getvariable('from_day'), getvariable('until_day')) as day
    where
        person.arrival_day < day.range
        and draw('typeform reads', person.person_id, day.range) < 0.01
    union all
    -- A code on the receipt, which says nothing of who scans it.
    select
        's' || purchase.order_id,
        2,
        purchase.person_id,
        null,
        null,
        later(purchase.ordered_at, 600 + 50000 * draw('typeform scan', purchase.order_id)),
    from purchase
    where
        purchase.channel = 'store' and not purchase.is_return
        and draw('typeform store', purchase.order_id) < 0.25
)

select
    token('typeform response', asked.response_key) as response_id,
    asked.response_key,
    typeform_form.form_id,
    asked.form_number,
    asked.person_id,
    person.email,
    if(asked.form_number < 2, person.email_as_typed, null) as hidden_email,
    asked.order_id,
    asked.device_id,
    date_trunc('second', asked.answered_at) as submitted_at,
    submitted_at - to_seconds((20 + pick('typeform pace', 300, asked.response_key))::integer)
        as landed_at,
    -- The newest answers are missing from the list for a while.
    later(submitted_at, 30 + 1700 * draw('typeform delay', asked.response_key)) as known_at,
from asked
inner join typeform_form on asked.form_number = typeform_form.number
inner join person on asked.person_id = person.person_id
where asked.form_number = 2 or person.email is not null
order by submitted_at, response_id;

create or replace temp table typeform_answer as
select
    typeform_response.response_id,
    typeform_response.form_id,
    typeform_response.form_number,
    typeform_response.submitted_at,
    typeform_response.known_at,
    typeform_question.place,
    typeform_question.field_id,
    typeform_question.field_ref,
    typeform_question.kind,
    typeform_question.answer_type,
    case typeform_question.kind
        when 'nps' then pick('nps', 11, typeform_response.response_id)
        when 'rating' then 1 + pick('rating', 5, typeform_response.response_id)
        when 'opinion_scale' then pick('opinion', 11, typeform_response.response_id)
    end as number,
    if(typeform_question.answer_type = 'boolean',
        draw('again', typeform_response.response_id) < 0.8, null) as is_yes,
    case typeform_question.answer_type
        when 'choice' then [choose('heard', ['A friend', 'A store', 'An ad'], typeform_response.response_id)]
        when 'choices' then ['Price', 'Quality', 'Service'][
            1:1 + pick('liked', 3, typeform_response.response_id)
        ]
    end as labels,
    case typeform_question.answer_type
        when 'text' then choose('said', [
            'All good.', 'Zu langsam geliefert, "sehr" schade', 'More wool, please',
        ], typeform_response.response_id)
        when 'date' then strftime(typeform_response.submitted_at - interval 9 day, '%Y-%m-%d')
        when 'email' then typeform_response.email
    end as text,
from typeform_response
inner join typeform_question on typeform_response.form_number = typeform_question.form_number
where
    draw('answers', typeform_response.response_id, typeform_question.place)
    < typeform_question.share
    and (typeform_question.kind <> 'email' or typeform_response.email is not null)
order by typeform_response.submitted_at, typeform_response.response_id, typeform_question.place;
