with

source as (
    select * from {{ current_version(ref('base_twilio__usage_records'), ['category', 'report_date']) }} as usage_records
),

renamed as (
    select
        account_id_twilio,
        category,
        category_name,
        report_date,
        usage_count,
        usage_count_unit,
        usage_quantity,
        usage_unit,
        price,
        upper(currency_code) as currency_code,
        stated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
