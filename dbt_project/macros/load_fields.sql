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
    with recursive

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

    numbered as materialized (
        select
            load_id,
            body,
            row_number() over () as row_number,
            count(*) over (partition by load_id) as rows_sampled
        from sampled
        where body is not null
    ),

    {#- Level by level, so that each piece of a row is held once; the engine's own json_tree would
        hold a copy of the whole row beside each of its fields. #}
    fields as (
        select
            load_id,
            row_number,
            rows_sampled,
            '$' as json_path,
            body as value
        from numbered
        union all
        select
            load_id,
            row_number,
            rows_sampled,
            concat(json_path, child.suffix),
            child.value
        from (
            select
                load_id,
                row_number,
                rows_sampled,
                json_path,
                unnest(
                    case json_type(value)
                        when 'OBJECT' then list_transform(
                            map_entries(try(cast(value as map(varchar, json)))),
                            lambda entry: struct_pack(suffix := '.' || entry.key, value := entry.value)
                        )
                        when 'ARRAY' then list_transform(
                            from_json(value, '["JSON"]'),
                            lambda item: struct_pack(suffix := '[*]', value := item)
                        )
                    end
                ) as child
            from fields
            where json_type(value) in ('OBJECT', 'ARRAY')
        ) as children
    )

    select
        load_id,
        '{{ stream.split('.')[0] }}',
        '{{ stream.split('.')[1] }}',
        json_path,
        case
            when json_type(value) in ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') then 'number'
            when json_type(value) = 'VARCHAR' then 'string'
            else lower(coalesce(json_type(value), 'NULL'))
        end as json_type,
        count(distinct row_number) as rows_seen,
        any_value(rows_sampled) as rows_sampled
    from fields
    group by 1, 4, 5
{%- endmacro %}
