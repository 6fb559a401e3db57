{{ config(meta={'rows': '', 'key': ['form_id_typeform']}) }}

{%- set columns = [
    ['form_id_typeform', 'id', 'text', 'required'],
    ['form_title', 'title', 'text', 'required'],
    ['language_code', 'language', 'text'],
    ['questions', 'fields', 'list', [
        ['question_id', 'id', 'text', 'required'],
        ['question_ref', 'ref', 'text'],
        ['question_title', 'title', 'text'],
        ['question_type', 'type', 'text', 'required'],
        ['parts', 'properties.fields', 'list', [
            ['question_id', 'id', 'text', 'required'],
            ['question_ref', 'ref', 'text'],
            ['question_title', 'title', 'text'],
            ['question_type', 'type', 'text', 'required'],
        ]],
    ]],
] -%}

{{ base_rows(source('typeform', 'form_definitions'), columns) }}
