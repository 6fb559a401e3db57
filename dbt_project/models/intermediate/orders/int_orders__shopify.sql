{#- Orders, and each refund as a return of its own. Money that was not taken yet, or never, is no
    order; what was cancelled after it was paid is one, and its refund takes it back. -#}

with orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

refunds as (
    select * from {{ ref('stg_shopify__refunds') }}
),

merged as (
    select
        order_id_shopify as order_id,
        source_name,
        location_id_shopify,
        customer_id_shopify,
        email,
        -- A number is unique among all shops; the order's name is not.
        case when source_name <> 'pos' then order_number end as web_transaction_id,
        cast(null as {{ dbt.type_string() }}) as source_order_id,
        ordered_at,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        false as is_refund,
        is_test,
        financial_status,
        load_id
    from orders
    union all
    select
        refund_id_shopify,
        source_name,
        location_id_shopify,
        customer_id_shopify,
        email,
        null,
        order_id_shopify,
        refunded_at,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        true,
        is_test,
        financial_status,
        load_id
    from refunds
),

final as (
    select
        order_id,
        'shopify' as order_source,
        case when source_name = 'pos' then 'store' else 'online_store' end as channel,
        location_id_shopify as location_id,
        case
            when customer_id_shopify is not null then 'customer_id_shopify'
            when {{ normalise_email('email') }} is not null then 'email'
        end as identifier_type,
        coalesce(customer_id_shopify, {{ normalise_email('email') }}) as identifier_value,
        web_transaction_id,
        source_order_id,
        ordered_at,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        is_refund,
        not is_test
        and coalesce(financial_status, '') in (
            'PAID', 'PARTIALLY_PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'
        )
        and (not is_refund or net_amount <> 0) as is_final,
        load_id
    from merged
)

select * from final
