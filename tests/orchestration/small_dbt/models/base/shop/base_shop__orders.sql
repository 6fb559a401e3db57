select 'o1' as order_id, 'a@b.c' as email, 'l1' as load_id -- depends on {{ source('shop', 'orders') and '' }}, {{ source('ops', 'loads') and '' }}
