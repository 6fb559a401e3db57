{{ config(meta={'rows': 'data', 'key': ['post_id']}) }}

{%- set columns = [
    ['post_id', 'id', 'text', 'required'],
    ['message', 'message', 'text'],
    ['permalink_url', 'permalink_url', 'text'],
    ['shares', 'shares?.count', 'bigint'],
    ['comments', 'comments?.summary.total_count', 'bigint'],
    ['reactions', 'reactions?.summary.total_count', 'bigint'],
    ['posted_at', 'created_time', 'timestamp', 'required'],
    ['insights', 'insights?.data', 'list', [
        ['metric_name', 'name', 'text', 'required'],
        ['metric_value', 'values[0].value', 'bigint', 'required'],
    ]],
] -%}

{{ base_rows(source('meta_social', 'facebook_posts'), columns) }}
