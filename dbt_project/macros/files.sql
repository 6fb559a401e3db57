{# The whole of a base model of one domain of files. A page was landed with how to read it (the feed's
   declaration), so that one model types every feed of its domain and a page is read as it was
   declared when it came. columns: [name, type] with text, timestamp, date, decimal, integer or
   boolean; connectors/files/domains.py names the same. #}

{% macro files_rows(stream, columns) -%}
    {%- set pages = register_landing(stream.schema ~ '.' ~ stream.identifier) -%}
    with

    pages as (
        select
            load_id,
            pulled_at,
            page_index,
            page,
            from_json(
                request[strpos(request, ' {') + 1:], '{{ files_said(columns) | tojson }}'
            ) as said
        from {{ pages }} as landed_pages
        where request like 'READ %' or request like 'REFUSED %'
    ),

    listed as (
        select * replace (list_filter(records, lambda record: trim(record, ' ' || chr(13)) <> '') as records)
        from (
            select
                * exclude (page),
                case
                    when contains(page, '"') and said.reading.is_quoted and said.reading.form = 'csv'
                        then regexp_extract_all(page, '(?:[^"\n]+|"[^"]*")+')
                    else string_split(page, chr(10))
                end as records
            from pages
            where page is not null
        )
    ),

    numbered as (
        select
            load_id,
            pulled_at,
            page_index,
            said,
            rtrim(unnest(records), chr(13)) as record,
            generate_subscripts(records, 1) - 1 as row_index
        from listed
    ),

    split as (
        select
            *,
            said.first_row + row_index + 1 - said.header_lines as row_number,
            case said.reading.form
                when 'arrays' then from_json(record, '["VARCHAR"]')
                when 'objects' then list_transform(
                    said.reading.names,
                    lambda name: from_json(record, '"MAP(VARCHAR,VARCHAR)"')[name]
                )
                else {{ csv_values('record', 'said.reading') }}
            end as fields
        from numbered
        where row_index >= said.header_lines
    ),

    texts as (
        select
            load_id,
            pulled_at,
            page_index,
            row_index,
            said.feed as feed_name,
            said.file as file_name,
            said.version as file_version,
            row_number,
            case
                when len(said.reading.key) > 0 then concat(
                    said.feed, '|', array_to_string([trim(fields[place]) for place in said.reading.key], '|')
                )
                else concat(said.feed, '|', said.file, '|', row_number)
            end as row_id,
            record,
            said.reading as reading,
            {%- for name, type in columns %}
            {{ files_text(name) }} as text_{{ name }}{{ "," if not loop.last }}
            {%- endfor %}
        from split
    ),

    typed as (
        select
            feed_name,
            file_name,
            file_version,
            row_number,
            row_id,
            {%- for name, type in columns %}
            {{ files_value(name, type) }} as {{ name }},
            {%- endfor %}
            load_id,
            pulled_at,
            page_index,
            row_index,
            md5(record) as row_hash,
            case
                {%- for name, type in columns %}
                {{- files_reason(name, type) }}
                {%- endfor %}
            end as quarantine_reason,
            record as raw
        from texts
    ),

    -- A file that was held back as a whole: its reason is all there is.
    refused as (
        select
            said.feed as feed_name,
            said.file as file_name,
            concat(said.feed, '|', said.file) as row_id,
            load_id,
            pulled_at,
            page_index,
            0 as row_index,
            md5(said.reason) as row_hash,
            concat('file: ', said.reason) as quarantine_reason
        from pages
        where page is null
    ),

    final as (
        select * replace (case when quarantine_reason is not null then raw end as raw)
        from typed
        union all by name
        select * from refused
    )

    select * from final
{%- endmacro %}


{% macro files_said(columns) -%}
    {#- The shape of what connectors/files/drop.py lands beside a page. -#}
    {%- set places, values = {}, {} -%}
    {%- for column in columns -%}
        {%- do places.update({column[0]: 'INTEGER'}) -%}
        {%- do values.update({column[0]: 'VARCHAR'}) -%}
    {%- endfor -%}
    {%- set reading = {
        'form': 'VARCHAR', 'delimiter': 'VARCHAR', 'is_quoted': 'BOOLEAN', 'names': ['VARCHAR'],
        'place': places, 'value': values, 'required': ['VARCHAR'], 'integers': ['VARCHAR'],
        'time_zone': 'VARCHAR', 'dates': 'VARCHAR', 'decimal': 'VARCHAR', 'thousands': 'VARCHAR',
        'nulls': ['VARCHAR'], 'key': ['INTEGER'], 'return_place': 'INTEGER',
        'return_prefix': 'VARCHAR',
    } -%}
    {{ return({
        'feed': 'VARCHAR', 'file': 'VARCHAR', 'version': 'VARCHAR', 'first_row': 'BIGINT',
        'header_lines': 'INTEGER', 'reason': 'VARCHAR', 'reading': reading,
    }) }}
{%- endmacro %}


{% macro csv_values(record, reading) -%}
    {#- The engine wants a constant pattern, so there is one for each delimiter a feed may declare. -#}
    case
        when not ({{ reading }}.is_quoted and contains({{ record }}, '"'))
            then string_split({{ record }}, {{ reading }}.delimiter)
        else list_transform(
            case {{ reading }}.delimiter
                {%- for delimiter in [',', ';', '\t', '|'] %}
                {%- set mark = '\\t' if delimiter == '\t' else delimiter %}
                when {{ "chr(9)" if delimiter == '\t' else "'" ~ delimiter ~ "'" }} then regexp_extract_all(
                    concat({{ record }}, {{ reading }}.delimiter), '((?:[^"{{ mark }}]+|"[^"]*")*)[{{ mark }}]', 1
                )
                {%- endfor %}
            end,
            lambda value: case
                when starts_with(value, '"')
                    then replace(substr(value, 2, length(value) - 2), '""', '"')
                else value
            end
        )
    end
{%- endmacro %}


{% macro files_text(name) -%}
    {%- set text = "trim(fields[said.reading.place." ~ name ~ "])" -%}
    {%- if name == 'is_return' -%}
    case
        when said.reading.return_place is not null then cast(
            coalesce(starts_with(trim(fields[said.reading.return_place]), said.reading.return_prefix), false)
            as varchar
        )
        else
    {%- endif %} coalesce(
        said.reading.value.{{ name }},
        case when not list_contains(said.reading.nulls, {{ text }}) then {{ text }} end
    )
    {%- if name == 'is_return' %} end{% endif -%}
{%- endmacro %}


{% macro files_value(name, type) -%}
    {%- set text = 'text_' ~ name -%}
    {%- if type == 'text' -%}
    case
        when not list_contains(reading.integers, '{{ name }}') then {{ text }}
        when regexp_full_match({{ text }}, '[+-]?\d+(\.0+)?') then regexp_replace({{ text }}, '\.0+$', '')
    end
    {%- elif type == 'timestamp' -%}
    case
        when reading.dates = 'iso' and regexp_matches({{ text }}, '\d:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)$')
            then {{ read_text(text, 'timestamp') }}
        when {{ files_local_time(text) }} between '1900-01-01' and '2100-01-01'
            then try(timezone(reading.time_zone, {{ files_local_time(text) }})) at time zone 'UTC'
    end
    {%- elif type == 'date' -%}
    case
        when {{ files_local_time(text) }} between '1900-01-01' and '2100-01-01'
            and {{ files_local_time(text) }} = date_trunc('day', {{ files_local_time(text) }})
            then cast({{ files_local_time(text) }} as date)
    end
    {%- elif type == 'boolean' -%}
    {{ read_text(text, 'boolean') }}
    {%- else -%}
    {{ read_text(files_number(text), house_type(type)) }}
    {%- endif -%}
{%- endmacro %}


{% macro files_reason(name, type) -%}
    {%- set text = 'text_' ~ name %}
                when {{ text }} is null and list_contains(reading.required, '{{ name }}')
                    then '{{ name }}: missing'
                when {{ text }} is not null and (
                    {{ files_value(name, type) }} is null
                    {%- if type in ('decimal', 'integer') %}
                    or {{ is_unreadable(files_number(text), house_type(type)) }}
                    {%- endif %}
                )
                    then concat('{{ name }}: cannot read "', left({{ text }}, 200), '" as {{ house_type(type) }}')
{%- endmacro %}


{% macro house_type(type) -%}
    {{ return({'decimal': 'decimal(18, 4)', 'integer': 'bigint'}.get(type, type)) }}
{%- endmacro %}


{% macro files_number(text) -%}
    {#- With the house's decimal point; null where the marks do not stand where they should. -#}
    case
        when reading.thousands <> '' and contains({{ text }}, reading.thousands) then case
            when regexp_full_match(
                translate({{ text }}, concat(reading.thousands, reading.decimal), '_.'),
                '[+-]?\d{1,3}(_\d{3})+(\.\d*)?'
            ) then replace(translate({{ text }}, concat(reading.thousands, reading.decimal), '_.'), '_', '')
        end
        when reading.decimal = '.' then {{ text }}
        when not contains({{ text }}, '.') then replace({{ text }}, ',', '.')
    end
{%- endmacro %}


{% macro files_local_time(text) -%}
    {#- As the file writes it, without a zone. -#}
    {%- set slashed = "concat(translate(left(" ~ text ~ ", 10), '.-', '//'), substr(" ~ text ~ ", 11))" -%}
    case reading.dates
        when 'iso' then try_cast({{ text }} as timestamp)
        when 'day_first' then try_strptime({{ slashed }}, {{ clock_formats('%d/%m/%Y') }})
        when 'month_first' then try_strptime({{ slashed }}, {{ clock_formats('%m/%d/%Y') }})
        when 'compact' then try_strptime({{ text }}, ['%Y%m%d%H%M%S', '%Y%m%d', '%Y%m%d%H%M', '%Y%m%dT%H%M%S'])
        when 'unix_seconds' then try(make_timestamp(try_cast({{ text }} as bigint) * 1000000))
        when 'unix_milliseconds' then try(make_timestamp(try_cast({{ text }} as bigint) * 1000))
    end
{%- endmacro %}


{% macro clock_formats(day) -%}
    {{ return([
        day ~ ' %H:%M:%S', day ~ ' %H:%M', day, day ~ ' %I:%M:%S %p', day ~ ' %I:%M %p',
    ]) }}
{%- endmacro %}
