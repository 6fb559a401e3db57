{#- A row of a file has no versions of its own (see files_versions.sql): each load's are kept. -#}
{{ config(post_hook="{{ mark_processed(['files.store_visits'], base_statuses()) }}") }}

{%- set columns = [
    ['location_name', 'text'],
    ['counter_name', 'text'],
    ['counted_from_at', 'timestamp'],
    ['counted_minutes', 'integer'],
    ['entries', 'integer'],
    ['exits', 'integer'],
] -%}

{{ files_rows(source('files', 'store_visits'), columns) }}
