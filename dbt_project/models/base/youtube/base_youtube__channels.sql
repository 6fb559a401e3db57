{{ config(meta={
    'rows': 'items',
    'key': ['channel_id_youtube'],
    'empty_page_keys': ['kind', 'etag', 'pageInfo'],
}) }}

{%- set columns = [
    ['channel_id_youtube', 'id', 'text', 'required'],
    ['channel_title', 'snippet.title', 'text', 'required'],
    ['channel_handle', 'snippet.customUrl', 'text'],
    ['country_code', 'snippet.country', 'text'],
    ['uploads_playlist_id_youtube', 'contentDetails.relatedPlaylists.uploads', 'text', 'required'],
    ['views', 'statistics.viewCount', 'bigint'],
    ['subscribers', 'statistics.subscriberCount', 'bigint'],
    ['videos', 'statistics.videoCount', 'bigint'],
    ['is_subscriber_count_hidden', 'statistics.hiddenSubscriberCount', 'boolean'],
    ['created_at', 'snippet.publishedAt', 'timestamp'],
] -%}

{{ base_rows(source('youtube', 'channels'), columns) }}
