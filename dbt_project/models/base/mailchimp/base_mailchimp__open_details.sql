{{ config(meta={'rows': 'members', 'key': ['campaign_id_mailchimp', 'member_id_mailchimp']}) }}

{%- set columns = [
    ['campaign_id_mailchimp', 'campaign_id', 'text', 'required'],
    ['list_id_mailchimp', 'list_id', 'text'],
    ['member_id_mailchimp', 'email_id', 'text', 'required'],
    ['email', 'email_address', 'text'],
    ['opens', 'opens', 'list', [
        ['occurred_at', 'timestamp', 'timestamp', 'required'],
        ['is_proxy_open', 'is_proxy_open', 'boolean'],
    ]],
] -%}

{{ base_rows(source('mailchimp', 'open_details'), columns) }}
