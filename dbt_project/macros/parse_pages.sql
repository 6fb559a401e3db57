{# Pages in, rows out: one row per element of the page's list, with its place. The engine parses a
   page once. A page without rows to read yields one row that says why (page_problem). #}

{% macro parse_pages(
    pages, rows, shape, empty_page_keys=none, with_request=false, page_fields=[], page_shape={}
) -%}
    {{ return(adapter.dispatch('parse_pages')(
        pages, rows, shape, empty_page_keys, with_request, page_fields, page_shape
    )) }}
{%- endmacro %}


{% macro default__parse_pages(
    pages, rows, shape, empty_page_keys, with_request, page_fields, page_shape
) -%}
    {%- set whole_shape = rows_shape(rows, shape) if rows else shape -%}
    {%- do whole_shape.update(page_shape) -%}
    {%- set row_list = path_access('parsed', rows) if rows else 'case when parsed is not null then [parsed] end' -%}
    select
        load_id,
        page_index,
        pulled_at,
        {{ 'request,' if with_request }}
        {%- for field in page_fields %}
        {{ field[0] }},
        {%- endfor %}
        case when page_problem is not null then page end as problem_page,
        page_problem,
        unnest(row_list) as parsed_row,
        generate_subscripts(row_list, 1) - 1 as row_index
    from (
        select
            load_id,
            page_index,
            pulled_at,
            {{ 'request,' if with_request }}
            {%- for field in page_fields %}
            {{ field[1] }} as {{ field[0] }},
            {%- endfor %}
            page,
            case
                when page is not null and {{ row_list }} is null then
                    case
                        when not json_valid(page) then 'page: not JSON'
                        {%- if rows and empty_page_keys is not none %}
                        {#- Some vendors leave the list out when it is empty. #}
                        when json_type(page) = 'OBJECT'
                            and list_has_all({{ empty_page_keys }}::varchar[], json_keys(page))
                            then null
                        {%- endif %}
                        else 'page: no {{ 'list "' ~ rows ~ '"' if rows else 'object' }}'
                    end
            end as page_problem,
            case
                when page is null then []
                when {{ row_list }} is null and page_problem is null then []
                when {{ row_list }} is null then [null]
                else {{ row_list }}
            end as row_list
        from (
            select
                load_id,
                page_index,
                pulled_at,
                {{ 'request,' if with_request }}
                page,
                {#- try(): a page that is not JSON must not stop the others. #}
                try(from_json(page, '{{ whole_shape | tojson }}')) as parsed
            from {{ pages }} as pages
        ) as parsed_pages
    ) as listed_pages
{%- endmacro %}


{% macro rows_shape(rows, shape) -%}
    {#- {'data': {'list': [shape]}} for 'data.list'. -#}
    {%- set ns = namespace(shape=[shape]) -%}
    {%- for key in rows.split('.') | reverse -%}
        {%- set ns.shape = {key: ns.shape} -%}
    {%- endfor -%}
    {{ return(ns.shape) }}
{%- endmacro %}


{% macro parse_lines(pages, width) -%}
    {{ return(adapter.dispatch('parse_lines')(pages, width)) }}
{%- endmacro %}


{% macro default__parse_lines(pages, width) -%}
    {#- The same for tab-separated text: a row is the list of its fields. -#}
    select
        load_id,
        page_index,
        pulled_at,
        case when len(fields) <> {{ width }} then line end as problem_page,
        case
            when len(fields) <> {{ width }} then concat('line: ', len(fields), ' fields, not {{ width }}')
        end as page_problem,
        fields as parsed_row,
        row_index
    from (
        select
            *,
            string_split(line, chr(9)) as fields
        from (
            select
                load_id,
                page_index,
                pulled_at,
                rtrim(unnest(lines), chr(13)) as line,
                generate_subscripts(lines, 1) - 1 as row_index
            from (
                select
                    load_id,
                    page_index,
                    pulled_at,
                    {#- No filter here: it would gather the scan's small chunks into large ones. #}
                    case
                        when page <> '' then string_split(rtrim(page, chr(13) || chr(10)), chr(10))
                        else []
                    end as lines
                from {{ pages }} as pages
            ) as split_pages
        ) as split_lines
    ) as split_fields
{%- endmacro %}


{% macro raw_rows(pages, rows, page_keys) -%}
    {{ return(adapter.dispatch('raw_rows')(pages, rows, page_keys)) }}
{%- endmacro %}


{% macro default__raw_rows(pages, rows, page_keys) -%}
    {#- The JSON of each row of the pages named ('<load_id>/<page_index>') as it came. It costs a
        second parse, so it is for pages with quarantined rows only. -#}
    {%- set row_list = path_access("from_json(page, '" ~ (rows_shape(rows, 'JSON') | tojson) ~ "')", rows)
        if rows else '[page]' -%}
    select
        load_id,
        page_index,
        cast(unnest(row_list) as varchar) as raw,
        generate_subscripts(row_list, 1) - 1 as row_index
    from (
        select
            load_id,
            page_index,
            case
                when list_contains(
                    {{ page_keys | tojson | replace('"', "'") }}::varchar[],
                    concat(load_id, '/', page_index)
                )
                    then {{ row_list }}
                else []
            end as row_list
        from {{ pages }} as pages
    ) as listed_pages
{%- endmacro %}
