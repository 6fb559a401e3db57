with

source as (
    select * from {{ current_version(ref('base_tiktok_ads__advertisers'), ['account_id_tiktok']) }}
        as advertisers
),

renamed as (
    select
        account_id_tiktok,
        account_name,
        currency_code,
        -- The name of the zone where there is one; the other is often an offset only.
        coalesce(display_timezone, report_timezone) as report_timezone,
        account_status,
        load_id,
        pulled_at
    from source
)

select * from renamed
