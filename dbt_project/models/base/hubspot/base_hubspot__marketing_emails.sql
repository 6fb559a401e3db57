{{ config(meta={'rows': 'results', 'key': ['email_id_hubspot']}) }}

{%- set columns = [
    ['email_id_hubspot', 'id', 'text', 'required'],
    ['email_name', 'name', 'text', 'required'],
    ['subject', 'subject', 'text'],
    ['email_state', 'state', 'text', 'required'],
    ['email_type', 'type', 'text'],
    ['marketing_campaign_id_hubspot', 'campaign', 'text'],
    ['marketing_campaign_name', 'campaignName', 'text'],
    ['is_archived', 'archived', 'boolean'],
    ['published_at', 'publishDate', 'timestamp'],
    ['created_at', 'createdAt', 'timestamp'],
    ['updated_at', 'updatedAt', 'timestamp'],
] -%}

{{ base_rows(source('hubspot', 'marketing_emails'), columns) }}
