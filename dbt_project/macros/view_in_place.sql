{#- A view, put in place of what it was before in one statement. dbt's own way makes it beside, renames
    both and drops the old one: four statements for each of the many views of a night. -#}

{% materialization view, adapter='duckdb' %}
    {%- set made = create_or_replace_view() -%}
    {%- do adapter.commit() -%}
    {{ return(made) }}
{% endmaterialization %}


{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    create or replace view {{ relation }} as (
        {{ sql }}
    )
{%- endmacro %}
