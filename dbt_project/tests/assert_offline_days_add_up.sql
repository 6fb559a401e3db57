-- The days of what ran offline add up to what was declared for it: to the last digit, once each day.
with declared as (
    select
        activity_id,
        currency_code,
        spend_amount,
        case when ran_at is null then 7 else 1 end as day_count
    from {{ ref('fct_offline_activity') }}
    where spend_amount is not null
),

spread as (
    select
        activity_id,
        min(currency_code) as currency_code,
        sum(spend_amount) as spend_amount,
        count(distinct activity_date) as day_count,
        count(*) as row_count
    from {{ ref('int_offline__activity_days') }}
    group by activity_id
),

final as (
    select
        coalesce(declared.activity_id, spread.activity_id) as activity_id,
        declared.spend_amount as declared_amount,
        spread.spend_amount as spread_amount,
        declared.day_count as declared_days,
        spread.row_count as spread_days
    from declared
    full outer join spread
        on declared.activity_id = spread.activity_id
    where
        declared.spend_amount is distinct from spread.spend_amount
        or declared.currency_code is distinct from spread.currency_code
        or declared.day_count is distinct from spread.day_count
        or declared.day_count is distinct from spread.row_count
)

select * from final
