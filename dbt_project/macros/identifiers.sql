{% macro identifier_id(type, value) %}
    {#- One name for one identifier everywhere: hash of its type and its normalised value. -#}
    {{ dbt.hash(dbt.concat([type, "'|'", value])) }}
{% endmacro %}

{% macro text_key(parts) %}
    {{ dbt.hash(dbt.concat(throughline.with_bars(parts))) }}
{% endmacro %}

{% macro with_bars(parts) %}
    {%- set joined = [] -%}
    {%- for part in parts -%}
        {%- if not loop.first -%}{%- do joined.append("'|'") -%}{%- endif -%}
        {%- do joined.append("coalesce(" ~ part ~ ", '')") -%}
    {%- endfor -%}
    {{ return(joined) }}
{% endmacro %}

{% macro same_columns(left, right, columns) -%}
    {%- for column in columns -%}
        {{ " and " if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
    {%- endfor -%}
{%- endmacro %}

{% macro normalise_email(email) %}
    nullif(lower(trim({{ email }})), '')
{% endmacro %}

{% macro sha256_hex(text) %}
    {{ return(adapter.dispatch('sha256_hex', 'throughline')(text)) }}
{% endmacro %}

{% macro default__sha256_hex(text) %}
    sha256({{ text }})
{% endmacro %}

{% macro spark__sha256_hex(text) %}
    sha2({{ text }}, 256)
{% endmacro %}

{% macro replace_pattern(text, pattern, replacement) %}
    {{ return(adapter.dispatch('replace_pattern', 'throughline')(text, pattern, replacement)) }}
{% endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) %}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{% endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) %}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{% endmacro %}

{% macro normalise_phone(phone, calling_code, trunk_prefix) %}
    {#-
        E.164, or null where the country of a national number is not known. With letters between or
        after its digits it is a hash, an office's extension or no number.
    -#}
    {%- set digits = throughline.replace_pattern(phone, '[^0-9+]', '') -%}
    case
        when {{ throughline.matches_pattern(phone, '[0-9].*[A-Za-z]') }} then null
        when length({{ digits }}) < 7 then null
        when {{ digits }} like '+%' then {{ digits }}
        when {{ digits }} like '00%' then {{ dbt.concat(["'+'", "substr(" ~ digits ~ ", 3)"]) }}
        when {{ calling_code }} is null then null
        when {{ trunk_prefix }} <> '' and {{ digits }} like {{ dbt.concat([trunk_prefix, "'%'"]) }}
            then {{ dbt.concat([
                "'+'", calling_code, "substr(" ~ digits ~ ", length(" ~ trunk_prefix ~ ") + 1)",
            ]) }}
        else {{ dbt.concat(["'+'", calling_code, digits]) }}
    end
{% endmacro %}

{% macro unreadable_phone(phone, calling_code, trunk_prefix) %}
    {#- As it was given, where it is no number: the rule on formats refuses it, and says so. -#}
    case
        when ({{ normalise_phone(phone, calling_code, trunk_prefix) }}) is null
            then nullif(trim({{ phone }}), '')
    end
{% endmacro %}

{% macro normalise_user_id(user_id) %}
    {#- Trimmed; a hash has one spelling, whichever way the site writes it. -#}
    case
        when
            length(trim({{ user_id }})) = 64
            and {{ replace_pattern('trim(' ~ user_id ~ ')', '[0-9a-fA-F]', '') }} = ''
            then lower(trim({{ user_id }}))
        else nullif(trim({{ user_id }}), '')
    end
{% endmacro %}

{% macro social_handle(handle, network) %}
    {#-
        network:name, of @Ada, x:ada or https://www.instagram.com/ada/?hl=en; a network that is not
        told is unknown, and refused as such.
    -#}
    {%- set plain = "lower(trim(" ~ handle ~ "))" -%}
    {%- set hosts = [
        ('instagram', 'instagram[.]com/|instagram:'), ('x', '(twitter|x)[.]com/|(twitter|x):'),
        ('facebook', '(facebook|fb)[.]com/|facebook:'), ('tiktok', 'tiktok[.]com/|tiktok:'),
        ('youtube', 'youtube[.]com/|youtube:'), ('linkedin', 'linkedin[.]com/in/|linkedin:'),
    ] -%}
    {%- set name = throughline.replace_pattern(plain, '[?#].*$', '') -%}
    {%- set name = throughline.replace_pattern(name, '/+$', '') -%}
    {%- set name = throughline.replace_pattern(name, '^.*[/:]', '') -%}
    {%- set name = throughline.replace_pattern(name, '^@+', '') -%}
    case
        when {{ plain }} = '' then null
        {% for known, host in hosts %}
            when {{ throughline.matches_pattern(plain, '^(https?://)?([a-z]+[.])?(' ~ host ~ ')') }}
                then {{ dbt.concat(["'" ~ known ~ ":'", name]) }}
        {% endfor %}
        else {{ dbt.concat(["coalesce(" ~ network ~ ", 'unknown')", "':'", name]) }}
    end
{% endmacro %}

{% macro web_person_type(user_id) %}
    {#- What a site calls its logged-in person: a hashed e-mail, or else a customer number. -#}
    case
        when {{ user_id }} is null then 'cookie'
        when length({{ user_id }}) = 64 and {{ replace_pattern(user_id, '[0-9a-fA-F]', '') }} = ''
            then 'email_sha256'
        else 'customer_number'
    end
{% endmacro %}
