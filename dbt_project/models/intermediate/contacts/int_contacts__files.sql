{#- Deleted rows stay, marked: the facts must hear of them. -#}

with offline_contacts as (
    select * from {{ ref('stg_files__offline_contacts') }}
),

calling_codes as (
    select * from {{ ref('calling_codes') }}
),

normalised as (
    select
        offline_contacts.* replace (
            {{ normalise_email('offline_contacts.email') }} as email
        ),
        {%- set phone = [
            'offline_contacts.phone_number',
            'calling_codes.calling_code',
            'calling_codes.trunk_prefix',
        ] %}
        coalesce(
            {{ normalise_phone(*phone) }},
            {{ unreadable_phone(*phone) }}
        ) as phone
    from offline_contacts
    left join calling_codes
        on {{ files_country('offline_contacts.country') }} = calling_codes.country_code
),

final as (
    select
        contact_id_files as contact_id,
        'files' as platform,
        contact_type,
        channel_group,
        {{ files_campaign('normalised') }} as campaign_id,
        content_id,
        coupon_code,
        order_id,
        {{ files_person_type('normalised') }} as identifier_type,
        {{ files_person_value('normalised') }} as identifier_value,
        contacted_at as occurred_at,
        duration_seconds,
        is_deleted,
        load_id
    from normalised
)

select * from final
