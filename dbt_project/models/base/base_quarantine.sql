{{ config(materialized='view') }}

{%- set base_models = [
    ref('base_files__customers'),
    ref('base_files__offline_activity'),
    ref('base_files__offline_contacts'),
    ref('base_files__orders'),
    ref('base_files__store_visits'),
    ref('base_google_ads__ad_performance'),
    ref('base_google_ads__ads'),
    ref('base_google_ads__campaigns'),
    ref('base_klaviyo__campaigns'),
    ref('base_klaviyo__events'),
    ref('base_klaviyo__metrics'),
    ref('base_klaviyo__profiles'),
    ref('base_meta_ads__accounts'),
    ref('base_meta_ads__ad_performance'),
    ref('base_meta_ads__ads'),
    ref('base_meta_ads__campaigns'),
    ref('base_meta_social__facebook_posts'),
    ref('base_meta_social__instagram_media'),
    ref('base_snowplow__enriched_events'),
    ref('base_square__catalog'),
    ref('base_square__customers'),
    ref('base_square__locations'),
    ref('base_square__orders'),
    ref('base_square__payments'),
    ref('base_square__refunds'),
] -%}

{{ quarantined_rows(base_models) }}
