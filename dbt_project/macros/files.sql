{# The whole of a base model of one domain of files. Each page was landed with how to read it (the
   feed's declaration), so one model types every feed of its domain, and a page is read as it was
   declared when it came. One select per reading, written out of it, as a person would do it.

   columns: [name, type] with text, timestamp, date, decimal, integer or boolean;
   connectors/files/domains.py names the same. #}

{% macro files_rows(stream, columns) -%}
    {%- set name = stream.schema ~ '.' ~ stream.identifier -%}
    {%- set pages = register_landing(name) -%}
    {%- set readings = files_readings(pages) -%}
    {#- Not materialized: it would hold every page of the load at once. -#}
    with

    pages as not materialized (
        select
            load_id,
            pulled_at,
            page_index,
            page,
            said ->> 'feed' as feed_name,
            said ->> 'file' as file_name,
            said ->> 'version' as file_version,
            said ->> 'reading_id' as reading_id,
            said ->> 'reason' as reason,
            cast(said ->> 'first_row' as bigint) as first_row,
            cast(said ->> 'header_lines' as bigint) as header_lines
        from (
            select
                *,
                json(request[strpos(request, ' {') + 1:]) as said
            from {{ pages }} as landed_pages
            where request like 'READ %' or request like 'REFUSED %'
        ) as described_pages
    ),

    -- A file that was held back as a whole: its reason is all there is.
    refused as (
        select
            feed_name,
            file_name,
            cast(null as {{ dbt.type_string() }}) as file_version,
            cast(null as bigint) as row_number,
            cast(null as {{ dbt.type_string() }}) as row_key,
            {%- for column, type in columns %}
            cast(null as {{ house_type(type) }}) as {{ column }},
            {%- endfor %}
            load_id,
            pulled_at,
            page_index,
            cast(0 as bigint) as row_index,
            md5(reason) as row_hash,
            concat('file: ', feed_name, '/', file_name, ': ', reason) as quarantine_reason,
            cast(null as {{ dbt.type_string() }}) as raw
        from pages
        where page is null
    ),

    {% for reading in readings -%}
    reading_{{ loop.index }} as (
        {{ files_typed(reading, columns) | indent(8) }}
    ),

    {% endfor -%}

    final as (
        select * from refused
        {%- for reading in readings %}
        union all
        select * from reading_{{ loop.index }}
        {%- endfor %}
    )

    select * from final
{%- endmacro %}


{% macro files_readings(pages) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select distinct
            cast(
                json_extract(request[strpos(request, ' {') + 1:], '$.reading') as varchar
            ) as reading
        from {{ pages }} as landed_pages
        where request like 'READ %'
        order by reading
    {%- endset -%}
    {%- set readings = [] -%}
    {%- for text in run_query(query).columns[0].values() -%}
        {%- do readings.append(fromjson(text)) -%}
    {%- endfor -%}
    {{ return(readings) }}
{%- endmacro %}


{% macro files_typed(reading, columns) -%}
    select * replace (case when quarantine_reason is not null then raw end as raw)
    from (
        select
            feed_name,
            file_name,
            file_version,
            row_number,
            {% if reading.key -%}
            array_to_string(
                [
                    {%- for place in reading.key %}
                    coalesce(trim(fields[{{ place }}]), ''){{ "," if not loop.last }}
                    {%- endfor %}
                ],
                '|'
            )
            {%- else -%}
            cast(null as {{ dbt.type_string() }})
            {%- endif %} as row_key,
            {%- for column, type in columns %}
            {%- set is_read = type != 'text' or column in reading.integers %}
            cast({{ 'value_' if is_read else 'text_' }}{{ column }} as {{ house_type(type) }})
                as {{ column }},
            {%- endfor %}
            load_id,
            pulled_at,
            page_index,
            row_index,
            md5(record) as row_hash,
            {{ files_reason(columns, reading) | indent(8) }} as quarantine_reason,
            record as raw
        from (
            select
                *
                {%- for column, type in columns if type != 'text' or column in reading.integers %},
                {{ files_value('text_' ~ column, column, type, reading) }} as value_{{ column }}
                {%- endfor %}
            from (
                {{ files_texts(reading, columns) | indent(8) }}
            ) as texts
        ) as read_texts
    ) as typed
{%- endmacro %}


{% macro files_texts(reading, columns) -%}
    select
        * exclude (fields){% if reading.key %}, fields{% endif %}
        {%- for column, type in columns %},
        {{ files_text(column, reading) }} as text_{{ column }}
        {%- endfor %}
    from (
        select
            *,
            first_row + row_index + 1 - header_lines as row_number,
            {{ files_fields('record', reading) }} as fields
        from (
            select
                * exclude (records),
                rtrim(unnest(records), chr(13)) as record,
                generate_subscripts(records, 1) - 1 as row_index
            from (
                select
                    * exclude (page),
                    list_filter(
                        {{ files_records('page', reading) }},
                        lambda record: trim(record, ' ' || chr(13)) <> ''
                    ) as records
                from pages
                where reading_id = '{{ reading.id }}'
            ) as listed
        ) as numbered
        where row_index >= header_lines
    ) as split
{%- endmacro %}


{% macro files_reason(columns, reading) -%}
    {#- Why a row goes to quarantine: the first column that is missing or does not cast. -#}
    {%- set finer = {'decimal': '[.][0-9_]{5}|[eE]', 'integer': '[.eE]'} -%}
    case
        {%- for column, type in columns %}
        {%- set text, value = 'text_' ~ column, 'value_' ~ column %}
        {%- set is_given = column in reading.place or column in reading.value
            or (column == 'is_return' and reading.return_place) %}
        {%- if column in reading.required %}
        when {{ text }} is null then '{{ column }}: missing'
        {%- endif %}
        {%- if is_given and (type != 'text' or column in reading.integers) %}
        when {{ text }} is not null and (
            {{ value }} is null
            {%- if type in ('decimal', 'integer') %}
            {%- set number = files_number(text, reading) %}
            {#- Rounding is no reading. The long cast is slow: only where there is what is rounded. #}
            or case
                when regexp_matches({{ number }}, '{{ finer[type] }}')
                    then {{ value }} <> try_cast({{ number }} as decimal(38, 18))
                else false
            end
            {%- endif %}
        ) then concat('{{ column }}: cannot read "', left({{ text }}, 200), '" as {{ type }}')
        {%- endif %}
        {%- endfor %}
        {%- for group in reading.one_of %}
        when coalesce(text_{{ group | join(', text_') }}) is null
            then '{{ group | join(" or ") }}: missing'
        {%- endfor %}
    end
{%- endmacro %}
