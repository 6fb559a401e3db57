{{ config(meta={'rows': 'data', 'key': ['profile_id_klaviyo']}) }}

{%- set columns = [
    ['profile_id_klaviyo', 'id', 'text', 'required'],
    ['external_id', 'attributes.external_id', 'text'],
    ['email', 'attributes.email', 'text'],
    ['phone_number', 'attributes.phone_number', 'text'],
    ['first_name', 'attributes.first_name', 'text'],
    ['last_name', 'attributes.last_name', 'text'],
    ['street_address', 'attributes.location?.address1', 'text'],
    ['city', 'attributes.location?.city', 'text'],
    ['region', 'attributes.location?.region', 'text'],
    ['country_code', 'attributes.location?.country', 'text'],
    ['postal_code', 'attributes.location?.zip', 'text'],
    ['email_consent', 'attributes.subscriptions?.email.marketing.consent', 'text'],
    ['email_consented_at', 'attributes.subscriptions?.email.marketing.consent_timestamp', 'timestamp'],
    ['sms_consent', 'attributes.subscriptions?.sms.marketing.consent', 'text'],
    ['created_at', 'attributes.created', 'timestamp', 'required'],
    ['updated_at', 'attributes.updated', 'timestamp', 'required'],
] -%}

{{ base_rows(source('klaviyo', 'profiles'), columns) }}
