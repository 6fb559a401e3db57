{% macro amount_type() %}decimal(18, 4){% endmacro %}
