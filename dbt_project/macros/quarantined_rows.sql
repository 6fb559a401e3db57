{# One list of what could not be read, over all base models. The union is written out in
   base_quarantine, as dbt needs it for the order of its work; one left out stops the run. #}

{% macro quarantined_rows(base_models) -%}
    {%- set listed = base_models | map(attribute='identifier') | list -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.resource_type == 'model' and node.name.startswith('base_') and '__' in node.name
        and node.name not in listed -%}
        {%- do exceptions.raise_compiler_error(
            this.identifier ~ " does not list " ~ node.name ~ ": add ref('" ~ node.name ~ "') to it."
        ) -%}
    {%- endfor -%}
    with

    quarantined as (
        {%- for base_model in base_models %}
        {{ "union all" if not loop.first }}
        select
            '{{ base_model.identifier.split('__')[0] | replace('base_', '', 1) }}' as vendor,
            '{{ base_model.identifier.split('__')[1] }}' as stream,
            load_id,
            pulled_at,
            page_index,
            row_index,
            quarantine_reason as reason,
            raw
        from {{ base_model }}
        where quarantine_reason is not null
        {%- endfor %}
    ),

    final as (
        select * from quarantined
    )

    select * from final
{%- endmacro %}
