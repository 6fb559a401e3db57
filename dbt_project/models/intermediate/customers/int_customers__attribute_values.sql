{#
    What each record says of its person, long. Parts of a postal address stand or fall together:
    they are one group, so that the street of one record never meets the city of another.
#}

{%- set groups = {
    'first_name': ['first_name'],
    'last_name': ['last_name'],
    'email': ['email'],
    'phone': ['phone'],
    'birth_date': ['birth_date'],
    'address': ['street_address', 'city', 'region', 'postal_code', 'country_code'],
} %}

{#- Codes are no words: NA is Namibia and Naples. -#}
{%- set codes = "('region', 'country_code')" %}

with records as (
    select * from {{ ref('int_customers__unioned') }}
),

blocked_values as (
    select * from {{ ref('int_identity__blocked_values') }}
),

said as (
    {% for group, attributes in groups.items() %}
        {% set is_last_group = loop.last %}
        {% for attribute in attributes %}
            select
                identifier_id as record_id,
                source,
                '{{ group }}' as attribute_group,
                '{{ attribute }}' as attribute,
                nullif(trim(cast({{ attribute }} as {{ dbt.type_string() }})), '')
                    as attribute_value,
                updated_at
            from records
            where {{ attribute }} is not null
            {{ "union all" if not (is_last_group and loop.last) }}
        {% endfor %}
    {% endfor %}
),

-- What stands for nobody by the rules of identity is no best value where there is another.
doubted as (
    select
        said.*,
        coalesce(
            blocked.block_reason,
            blocked_anywhere.block_reason,
            {{ pattern_reason('said.attribute', 'lower(said.attribute_value)') }},
            case when said.attribute = 'first_name' then {{ pattern_reason(
                "'phone_given_name'", dbt.concat(["' '", 'lower(said.attribute_value)'])
            ) }} end,
            case when said.attribute = 'birth_date' then {{ pattern_reason(
                "'phone_birth_date'", dbt.concat(["' '", 'said.attribute_value'])
            ) }} end
        ) as doubt_reason
    from said
    left join blocked_values as blocked
        on
            said.attribute = blocked.identifier_type
            and lower(said.attribute_value) = blocked.identifier_value
    left join blocked_values as blocked_anywhere
        on
            blocked_anywhere.identifier_type = '*'
            and said.attribute not in {{ codes }}
            and lower(said.attribute_value) = blocked_anywhere.identifier_value
    where said.attribute_value is not null
),

grouped as (
    select
        record_id,
        source,
        attribute_group,
        {%- set spelled = [] %}
        {%- for attribute in groups.values() | sum(start=[]) %}
            {%- do spelled.append(
                "max(case when attribute = '" ~ attribute ~ "' then lower(attribute_value) end)"
            ) %}
        {%- endfor %}
        {{ text_key(spelled) }} as group_key,
        -- A street and where it is, a place, a country; all else is as complete as can be.
        case
            when attribute_group <> 'address' then 2
            when max(case when attribute in ('city', 'postal_code') then 1 else 0 end) = 0 then 0
            else 1 + max(case when attribute = 'street_address' then 1 else 0 end)
        end as completeness,
        {%- for part in ['street_address', 'postal_code', 'city'] %}
            max(case when attribute = '{{ part }}' then attribute_value end) as {{ part }},
        {%- endfor %}
        max(doubt_reason) as doubt_reason
    from doubted
    group by record_id, source, attribute_group
),

-- A house is known by its parts together, the stores' own as well.
judged as (
    select
        grouped.*,
        coalesce(grouped.doubt_reason, blocked.block_reason) as group_doubt_reason
    from grouped
    left join blocked_values as blocked
        on
            blocked.identifier_type = 'postal_address'
            and blocked.identifier_value
            = {{ postal_address('grouped.street_address', 'grouped.postal_code', 'grouped.city') }}
),

final as (
    select
        {{ text_key(['doubted.record_id', 'doubted.source', 'doubted.attribute']) }} as attribute_value_id,
        doubted.record_id,
        doubted.source,
        doubted.attribute_group,
        doubted.attribute,
        doubted.attribute_value,
        doubted.updated_at,
        judged.group_key,
        judged.completeness,
        judged.group_doubt_reason as doubt_reason
    from doubted
    inner join judged
        on
            doubted.record_id = judged.record_id
            and doubted.source = judged.source
            and doubted.attribute_group = judged.attribute_group
)

select * from final
