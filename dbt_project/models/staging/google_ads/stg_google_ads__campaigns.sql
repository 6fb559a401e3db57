with

source as (
    select * from {{ current_version(ref('base_google_ads__campaigns'), ['campaign_id_google_ads']) }} as campaigns
),

renamed as (
    select
        account_id_google_ads,
        campaign_id_google_ads,
        campaign_name,
        campaign_status,
        advertising_channel_type,
        currency_code,
        report_timezone,
        load_id,
        pulled_at
    from source
)

select * from renamed
