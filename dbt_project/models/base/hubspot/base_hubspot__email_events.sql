{{ config(meta={'rows': 'events', 'key': ['event_id_hubspot']}) }}

{%- set columns = [
    ['event_id_hubspot', 'id', 'text', 'required'],
    ['event_type', 'type', 'text', 'required'],
    ['recipient_email', 'recipient', 'text'],
    ['email_campaign_id_hubspot', 'emailCampaignId', 'text'],
    ['url', 'url', 'text'],
    ['is_filtered', 'filteredEvent', 'boolean'],
    ['bounce_category', 'category', 'text'],
    ['drop_reason', 'dropReason', 'text'],
    ['subscription_status', 'portalSubscriptionStatus', 'text'],
    ['change_source', 'source', 'text'],
    ['obsoleted_by_event_id_hubspot', 'obsoletedBy?.id', 'text'],
    ['occurred_at', 'created', 'epoch_ms', 'required'],
] -%}

{{ base_rows(source('hubspot', 'email_events'), columns) }}
