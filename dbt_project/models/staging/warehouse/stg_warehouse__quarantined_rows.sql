with

source as (
    select * from {{ ref('base_quarantine') }}
),

renamed as (
    select
        vendor,
        stream,
        reason,
        raw,
        load_id,
        page_index,
        row_index,
        pulled_at,
        healed_at,
        is_healed,
        is_waiting
    from source
)

select * from renamed
