{% macro sum_of_elements(list, value) -%}
    {#- The sum of a field over a list of objects; 0 for an empty list or none. `value` may be an
        expression that begins with a field, others of the same object being `item.<field>`. -#}
    coalesce(list_sum(list_transform({{ list }}, lambda item: item.{{ value }})), 0)
{%- endmacro %}
