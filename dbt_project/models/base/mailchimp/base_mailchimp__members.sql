{{ config(meta={'rows': 'members', 'key': ['list_id_mailchimp', 'member_id_mailchimp']}) }}

{%- set columns = [
    ['list_id_mailchimp', 'list_id', 'text', 'required'],
    ['member_id_mailchimp', 'id', 'text', 'required'],
    ['email', 'email_address', 'text', 'required'],
    ['unique_email_id_mailchimp', 'unique_email_id', 'text'],
    ['contact_id_mailchimp', 'contact_id', 'text'],
    ['member_status', 'status', 'text', 'required'],
    ['first_name', 'merge_fields.FNAME', 'text'],
    ['last_name', 'merge_fields.LNAME', 'text'],
    ['phone_number', 'merge_fields.PHONE', 'text'],
    ['country_code', 'location.country_code', 'text'],
    ['language_code', 'language', 'text'],
    ['is_vip', 'vip', 'boolean'],
    ['signup_source', 'source', 'text'],
    ['unsubscribe_reason', 'unsubscribe_reason', 'text'],
    ['signed_up_at', 'timestamp_signup', 'timestamp'],
    ['opted_in_at', 'timestamp_opt', 'timestamp'],
    ['updated_at', 'last_changed', 'timestamp', 'required'],
] -%}

{{ base_rows(source('mailchimp', 'members'), columns) }}
