with attribute_values as (
    select * from {{ ref('int_customers__attribute_values') }}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

attribute_priorities as (
    select * from {{ ref('attribute_priorities') }}
),

{#- A source without a priority comes after all that have one. -#}
{%- set unlisted = 1000000 %}

-- What a record says in a group of attributes competes as a whole.
candidates as (
    select
        customer_identifiers.customer_id,
        attribute_values.record_id,
        attribute_values.source,
        attribute_values.attribute_group,
        attribute_values.group_key,
        max(attribute_values.updated_at) as updated_at,
        max(attribute_values.doubt_reason) as doubt_reason,
        max(attribute_values.completeness) as completeness,
        max(coalesce(attribute_priorities.priority, {{ unlisted }})) as priority
    from attribute_values
    inner join customer_identifiers
        on attribute_values.record_id = customer_identifiers.identifier_id
    left join attribute_priorities
        on
            attribute_values.attribute_group = attribute_priorities.attribute
            and attribute_values.source = attribute_priorities.source
    group by
        customer_identifiers.customer_id,
        attribute_values.record_id,
        attribute_values.source,
        attribute_values.attribute_group,
        attribute_values.group_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, attribute_group
            order by
                case when doubt_reason is null then 0 else 1 end,
                completeness desc,
                priority,
                case when updated_at is null then 1 else 0 end,
                updated_at desc,
                record_id,
                source
        ) as candidate_rank
    from candidates
),

winners as (
    select * from ranked where candidate_rank = 1
),

-- Who says the same and who says otherwise; of the latter, whoever came next.
counted as (
    select
        winners.customer_id,
        winners.attribute_group,
        count(distinct ranked.group_key) as value_count,
        sum(case when ranked.group_key = winners.group_key then 1 else 0 end) as record_count,
        min(case when ranked.group_key <> winners.group_key then ranked.candidate_rank end)
            as rival_rank
    from winners
    inner join ranked
        on
            winners.customer_id = ranked.customer_id
            and winners.attribute_group = ranked.attribute_group
    group by winners.customer_id, winners.attribute_group
),

final as (
    select
        winners.customer_id,
        attribute_values.attribute,
        attribute_values.attribute_value,
        winners.source,
        winners.record_id,
        winners.updated_at,
        cast(counted.record_count as bigint) as record_count,
        cast(counted.value_count as bigint) as value_count,
        case
            when rivals.record_id is null then 'only_value'
            when winners.doubt_reason is null and rivals.doubt_reason is not null
                then 'not_doubted'
            when winners.completeness > rivals.completeness then 'most_complete'
            when winners.priority < rivals.priority then 'preferred_source'
            when winners.updated_at > rivals.updated_at then 'most_recent'
            when winners.updated_at is not null and rivals.updated_at is null
                then 'most_recent'
            else 'first_by_key'
        end as won_by,
        winners.doubt_reason
    from winners
    inner join counted
        on
            winners.customer_id = counted.customer_id
            and winners.attribute_group = counted.attribute_group
    left join ranked as rivals
        on
            counted.customer_id = rivals.customer_id
            and counted.attribute_group = rivals.attribute_group
            and counted.rival_rank = rivals.candidate_rank
    inner join attribute_values
        on
            winners.record_id = attribute_values.record_id
            and winners.source = attribute_values.source
            and winners.attribute_group = attribute_values.attribute_group
)

select * from final
