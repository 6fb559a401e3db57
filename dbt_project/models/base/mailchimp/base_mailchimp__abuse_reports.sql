{{ config(meta={'rows': 'abuse_reports', 'key': ['complaint_id_mailchimp', 'campaign_id_mailchimp']}) }}

{%- set columns = [
    ['complaint_id_mailchimp', 'id', 'text', 'required'],
    ['campaign_id_mailchimp', 'campaign_id', 'text', 'required'],
    ['list_id_mailchimp', 'list_id', 'text'],
    ['member_id_mailchimp', 'email_id', 'text', 'required'],
    ['email', 'email_address', 'text'],
    ['complained_at', 'date', 'timestamp', 'required'],
] -%}

{{ base_rows(source('mailchimp', 'abuse_reports'), columns) }}
