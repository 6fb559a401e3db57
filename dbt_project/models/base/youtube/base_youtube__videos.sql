{{ config(meta={'rows': 'items', 'key': ['video_id_youtube']}) }}

{%- set columns = [
    ['video_id_youtube', 'id', 'text', 'required'],
    ['channel_id_youtube', 'snippet.channelId', 'text', 'required'],
    ['video_title', 'snippet.title', 'text', 'required'],
    ['category_id_youtube', 'snippet.categoryId', 'text'],
    ['broadcast_status', 'snippet.liveBroadcastContent', 'text'],
    ['privacy_status', 'status.privacyStatus', 'text', 'required'],
    ['upload_status', 'status.uploadStatus', 'text'],
    ['duration_seconds', 'contentDetails.duration', 'iso_duration'],
    ['views', 'statistics.viewCount', 'bigint'],
    ['likes', 'statistics.likeCount', 'bigint'],
    ['comments', 'statistics.commentCount', 'bigint'],
    ['published_at', 'snippet.publishedAt', 'timestamp', 'required'],
] -%}

{{ base_rows(source('youtube', 'videos'), columns) }}
