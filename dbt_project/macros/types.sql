{# One place for how a text becomes a value and when it does not. A null or empty text is missing;
   any other text that is not exactly the value is unreadable, never rounded and never null.

   Moments are `timestamp` (ISO 8601), `rfc2822` ("Fri, 24 May 2019 17:44:46 +0000") or `epoch_ms`
   (milliseconds since 1970); each becomes a timestamp in UTC. A day is a `date` (2026-02-01) or a
   `basic_date` (20260201). An `iso_duration` ("PT4M13S") becomes whole seconds. #}

{% macro read_text(text, type) -%}
    {{ return(adapter.dispatch('read_text')(text, type)) }}
{%- endmacro %}


{% macro default__read_text(text, type) -%}
    {%- if type == 'text' -%}
    {{ text }}
    {%- elif type == 'timestamp' -%}
    {#- A cast straight to timestamp would drop the offset in silence. -#}
    try_cast({{ text }} as timestamptz) at time zone 'UTC'
    {%- elif type == 'rfc2822' -%}
    try_strptime({{ text }}, '%a, %d %b %Y %H:%M:%S %z') at time zone 'UTC'
    {%- elif type == 'epoch_ms' -%}
    epoch_ms(try_cast({{ text }} as bigint))
    {%- elif type == 'basic_date' -%}
    cast(try_strptime({{ text }}, '%Y%m%d') as date)
    {%- elif type == 'iso_duration' -%}
    case
        when regexp_full_match({{ text }}, 'P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?')
            and {{ text }} not in ('P', 'PT')
            then {% for unit, seconds in [('D', 86400), ('H', 3600), ('M', 60), ('S', 1)] -%}
            {{ ' + ' if not loop.first }}{{ seconds }} * coalesce(
                try_cast(regexp_extract({{ text }}, '([0-9]+){{ unit }}', 1) as bigint), 0
            )
            {%- endfor %}
    end
    {%- elif type == 'boolean' -%}
    case lower({{ text }}) when 'true' then true when '1' then true when 'false' then false when '0' then false end
    {%- else -%}
    try_cast({{ text }} as {{ type }})
    {%- endif -%}
{%- endmacro %}


{% macro is_unreadable(text, type) -%}
    {{ return(adapter.dispatch('is_unreadable')(text, type)) }}
{%- endmacro %}


{% macro default__is_unreadable(text, type) -%}
    {%- if type == 'timestamp' -%}
    {#- 'infinity' and 'epoch' are dates to the engine and are none to us. -#}
    {{ text }} <> '' and ({{ read_text(text, type) }} is null or left({{ text }}, 1) not between '0' and '9')
    {%- elif type in ('rfc2822', 'iso_duration') -%}
    {{ text }} <> '' and {{ read_text(text, type) }} is null
    {%- elif type == 'epoch_ms' -%}
    {#- Seconds where milliseconds are meant would be a day in January 1970. -#}
    {{ text }} <> '' and (
        try_cast({{ text }} as bigint) is null
        or try_cast({{ text }} as bigint) is distinct from try_cast({{ text }} as decimal(38, 18))
        or try_cast({{ text }} as bigint) not between 100000000000 and 32503680000000
    )
    {%- elif type == 'basic_date' -%}
    {{ text }} <> '' and ({{ read_text(text, type) }} is null or length({{ text }}) <> 8)
    {%- elif type == 'date' -%}
    {{ text }} <> '' and ({{ read_text(text, type) }} is null or length({{ text }}) <> 10)
    {%- elif type == 'boolean' -%}
    {{ text }} <> '' and lower({{ text }}) not in ('true', 'false', '1', '0')
    {%- elif type == 'double' -%}
    {{ text }} <> '' and not coalesce(isfinite({{ read_text(text, type) }}), false)
    {%- else -%}
    {#- Casts to integers and short decimals round: compare with a longer one. -#}
    {{ text }} <> '' and (
        {{ read_text(text, type) }} is null
        or {{ read_text(text, type) }} is distinct from try_cast({{ text }} as decimal(38, 18))
        or contains({{ text }}, '_')
    )
    {%- endif -%}
{%- endmacro %}


{% macro reason(column, text, type, required) -%}
    {%- if required %}
        when coalesce({{ text }}, '') = '' then '{{ column }}: missing'
    {%- endif %}
    {%- if type != 'text' %}
        when {{ is_unreadable(text, type) }}
            then concat('{{ column }}: cannot read "', left({{ text }}, 200), '" as {{ type }}')
    {%- endif %}
{%- endmacro %}
