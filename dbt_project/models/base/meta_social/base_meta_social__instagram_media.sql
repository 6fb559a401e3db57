{{ config(meta={'rows': 'data', 'key': ['post_id']}) }}

{%- set columns = [
    ['post_id', 'id', 'text', 'required'],
    ['account_id_meta', 'owner?.id', 'text'],
    ['message', 'caption', 'text'],
    ['media_type', 'media_type', 'text'],
    ['media_product_type', 'media_product_type', 'text'],
    ['permalink_url', 'permalink', 'text'],
    ['likes', 'like_count', 'bigint'],
    ['comments', 'comments_count', 'bigint'],
    ['posted_at', 'timestamp', 'timestamp', 'required'],
    ['insights', 'insights?.data', 'list', [
        ['metric_name', 'name', 'text', 'required'],
        ['metric_value', 'values[0].value', 'bigint', 'required'],
    ]],
] -%}

{{ base_rows(source('meta_social', 'instagram_media'), columns) }}
