{{ config(meta={'rows': '', 'key': ['email_campaign_id_hubspot']}) }}

{%- set columns = [
    ['email_campaign_id_hubspot', 'id', 'text', 'required'],
    ['email_id_hubspot', 'contentId', 'text'],
    ['campaign_name', 'name', 'text'],
    ['subject', 'subject', 'text'],
    ['campaign_type', 'type', 'text'],
    ['app_name', 'appName', 'text'],
    ['sent_count', 'counters?.sent', 'bigint'],
    ['delivered_count', 'counters?.delivered', 'bigint'],
    ['open_count', 'counters?.open', 'bigint'],
    ['click_count', 'counters?.click', 'bigint'],
    ['bounce_count', 'counters?.bounce', 'bigint'],
    ['processed_at', 'lastProcessingFinishedAt', 'epoch_ms'],
] -%}

{{ base_rows(source('hubspot', 'email_campaigns'), columns) }}
