with quarantined_rows as (
    select * from {{ ref('stg_warehouse__quarantined_rows') }}
),

labelled as (
    select
        vendor,
        stream,
        pulled_at,
        healed_at,
        is_healed,
        is_waiting,
        -- The column, without the text that could not be read, which may be personal.
        case
            when position(':' in reason) > 0 then substr(reason, 1, position(':' in reason) - 1)
            else reason
        end as column_name,
        case
            when reason like '%: missing' then 'missing'
            when reason like '%cannot read%' then 'unreadable'
            else 'other'
        end as problem
    from quarantined_rows
),

final as (
    select
        {{ text_key(['vendor', 'stream', 'column_name', 'problem']) }} as quarantine_id,
        vendor,
        stream,
        column_name,
        problem,
        cast(count(*) as bigint) as row_count,
        cast(sum(case when is_waiting then 1 else 0 end) as bigint) as waiting_row_count,
        cast(sum(case when is_healed then 1 else 0 end) as bigint) as healed_row_count,
        max(pulled_at) as last_pulled_at,
        max(healed_at) as last_healed_at
    from labelled
    group by vendor, stream, column_name, problem
)

select * from final
