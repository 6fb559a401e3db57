{{ config(meta={'rows': 'data', 'key': ['event_id_klaviyo'], 'immutable_since': 'occurred_at'}) }}

{%- set columns = [
    ['event_id_klaviyo', 'id', 'text', 'required'],
    ['profile_id_klaviyo', 'relationships.profile.data.id', 'text', 'required'],
    ['metric_id_klaviyo', 'relationships.metric.data.id', 'text', 'required'],
    ['message_id_klaviyo', 'attributes.event_properties.$message', 'text'],
    ['campaign_name', 'attributes.event_properties.Campaign Name', 'text'],
    ['subject', 'attributes.event_properties.Subject', 'text'],
    ['url', 'attributes.event_properties.URL', 'text'],
    ['recipient_email', 'attributes.event_properties.Recipient Email Address', 'text'],
    ['bounce_type', 'attributes.event_properties.Bounce Type', 'text'],
    ['is_apple_privacy_open', 'attributes.event_properties.Apple Privacy Open', 'boolean'],
    ['occurred_at', 'attributes.datetime', 'timestamp', 'required'],
] -%}

{{ base_rows(source('klaviyo', 'events'), columns) }}
