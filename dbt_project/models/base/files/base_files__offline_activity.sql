{#- A row of a file has no versions of its own (see files_versions.sql): each load's are kept. -#}
{{ config(post_hook="{{ mark_processed(['files.offline_activity'], base_statuses()) }}") }}

{%- set columns = [
    ['activity_id', 'text'],
    ['campaign_id', 'text'],
    ['campaign_name', 'text'],
    ['channel_group', 'text'],
    ['geo', 'text'],
    ['week_start_date', 'date'],
    ['placement_name', 'text'],
    ['spend_amount', 'decimal'],
    ['currency_code', 'text'],
    ['audience', 'integer'],
    ['insertions', 'integer'],
    ['ran_at', 'timestamp'],
] -%}

{{ files_rows(source('files', 'offline_activity'), columns) }}
