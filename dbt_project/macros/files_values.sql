{# How a record of a file is cut and how one text of it becomes a value, as its feed declares. Every
   macro here writes out SQL for one reading; what is put together of it stands in files.sql. #}

{% macro sql_text(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}


{% macro house_type(type) -%}
    {{ return({
        'text': dbt.type_string(), 'decimal': 'decimal(18, 4)', 'integer': 'bigint',
    }.get(type, type)) }}
{%- endmacro %}


{% macro files_records(page, reading) -%}
    {%- if reading.form == 'csv' and reading.is_quoted -%}
    case
        when contains({{ page }}, '"') then regexp_extract_all({{ page }}, '(?:[^"\n]+|"[^"]*")+')
        else string_split({{ page }}, chr(10))
    end
    {%- else -%}
    string_split({{ page }}, chr(10))
    {%- endif -%}
{%- endmacro %}


{% macro files_fields(record, reading) -%}
    {#- The values of a record, in the declared order. -#}
    {%- if reading.form == 'arrays' -%}
    from_json({{ record }}, '["VARCHAR"]')
    {%- elif reading.form == 'objects' -%}
    list_transform(
        [from_json({{ record }}, '"MAP(VARCHAR,VARCHAR)"')],
        lambda row: [
            {%- for name in reading.names %}
            row[{{ sql_text(name) }}]{{ "," if not loop.last }}
            {%- endfor %}
        ]
    )[1]
    {%- elif not reading.is_quoted -%}
    string_split({{ record }}, {{ sql_text(reading.delimiter) }})
    {%- else -%}
    case
        when not contains({{ record }}, '"')
            then string_split({{ record }}, {{ sql_text(reading.delimiter) }})
        else list_transform(
            regexp_extract_all(
                concat({{ record }}, {{ sql_text(reading.delimiter) }}),
                '((?:[^"{{ reading.delimiter }}]+|"[^"]*")*)[{{ reading.delimiter }}]',
                1
            ),
            lambda value: case
                when starts_with(value, '"')
                    then replace(substr(value, 2, length(value) - 2), '""', '"')
                else value
            end
        )
    end
    {%- endif -%}
{%- endmacro %}


{% macro files_text(column, reading) -%}
    {#- The text of a house column; null where the file says so or has no such column. -#}
    {%- if column == 'is_return' and reading.return_place -%}
    cast(
        coalesce(
            starts_with(
                trim(fields[{{ reading.return_place }}]), {{ sql_text(reading.return_prefix) }}
            ),
            false
        ) as varchar
    )
    {%- elif column in reading.place -%}
    case
        when trim(fields[{{ reading.place[column] }}]) not in (
            {%- for null in reading.nulls %}
            {{ sql_text(null) }}{{ "," if not loop.last }}
            {%- endfor %}
        ) then trim(fields[{{ reading.place[column] }}])
    end
    {%- elif column in reading.value -%}
    {{ sql_text(reading.value[column]) }}
    {%- else -%}
    cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}


{% macro files_value(text, column, type, reading) -%}
    {%- set local = files_local_time(text, reading.dates) -%}
    {%- if type == 'text' and column in reading.integers -%}
    case
        when regexp_full_match({{ text }}, '[+-]?\d+(\.0+)?')
            then regexp_replace({{ text }}, '\.0+$', '')
    end
    {%- elif type == 'text' -%}
    {{ text }}
    {%- elif type == 'timestamp' -%}
    case
        {%- if reading.dates == 'iso' %}
        when regexp_matches({{ text }}, '\d:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)$')
            then {{ read_text(text, 'timestamp') }}
        {%- endif %}
        when {{ local }} between '1900-01-01' and '2100-01-01'
            then timezone({{ sql_text(reading.time_zone) }}, {{ local }}) at time zone 'UTC'
    end
    {%- elif type == 'date' -%}
    case
        when {{ local }} between '1900-01-01' and '2100-01-01'
            and {{ local }} = date_trunc('day', {{ local }})
            then {{ local }}
    end
    {%- elif type == 'boolean' -%}
    {{ read_text(text, type) }}
    {%- else -%}
    {{ read_text(files_number(text, reading), house_type(type)) }}
    {%- endif -%}
{%- endmacro %}


{% macro files_number(text, reading) -%}
    {#- With the house's decimal point; null where the marks do not stand where they should. -#}
    {%- set plain -%}
        {%- if reading.decimal == '.' -%}
        {{ text }}
        {%- else -%}
        case when not contains({{ text }}, '.') then replace({{ text }}, ',', '.') end
        {%- endif -%}
    {%- endset -%}
    {%- if not reading.thousands -%}
    {{ plain }}
    {%- else -%}
    {%- set marks = sql_text(reading.thousands ~ reading.decimal) -%}
    {%- set marked = 'translate(' ~ text ~ ', ' ~ marks ~ ", '_.')" -%}
    case
        when not contains({{ text }}, {{ sql_text(reading.thousands) }}) then {{ plain }}
        when regexp_full_match({{ marked }}, '[+-]?\d{1,3}(_\d{3})+(\.\d*)?')
            then replace({{ marked }}, '_', '')
    end
    {%- endif -%}
{%- endmacro %}


{% macro files_local_time(text, dates) -%}
    {#- As the file writes it, without a zone. -#}
    {%- set day = "translate(left(" ~ text ~ ", 10), '.-', '//')" -%}
    {%- set slashed = "concat(" ~ day ~ ", substr(" ~ text ~ ", 11))" -%}
    {%- if dates == 'iso' -%}
    try_cast({{ text }} as timestamp)
    {%- elif dates == 'day_first' -%}
    try_strptime({{ slashed }}, {{ clock_formats('%d/%m/%Y') }})
    {%- elif dates == 'month_first' -%}
    try_strptime({{ slashed }}, {{ clock_formats('%m/%d/%Y') }})
    {%- elif dates == 'compact' -%}
    try_strptime({{ text }}, ['%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%dT%H%M%S', '%Y%m%d'])
    {%- else -%}
    {%- set micros = 1000000 if dates == 'unix_seconds' else 1000 %}
    try(make_timestamp(try_cast({{ text }} as bigint) * {{ micros }}))
    {%- endif -%}
{%- endmacro %}


{% macro clock_formats(day) -%}
    {{ return([
        day ~ ' %H:%M:%S', day ~ ' %H:%M', day, day ~ ' %I:%M:%S %p', day ~ ' %I:%M %p',
    ]) }}
{%- endmacro %}
