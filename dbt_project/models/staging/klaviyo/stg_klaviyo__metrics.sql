with

source as (
    select * from {{ current_version(ref('base_klaviyo__metrics'), ['metric_id_klaviyo']) }} as metrics
),

renamed as (
    select
        metric_id_klaviyo,
        metric_name,
        integration_name,
        load_id,
        pulled_at
    from source
)

select * from renamed
