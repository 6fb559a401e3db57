with

source as (
    select *
    from {{ current_version(ref('base_shopify__orders'), ['order_id_shopify']) }} as orders
),

transactions as (
    select
        order_id_shopify,
        load_id,
        pulled_at,
        unnest(transactions) as transaction
    from source
),

renamed as (
    select
        transaction.transaction_id_shopify as transaction_id_shopify,
        order_id_shopify,
        transaction.parent_transaction_id_shopify as parent_transaction_id_shopify,
        transaction.transaction_kind as transaction_kind,
        transaction.transaction_status as transaction_status,
        transaction.gateway as gateway,
        transaction.is_test as is_test,
        transaction.amount as transaction_amount,
        transaction.currency_code as currency_code,
        coalesce(transaction.processed_at, transaction.created_at) as processed_at,
        load_id,
        pulled_at
    from transactions
)

select * from renamed
