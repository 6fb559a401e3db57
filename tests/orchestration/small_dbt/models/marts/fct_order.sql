select orders.order_id, customers.customer_id
from {{ ref('stg_shop__orders') }} as orders
left join {{ ref('int_identity__known') }} as customers on customers.email = orders.email
