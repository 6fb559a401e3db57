{# What a page says beside its rows, as columns of each of them: `page:<path>`, and the places of the
   columns that it names, for `values[headers.name=date].value` and `[headers.name=date]`. #}

{% macro is_cell(path) -%}
    {{ return('=' in path and not path.startswith('request:')) }}
{%- endmacro %}


{% macro cell_parts(path) -%}
    {#- ['values', 'headers.name', 'date', 'value'] for 'values[headers.name=date].value', and
        ['', 'headers.name', 'date', ''] for '[headers.name=date]'. -#}
    {%- set values, rest = path.split('[', 1) -%}
    {%- set header, rest = rest.split('=', 1) -%}
    {%- set name, leaf = rest.split(']', 1) -%}
    {{ return([values, header, name, leaf[1:]]) }}
{%- endmacro %}


{% macro page_shape(columns) -%}
    {#- The page without its rows, in the engine's words; {} where nothing of it is read. -#}
    {%- set paths = [] -%}
    {%- for column in columns -%}
        {%- if column[1].startswith('page:') -%}
            {%- do paths.append(column[1][5:]) -%}
        {%- elif is_cell(column[1]) -%}
            {%- set list, field = cell_parts(column[1])[1].split('.') -%}
            {%- do paths.append(list ~ '[0].' ~ field) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(json_shape(paths | unique | list) if paths else {}) }}
{%- endmacro %}


{% macro page_fields(columns) -%}
    {#- [name, expression over the parsed page] of each of these columns. -#}
    {%- set fields = [] -%}
    {%- for column in columns -%}
        {%- if column[1].startswith('page:') -%}
            {%- do fields.append(['page_' ~ column[0], path_access('parsed', column[1][5:])]) -%}
        {%- elif is_cell(column[1]) -%}
            {%- do fields.append(['place_' ~ column[0], header_place(cell_parts(column[1]))]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}


{% macro header_place(parts) -%}
    {{ return(adapter.dispatch('header_place')(parts)) }}
{%- endmacro %}


{% macro default__header_place(parts) -%}
    {%- set list, field = parts[1].split('.') -%}
    list_position(
        list_transform(parsed."{{ list }}", lambda header: header."{{ field }}"), '{{ parts[2] }}'
    )
{%- endmacro %}
