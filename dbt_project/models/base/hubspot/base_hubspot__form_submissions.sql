{{ config(meta={'rows': 'results', 'key': ['submission_id_hubspot']}) }}

{%- set columns = [
    ['submission_id_hubspot', 'conversionId', 'text', 'required'],
    ['form_id_hubspot', 'request:/submissions/forms/([^/?]+)', 'text', 'required'],
    ['page_url', 'pageUrl', 'text'],
    ['submitted_at', 'submittedAt', 'epoch_ms', 'required'],
    ['field_values', 'values', 'list', [
        ['field_name', 'name', 'text', 'required'],
        ['field_value', 'value', 'text'],
    ]],
] -%}

{{ base_rows(source('hubspot', 'form_submissions'), columns) }}
