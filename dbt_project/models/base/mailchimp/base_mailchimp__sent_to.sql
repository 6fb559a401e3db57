{{ config(meta={'rows': 'sent_to', 'key': ['campaign_id_mailchimp', 'member_id_mailchimp']}) }}

{%- set columns = [
    ['campaign_id_mailchimp', 'campaign_id', 'text', 'required'],
    ['list_id_mailchimp', 'list_id', 'text'],
    ['member_id_mailchimp', 'email_id', 'text', 'required'],
    ['email', 'email_address', 'text'],
    ['delivery_status', 'status', 'text', 'required'],
    ['split_group', 'absplit_group', 'text'],
] -%}

{{ base_rows(source('mailchimp', 'sent_to'), columns) }}
