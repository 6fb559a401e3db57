-- The company's surveys at Typeform and their questions.
create table typeform_form as
select
    survey.number,
    substr(token('typeform form', survey.number), 1, 8) as form_id,
    survey.title,
    survey.hidden,
    moment(0, 100 + survey.number) as created_at,
    created_at as known_at,
from (
    values
    (0, 'After your order', ['email', 'order_id']),
    (1, 'Reader survey', ['email', 'visitor_id']),
    (2, 'Store feedback', []::text[])
) as survey (number, title, hidden)
order by survey.number;

create table typeform_question as
select
    typeform_form.form_id,
    question.number as form_number,
    question.place,
    substr(token('typeform field', question.number, question.place), 1, 12) as field_id,
    as_uuid(token('typeform ref', question.number, question.place)) as field_ref,
    question.kind,
    question.answer_type,
    question.title,
    question.is_grouped,
    question.share,
from (
    values
    (0, 0, 'nps', 'number', 'How likely are you to recommend us?', false, 1.0),
    (0, 1, 'rating', 'number', 'How was the delivery?', false, 0.9),
    (0, 2, 'multiple_choice', 'choice', 'How did you hear of us?', false, 0.8),
    (0, 3, 'multiple_choice', 'choices', 'What did you like?', false, 0.7),
    (0, 4, 'long_text', 'text', 'Anything else?', false, 0.3),
    (0, 5, 'yes_no', 'boolean', 'Would you order again?', false, 0.9),
    (1, 0, 'opinion_scale', 'number', 'How do you like our letters?', false, 1.0),
    (1, 1, 'short_text', 'text', 'What should we write about?', false, 0.4),
    (1, 2, 'date', 'date', 'When did you last visit a store?', false, 0.5),
    (2, 0, 'rating', 'number', 'How was your visit?', true, 1.0),
    (2, 1, 'email', 'email', 'Your e-mail, for an answer?', true, 0.5)
) as question (number, place, kind, answer_type, title, is_grouped, share)
inner join typeform_form on question.number = typeform_form.number
order by question.number, question.place;
