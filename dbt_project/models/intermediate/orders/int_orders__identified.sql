with orders as (
    select * from {{ ref('int_orders__unioned') }}
),

web_transactions as (
    select * from {{ ref('int_web__transactions') }}
),

typed as (
    select
        orders.*,
        coalesce(
            orders.identifier_type,
            case when web_transactions.visitor_id is not null then 'cookie' end
        ) as person_type,
        coalesce(orders.identifier_value, web_transactions.visitor_id) as person_value
    from orders
    left join web_transactions
        on orders.web_transaction_id = web_transactions.transaction_id
),

final as (
    select
        typed.*,
        {{ identifier_id('person_type', 'person_value') }} as identifier_id
    from typed
)

select * from final
