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
        pulled_at
    from source
)

select * from renamed
