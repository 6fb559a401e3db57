{# Which fields a load brought, so that new, vanished and retyped ones can be told. Noted by
   finish_base in ops.load_fields; compared in base_schema_drift. #}

{% macro note_fields(stream, meta, files) -%}
    {%- if 'rows' not in meta -%}
        {{ return('') }}
    {%- endif -%}
    {%- set pages = adapter.dispatch('register_landing')(stream, files) -%}
    {%- set places = run_query(sampled_pages(pages)) -%}
    {%- if not places -%}
        {{ return('') }}
    {%- endif -%}
    {%- do run_query(
        "delete from " ~ ops_relation('load_fields') ~ " where load_id in (" ~ new_load_ids(stream) ~ ")"
    ) -%}
    {%- do run_query(adapter.dispatch('insert_fields')(stream, meta['rows'], pages, places)) -%}
{%- endmacro %}


{% macro sampled_pages(pages) -%}
    {#- Up to four pages of each load: the first, the last and two between. -#}
    select
        load_id,
        page_index
    from (
        select
            load_id,
            page_index,
            row_number() over (partition by load_id order by page_index) as place,
            count(*) over (partition by load_id) as page_count
        from {{ pages }} as pages
    ) as placed
    where place in (1, cast(ceil(page_count / 3.0) as bigint), cast(ceil(page_count / 1.5) as bigint), page_count)
{%- endmacro %}


{% macro default__insert_fields(stream, rows, pages, places) -%}
    {#- Of each page the first 250 rows. -#}
    {%- set indexes = places.columns[1].values() | unique | list -%}
    insert into {{ ops_relation('load_fields') }} (
        load_id, vendor, stream, json_path, json_type, rows_seen, rows_sampled
    )
    with

    sampled as (
        select
            load_id,
            page_index,
            {{ 'unnest(list_slice(' ~ path_access(
                "try(from_json(page, '" ~ (rows_shape(rows, 'JSON') | tojson) ~ "'))", rows
            ) ~ ', 1, 250))' if rows else 'case when json_valid(page) then json(page) end' }} as body
        from {{ pages }} as pages
        where page_index in ({{ indexes | join(', ') }})
            and concat(load_id, '/', page_index) in (
                {%- for place in places.rows %}
                '{{ place[0] }}/{{ place[1] }}'{{ "," if not loop.last }}
                {%- endfor %}
            )
    ),

    numbered as (
        select
            load_id,
            body,
            row_number() over () as row_number,
            count(*) over (partition by load_id) as rows_sampled
        from sampled
        where body is not null
    )

    select
        numbered.load_id,
        '{{ stream.split('.')[0] }}',
        '{{ stream.split('.')[1] }}',
        regexp_replace(tree.fullkey, '\[[0-9]+\]', '[*]', 'g') as json_path,
        case
            when tree.type in ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') then 'number'
            when tree.type = 'VARCHAR' then 'string'
            else lower(tree.type)
        end as json_type,
        count(distinct numbered.row_number) as rows_seen,
        any_value(numbered.rows_sampled) as rows_sampled
    from numbered, json_tree(numbered.body) as tree
    group by 1, 4, 5
{%- endmacro %}
