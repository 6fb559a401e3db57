with

source as (
    select *
    from {{ accepted_versions(ref('base_klaviyo__profiles'), ['profile_id_klaviyo']) }}
        as versions
),

renamed as (
    select
        concat(profile_id_klaviyo, ':', load_id) as profile_version_id,
        profile_id_klaviyo,
        email_consent,
        email_consented_at,
        sms_consent,
        updated_at,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
