{{ config(meta={'rows': 'results', 'key': ['contact_id_hubspot']}) }}

{%- set columns = [
    ['contact_id_hubspot', 'id', 'text', 'required'],
    ['email', 'properties.email', 'text'],
    ['phone_number', 'properties.phone', 'text'],
    ['mobile_number', 'properties.mobilephone', 'text'],
    ['first_name', 'properties.firstname', 'text'],
    ['last_name', 'properties.lastname', 'text'],
    ['street_address', 'properties.address', 'text'],
    ['city', 'properties.city', 'text'],
    ['region', 'properties.state', 'text'],
    ['postal_code', 'properties.zip', 'text'],
    ['country_code', 'properties.hs_country_region_code', 'text'],
    ['x_handle', 'properties.twitterhandle', 'text'],
    ['lifecycle_stage', 'properties.lifecyclestage', 'text'],
    ['has_opted_out_of_email', 'properties.hs_email_optout', 'boolean'],
    ['is_archived', 'archived', 'boolean'],
    ['archived_at', 'archivedAt', 'timestamp'],
    ['created_at', 'createdAt', 'timestamp', 'required'],
    ['updated_at', 'updatedAt', 'timestamp', 'required'],
] -%}

{{ base_rows(source('hubspot', 'contacts'), columns) }}
