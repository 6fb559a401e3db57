{# Paths of the columns of a base model, and the shape in which the engine reads a page for them.

   a.b.c      a key within objects
   a.b[0].c   the first element of a list
   a.b?.c     b may be absent; it is read as text first, so that something else than an object there
              is seen and does not turn into nulls

   Paths that begin with `request:` or `page:`, or name a column, are told of in base_rows. #}

{% macro split_path(path) -%}
    {#- ('a.b', 'c.d') for 'a.b?.c.d', and ('a.b', none) where nothing is optional. -#}
    {%- set parts = path.split('?.') -%}
    {{ return((parts[0], parts[1] if parts | length > 1 else none)) }}
{%- endmacro %}


{% macro path_access(row, path) -%}
    {%- set ns = namespace(sql=row) -%}
    {%- for segment in path.split('.') -%}
        {%- set key = segment | replace('[0]', '') -%}
        {%- set ns.sql = ns.sql ~ '."' ~ key ~ '"' ~ ('[1]' if segment.endswith('[0]') else '') -%}
    {%- endfor -%}
    {{ return(ns.sql) }}
{%- endmacro %}


{% macro column_text(row, columns, path, name='') -%}
    {#- The text of one column, as an expression on the parsed row, or on what its page says. -#}
    {%- if path.startswith('request:') -%}
        {{ return("nullif(regexp_extract(request, '" ~ path[8:] ~ "', 1), '')") }}
    {%- elif path.startswith('page:') -%}
        {{ return('page_' ~ name) }}
    {%- elif is_cell(path) -%}
        {%- set values, _, _, leaf = cell_parts(path) -%}
        {%- set list = path_access(row, values) if values else row -%}
        {{ return(list ~ '[place_' ~ name ~ ']' ~ ('."' ~ leaf ~ '"' if leaf)) }}
    {%- endif -%}
    {%- set outer, inner = split_path(path) -%}
    {%- if inner is none -%}
        {{ return(path_access(row, outer)) }}
    {%- endif -%}
    {%- set shape = json_shape(optional_paths(columns, outer)) -%}
    {%- set object = "try(from_json(" ~ path_access(row, outer) ~ ", '" ~ (shape | tojson) ~ "'))" -%}
    {{ return('(' ~ path_access(object, inner) ~ ')') }}
{%- endmacro %}


{% macro optional_paths(columns, outer) -%}
    {%- set paths = [] -%}
    {%- for column in columns -%}
        {%- set parts = split_path(column[1]) -%}
        {%- if parts[0] == outer and parts[1] is not none -%}
            {%- do paths.append(parts[1]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(paths) }}
{%- endmacro %}


{% macro optional_objects(columns) -%}
    {%- set outers = [] -%}
    {%- for column in columns -%}
        {%- set parts = split_path(column[1]) -%}
        {%- if parts[1] is not none and parts[0] not in outers -%}
            {%- do outers.append(parts[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(outers) }}
{%- endmacro %}


{% macro json_shape(paths) -%}
    {#- {'a': {'b': 'VARCHAR'}} for ['a.b']: every scalar is read as text. -#}
    {%- set tree = {} -%}
    {%- for path in paths -%}
        {%- set ns = namespace(node=tree) -%}
        {%- for segment in split_path(path)[0].split('.') -%}
            {%- set key = segment | replace('[0]', '') -%}
            {%- set is_list = segment.endswith('[0]') -%}
            {%- if loop.last -%}
                {%- do ns.node.update({key: ['VARCHAR'] if is_list else 'VARCHAR'}) -%}
            {%- else -%}
                {%- if key not in ns.node -%}
                    {%- do ns.node.update({key: [{}] if is_list else {}}) -%}
                {%- endif -%}
                {%- set ns.node = ns.node[key][0] if is_list else ns.node[key] -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(tree) }}
{%- endmacro %}
