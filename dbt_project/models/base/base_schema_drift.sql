{{ config(materialized='view') }}

with

loads as (
    select * from {{ ops_relation('loads') }} where status <> 'discarded'
),

load_fields as (
    select * from {{ ops_relation('load_fields') }}
),

-- Each load beside the latest accepted load of its stream before it.
compared as (
    select
        loads.load_id,
        loads.vendor,
        loads.stream,
        loads.pulled_at,
        max_by(earlier.load_id, (earlier.pulled_at, earlier.load_id)) as previous_load_id
    from loads
    inner join loads as earlier
        on loads.vendor = earlier.vendor
            and loads.stream = earlier.stream
            and earlier.status = 'accepted'
            and (earlier.pulled_at, earlier.load_id) < (loads.pulled_at, loads.load_id)
            -- A load without rows says nothing about fields.
            and earlier.load_id in (select load_id from load_fields)
    where loads.load_id in (select load_id from load_fields)
    group by loads.load_id, loads.vendor, loads.stream, loads.pulled_at
),

-- A null has no type of its own.
typed_fields as (
    select * from load_fields where json_type <> 'null'
),

-- New is what no accepted load before it had.
appeared as (
    select
        compared.*,
        load_fields.json_path,
        'new' as change,
        cast(null as {{ dbt.type_string() }}) as previous_type,
        max(load_fields.json_type) as json_type,
        sum(load_fields.rows_seen) as rows_seen
    from compared
    inner join load_fields
        on compared.load_id = load_fields.load_id
    where not exists (
        select 1
        from load_fields as earlier
        inner join loads
            on earlier.load_id = loads.load_id
        where loads.status = 'accepted'
            and (loads.pulled_at, loads.load_id) < (compared.pulled_at, compared.load_id)
            and earlier.vendor = compared.vendor
            and earlier.stream = compared.stream
            and earlier.json_path = load_fields.json_path
    )
    group by all
),

-- Rare fields come and go: only one that every row had, or most of enough rows, is missed.
vanished as (
    select
        compared.*,
        previous.json_path,
        'vanished' as change,
        max(previous.json_type) as previous_type,
        cast(null as {{ dbt.type_string() }}) as json_type,
        sum(previous.rows_seen) as rows_seen
    from compared
    inner join load_fields as previous
        on compared.previous_load_id = previous.load_id
    where not exists (
        select 1
        from load_fields
        where load_fields.load_id = compared.load_id
            and load_fields.json_path = previous.json_path
    )
    group by all
    having sum(previous.rows_seen) >= max(previous.rows_sampled)
        or (sum(previous.rows_seen) >= 0.5 * max(previous.rows_sampled) and max(previous.rows_sampled) >= 10)
),

retyped as (
    select
        compared.*,
        typed_fields.json_path,
        'retyped' as change,
        max(previous.json_type) as previous_type,
        typed_fields.json_type,
        max(typed_fields.rows_seen) as rows_seen
    from compared
    inner join typed_fields
        on compared.load_id = typed_fields.load_id
    inner join typed_fields as previous
        on compared.previous_load_id = previous.load_id
            and typed_fields.json_path = previous.json_path
    group by all
    having count(*) filter (where previous.json_type = typed_fields.json_type) = 0
),

final as (
    select * from appeared
    union all
    select * from vanished
    union all
    select * from retyped
)

select * from final
