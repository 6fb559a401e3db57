select email from {{ ref('stg_shop__orders') }}
