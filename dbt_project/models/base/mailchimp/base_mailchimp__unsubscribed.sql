{{ config(meta={'rows': 'unsubscribes', 'key': ['campaign_id_mailchimp', 'member_id_mailchimp']}) }}

{%- set columns = [
    ['campaign_id_mailchimp', 'campaign_id', 'text', 'required'],
    ['list_id_mailchimp', 'list_id', 'text'],
    ['member_id_mailchimp', 'email_id', 'text', 'required'],
    ['email', 'email_address', 'text'],
    ['unsubscribe_reason', 'reason', 'text'],
    ['unsubscribed_at', 'timestamp', 'timestamp', 'required'],
] -%}

{{ base_rows(source('mailchimp', 'unsubscribed'), columns) }}
