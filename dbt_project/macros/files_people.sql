{# How a row of a file names its person: the surest of the identifiers it gives. #}

{% macro files_person_type(rows) -%}
    case
        when {{ rows }}.customer_number is not null then 'customer_number'
        when {{ rows }}.loyalty_number is not null then 'loyalty_number'
        when {{ rows }}.email is not null then 'email'
        when {{ rows }}.phone is not null then 'phone'
    end
{%- endmacro %}

{% macro files_person_value(rows) -%}
    coalesce(
        {{ files_customer(rows) }},
        {{ rows }}.loyalty_number,
        {{ rows }}.email,
        {{ rows }}.phone
    )
{%- endmacro %}

{% macro files_country(country) -%}
    {#- Files write countries in many ways; two letters are a code, anything else is not read. -#}
    case when length({{ country }}) = 2 then upper({{ country }}) end
{%- endmacro %}

{% macro files_campaign(rows) -%}
    {#- A promotion runs in several media; in each it is a campaign of its own. -#}
    {{ dbt.concat([
        "'files:'", rows ~ '.channel_group', "':'",
        'coalesce(' ~ rows ~ '.campaign_id, ' ~ rows ~ '.campaign_name)',
    ]) }}
{%- endmacro %}
