{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ rewind_night(['closed_by', 'merged_into_customer_id']) }}",
    post_hook="{{ close_customers(ref('dim_customer')) }}",
) }}

{%- set details = [
    'household_id', 'is_known', 'has_email', 'has_phone', 'has_loyalty_number', 'city', 'region',
    'country_code',
] %}

with customers as (
    select * from {{ ref('dim_customer') }}
),

{{ new_versions('customers', details) }},

-- A key that was merged comes back from where it had gone; a new one, from whom its identifiers had.
origins as (
    {% if is_incremental() %}
        select
            versions.customer_id,
            coalesce(
                case when ended.closed_by = 'merged' then ended.merged_into_customer_id end,
                case when versions.version_number = 1 then given.previous_customer_id end
            ) as parted_from_customer_id
        from versions
        left join {{ this }} as ended
            on
                versions.customer_id = ended.customer_id
                and versions.version_number = ended.version_number + 1
        left join {{ given_identifiers() }} as given
            on versions.customer_id = given.customer_id
        where not versions.is_change
    {% else %}
        select
            customer_id,
            cast(null as {{ dbt.type_string() }}) as parted_from_customer_id
        from versions
    {% endif %}
),

final as (
    select
        versions.customer_version_id,
        versions.customer_id,
        {% for detail in details %}
            versions.{{ detail }},
        {% endfor %}
        versions.valid_from_at,
        versions.valid_to_at,
        versions.is_current,
        versions.version_number,
        case
            when versions.is_change then 'changed'
            when origins.parted_from_customer_id is not null then 'parted'
            else 'seen'
        end as opened_by,
        origins.parted_from_customer_id,
        cast(null as {{ dbt.type_string() }}) as closed_by,
        cast(null as {{ dbt.type_string() }}) as merged_into_customer_id
    from versions
    left join origins
        on versions.customer_id = origins.customer_id
)

select * from final
