with

source as (
    select *
    from {{ current_version(ref('base_typeform__form_definitions'), ['form_id_typeform']) }}
        as form_definitions
),

listed as (
    select
        form_id_typeform,
        load_id,
        pulled_at,
        unnest(questions) as question
    from source
),

parts as (
    select
        form_id_typeform,
        question.question_title as group_title,
        load_id,
        pulled_at,
        unnest(question.parts) as question
    from listed
),

every as (
    select
        form_id_typeform,
        cast(null as {{ dbt.type_string() }}) as group_title,
        load_id,
        pulled_at,
        question.question_id,
        question.question_ref,
        question.question_title,
        question.question_type
    from listed
    union all
    select
        form_id_typeform,
        group_title,
        load_id,
        pulled_at,
        question.question_id,
        question.question_ref,
        question.question_title,
        question.question_type
    from parts
),

renamed as (
    select
        concat(form_id_typeform, ':', question_id) as question_key_typeform,
        form_id_typeform,
        question_id,
        question_ref,
        question_title,
        question_type,
        group_title,
        load_id,
        pulled_at
    from every
)

select * from renamed
