select 'v1' as visit_id -- depends on {{ source('shop', 'visits') and '' }}
