{{ config(meta={'rows': 'reports', 'key': ['campaign_id_mailchimp']}) }}

{%- set columns = [
    ['campaign_id_mailchimp', 'id', 'text', 'required'],
    ['campaign_name', 'campaign_title', 'text'],
    ['list_id_mailchimp', 'list_id', 'text'],
    ['sent_at', 'send_time', 'timestamp', 'required'],
    ['emails_sent', 'emails_sent', 'bigint', 'required'],
    ['opens_total', 'opens.opens_total', 'bigint'],
    ['opens_without_proxies', 'opens.proxy_excluded_opens', 'bigint'],
    ['unique_opens', 'opens.unique_opens', 'bigint'],
    ['clicks_total', 'clicks.clicks_total', 'bigint'],
    ['unique_clickers', 'clicks.unique_subscriber_clicks', 'bigint'],
    ['hard_bounces', 'bounces.hard_bounces', 'bigint'],
    ['soft_bounces', 'bounces.soft_bounces', 'bigint'],
    ['unsubscribed_count', 'unsubscribed', 'bigint'],
    ['complaint_count', 'abuse_reports', 'bigint'],
] -%}

{{ base_rows(source('mailchimp', 'reports'), columns) }}
