{{ config(meta={'rows': 'lists', 'key': ['list_id_mailchimp']}) }}

{%- set columns = [
    ['list_id_mailchimp', 'id', 'text', 'required'],
    ['list_name', 'name', 'text', 'required'],
    ['created_at', 'date_created', 'timestamp'],
    ['visibility', 'visibility', 'text'],
    ['list_rating', 'list_rating', 'bigint'],
    ['member_count', 'stats.member_count', 'bigint'],
] -%}

{{ base_rows(source('mailchimp', 'lists'), columns) }}
