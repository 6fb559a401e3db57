select customer_id, email from {{ source('identity', 'customer_identifiers') }}
