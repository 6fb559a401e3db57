{# From ops.loads to the pages of one stream: only the files of loads not yet read are opened. #}

{% macro base_statuses() -%}
    {{ return(['landed', 'accepted', 'held']) }}
{%- endmacro %}


{% macro new_load_ids(stream) -%}
    select loads.load_id
    from {{ ops_relation('loads') }} as loads
    where loads.vendor = '{{ stream.split('.')[0] }}'
        and loads.stream = '{{ stream.split('.')[1] }}'
        and loads.status in ('{{ base_statuses() | join("', '") }}')
        and {{ not_processed() }}
{%- endmacro %}


{% macro new_files(stream, first_run) -%}
    {%- if not execute or adapter.get_relation(target.database, 'ops', 'loads') is none -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select distinct
            case
                when starts_with(loads.file, '/') or contains(loads.file, '://') then loads.file
                else concat(landing.root, '/', loads.file)
            end as file
        from (select *, unnest(files) as file from {{ ops_relation('loads') }}) as loads
        left join {{ ops_relation('landing') }} as landing on true
        where loads.vendor = '{{ stream.split('.')[0] }}'
            and loads.stream = '{{ stream.split('.')[1] }}'
            and loads.status in ('{{ base_statuses() | join("', '") }}')
            {%- if not first_run %}
            and {{ not_processed() }}
            {%- endif %}
        order by file
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}


{% macro register_landing(stream) -%}
    {{ return(adapter.dispatch('register_landing')(stream, new_files(stream, not is_incremental()))) }}
{%- endmacro %}


{% macro default__register_landing(stream, files) -%}
    {%- if not files -%}
    (
        select
            cast(null as {{ dbt.type_string() }}) as load_id,
            cast(null as {{ dbt.type_string() }}) as page,
            cast(null as bigint) as page_index,
            cast(null as timestamp) as pulled_at,
            cast(null as {{ dbt.type_string() }}) as request
        where false
    )
    {%- else -%}
    {#- The load's id stands in the file's name. A join with ops.loads here would gather the
        scan's small chunks into large ones and hold thousands of pages in memory at once. #}
    (
        select
            regexp_extract(filename, '([^/\\]+)\.[^./\\]+\.parquet$', 1) as load_id,
            page,
            page_index,
            pulled_at at time zone 'UTC' as pulled_at,
            request
        from read_parquet(
            [
                {%- for file in files %}
                '{{ file | replace("'", "''") }}'{{ "," if not loop.last }}
                {%- endfor %}
            ],
            filename = true
        )
    )
    {%- endif -%}
{%- endmacro %}
