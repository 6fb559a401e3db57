{{ config(meta={'rows': 'campaigns', 'key': ['campaign_id_mailchimp']}) }}

{%- set columns = [
    ['campaign_id_mailchimp', 'id', 'text', 'required'],
    ['campaign_type', 'type', 'text', 'required'],
    ['campaign_status', 'status', 'text', 'required'],
    ['campaign_name', 'settings.title', 'text'],
    ['subject', 'settings.subject_line', 'text'],
    ['list_id_mailchimp', 'recipients.list_id', 'text'],
    ['parent_campaign_id_mailchimp', 'parent_campaign_id', 'text'],
    ['created_at', 'create_time', 'timestamp', 'required'],
    ['sent_at', 'send_time', 'timestamp'],
] -%}

{{ base_rows(source('mailchimp', 'campaigns'), columns) }}
