{#- Rows are arrays: `columnHeaders` says which value is which. -#}
{{ config(meta={
    'rows': 'rows',
    'key': ['channel_id_youtube', 'report_date'],
    'empty_page_keys': ['kind', 'columnHeaders'],
}) }}

{%- set columns = [
    ['channel_id_youtube', 'request:ids=channel(?:==|%3D%3D)([^& ]+)', 'text', 'required'],
    ['views', '[columnHeaders.name=views]', 'bigint', 'required'],
    ['watch_minutes', '[columnHeaders.name=estimatedMinutesWatched]', 'bigint', 'required'],
    ['average_view_seconds', '[columnHeaders.name=averageViewDuration]', 'bigint', 'required'],
    ['likes', '[columnHeaders.name=likes]', 'bigint', 'required'],
    ['dislikes', '[columnHeaders.name=dislikes]', 'bigint', 'required'],
    ['comments', '[columnHeaders.name=comments]', 'bigint', 'required'],
    ['shares', '[columnHeaders.name=shares]', 'bigint', 'required'],
    ['subscribers_gained', '[columnHeaders.name=subscribersGained]', 'bigint', 'required'],
    ['subscribers_lost', '[columnHeaders.name=subscribersLost]', 'bigint', 'required'],
    ['report_date', '[columnHeaders.name=day]', 'date', 'required'],
] -%}

{{ base_rows(source('youtube', 'channel_performance'), columns) }}
