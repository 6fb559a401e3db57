{#- Each load's list is kept whole: what a list lacks is gone, and only a list can say so. -#}
{{ config(meta={
    'rows': 'items',
    'key': ['playlist_id_youtube', 'video_id_youtube'],
    'whole': ['playlist_id_youtube'],
}) }}

{%- set columns = [
    ['playlist_id_youtube', 'request:playlistId=([^& ]+)', 'text', 'required'],
    ['video_id_youtube', 'contentDetails.videoId', 'text', 'required'],
    ['published_at', 'contentDetails.videoPublishedAt', 'timestamp'],
] -%}

{{ base_rows(source('youtube', 'uploads'), columns) }}
