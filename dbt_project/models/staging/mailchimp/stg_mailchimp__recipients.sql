{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['campaign_id_mailchimp', 'member_id_mailchimp'],
    post_hook="{{ mark_processed(['mailchimp.sent_to']) }}",
) }}

with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__sent_to'),
        ['campaign_id_mailchimp', 'member_id_mailchimp'], ['mailchimp.sent_to']
    ) }} as recipients
),

renamed as (
    select
        concat(campaign_id_mailchimp, ':', member_id_mailchimp) as recipient_id_mailchimp,
        campaign_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        email,
        delivery_status,
        split_group,
        load_id,
        pulled_at
    from source
)

select * from renamed
