{{ config(meta={'rows': 'data.customers.nodes', 'key': ['customer_id_shopify']}) }}

{%- set columns = [
    ['customer_id_shopify', 'id', 'text', 'required'],
    ['first_name', 'firstName', 'text'],
    ['last_name', 'lastName', 'text'],
    ['account_state', 'state', 'text'],
    ['locale', 'locale', 'text'],
    ['is_email_verified', 'verifiedEmail', 'boolean'],
    ['email', 'defaultEmailAddress?.emailAddress', 'text'],
    ['email_consent', 'defaultEmailAddress?.marketingState', 'text'],
    ['email_consented_at', 'defaultEmailAddress?.marketingUpdatedAt', 'timestamp'],
    ['phone_number', 'defaultPhoneNumber?.phoneNumber', 'text'],
    ['sms_consent', 'defaultPhoneNumber?.smsMarketingConsent.state', 'text'],
    ['sms_consented_at', 'defaultPhoneNumber?.smsMarketingConsent.updatedAt', 'timestamp'],
    ['street_address', 'defaultAddress?.address1', 'text'],
    ['city', 'defaultAddress?.city', 'text'],
    ['region', 'defaultAddress?.provinceCode', 'text'],
    ['postal_code', 'defaultAddress?.zip', 'text'],
    ['country_code', 'defaultAddress?.countryCodeV2', 'text'],
    ['created_at', 'createdAt', 'timestamp', 'required'],
    ['updated_at', 'updatedAt', 'timestamp', 'required'],
] -%}

{{ base_rows(source('shopify', 'customers'), columns) }}
