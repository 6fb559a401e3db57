select orders.order_id, orders.email
from {{ ref('base_shop__orders') }} as orders
join {{ source('ops', 'loads') }} as loads on loads.load_id = orders.load_id and loads.status = 'accepted'
