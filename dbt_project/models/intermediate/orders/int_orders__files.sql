{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id',
    on_schema_change='fail',
    post_hook="{{ mark_new_loads() }}",
) }}

with order_lines as (
    select * from {{ ref('stg_files__order_lines') }}
    {% if is_incremental() %}
        where order_id_files in (
            select changed.order_id_files
            from {{ ref('stg_files__order_lines') }} as changed
            where changed.load_id in {{ new_loads() }}
        )
    {% endif %}
),

channels as (
    select * from {{ ref('channels') }}
),

grouped as (
    select
        order_id_files as order_id,
        min(feed_name) as order_source,
        max(sales_channel) as sales_channel,
        max(location_name) as location_name,
        max(customer_number) as customer_number,
        max(customer_issuer) as customer_issuer,
        max(loyalty_number) as loyalty_number,
        max({{ normalise_email('email') }}) as email,
        max(source_order_id_files) as source_order_id,
        min(ordered_at) as ordered_at,
        sum(case when is_deleted then 0 else gross_amount end) as gross_amount,
        sum(case when is_deleted then 0 else discount_amount end) as discount_amount,
        sum(case when is_deleted then 0 else tax_amount end) as tax_amount,
        sum(case when is_deleted then 0 else net_amount end) as net_amount,
        min(currency_code) as currency_code,
        min(case when is_return then 1 else 0 end) as return_mark,
        -- An order whose every line was taken back is none any more.
        max(case when is_deleted then 0 else 1 end) as line_mark,
        max(load_id) as load_id
    from order_lines
    group by order_id_files
),

final as (
    select
        grouped.order_id,
        grouped.order_source,
        case
            when grouped.sales_channel is null then 'store'
            else coalesce(channels.channel, 'unassigned')
        end as channel,
        grouped.order_source || ':' || grouped.location_name as location_id,
        case
            when grouped.customer_number is not null then 'customer_number'
            when grouped.loyalty_number is not null then 'loyalty_number'
            when grouped.email is not null then 'email'
        end as identifier_type,
        coalesce(
            {{ files_customer('grouped') }},
            grouped.loyalty_number,
            grouped.email
        ) as identifier_value,
        cast(null as {{ dbt.type_string() }}) as web_transaction_id,
        grouped.source_order_id,
        grouped.ordered_at,
        grouped.gross_amount,
        grouped.discount_amount,
        grouped.tax_amount,
        grouped.net_amount,
        grouped.currency_code,
        grouped.return_mark = 1 as is_refund,
        grouped.line_mark = 1 as is_final,
        grouped.load_id
    from grouped
    left join channels
        on grouped.sales_channel = channels.channel
)

select * from final
