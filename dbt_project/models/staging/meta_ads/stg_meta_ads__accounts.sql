with

source as (
    select * from {{ current_version(ref('base_meta_ads__accounts'), ['account_id_meta']) }} as accounts
),

renamed as (
    select
        account_id_meta,
        account_name,
        currency_code,
        report_timezone,
        load_id,
        pulled_at
    from source
)

select * from renamed
