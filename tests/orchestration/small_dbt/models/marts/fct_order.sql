select orders.order_id, customers.customer_id
from {{ ref('stg_shop__orders') }} as orders
left join {{ source('identity', 'customer_identifiers') }} as customers on customers.email = orders.email
