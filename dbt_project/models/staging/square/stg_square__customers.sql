with

source as (
    select * from {{ current_version(ref('base_square__customers'), ['customer_id_square']) }} as customers
),

renamed as (
    select
        customer_id_square,
        loyalty_number,
        email,
        phone_number,
        first_name,
        last_name,
        street_address,
        city,
        postal_code,
        country_code,
        -- Square writes the year 0000 when a customer told day and month only.
        case when extract(year from birth_date) > 0 then birth_date end as birth_date,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
