{#
    Names and addresses as they are compared: what differs in writing only is made equal, and what
    stands for nothing is null. Nobody is shown these.
#}

{% macro plain_text(text) %}
    {#- Lower case, without accents; what is neither letter nor digit is a space. -#}
    {%- set letters = throughline.without_accents("lower(" ~ text ~ ")") -%}
    nullif(trim({{ throughline.replace_pattern(letters, '[^\\p{L}\\p{N}]+', ' ') }}), '')
{% endmacro %}

{% macro without_accents(text) %}
    {{ return(adapter.dispatch('without_accents', 'throughline')(text)) }}
{% endmacro %}

{% macro default__without_accents(text) %}
    {{- return("strip_accents(replace(" ~ text ~ ", 'ß', 'ss'))") -}}
{% endmacro %}

{% macro spark__without_accents(text) %}
    {{- return(
        "translate(replace(" ~ text ~ ", 'ß', 'ss'),"
        ~ " 'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ', 'aaaaaaceeeeiiiinoooooouuuuyy')"
    ) -}}
{% endmacro %}

{% macro postal_address(street_address, postal_code, city) %}
    {#-
        One name for one house, of an address as given: elm st 12, 10001. A street without a house
        number, or in a town that is not told, is no address. A country that only some tell would
        make two of one house.
    -#}
    {%- set plain = throughline.plain_text(street_address) -%}
    {%- set place = 'coalesce(' ~ throughline.plain_code(postal_code) ~ ', '
        ~ throughline.plain_text(city) ~ ')' -%}
    {{ dbt.concat([
        throughline.street_name(plain), "' '", throughline.house_number(plain), "', '", place,
    ]) }}
{% endmacro %}

{% macro plain_code(postal_code) %}
    replace({{ throughline.plain_text(postal_code) }}, ' ', '')
{% endmacro %}

{% macro house_number(address) %}
    {#- The first number of a plain address that stands alone, with its letter: 12, 12a. -#}
    nullif(
        replace(regexp_extract({{ address }}, '(^| )([0-9]+ ?[a-z]?)( |$)', 2), ' ', ''),
        ''
    )
{% endmacro %}

{% macro street_name(address) %}
    {#- What is left of a plain address without numbers, the usual words shortened as people do. -#}
    {%- set words = [
        ('(^| )[0-9]+ ?[a-z]?( |$)', ' '),
        ('(strasse|str)( |$)', 'str '),
        (' street( |$)', ' st '),
        (' road( |$)', ' rd '),
        (' avenue( |$)', ' ave '),
        (' drive( |$)', ' dr '),
        (' lane( |$)', ' ln '),
        (' boulevard( |$)', ' blvd '),
        (' place( |$)', ' pl '),
        (' court( |$)', ' ct '),
        (' square( |$)', ' sq '),
    ] -%}
    {%- set ns = namespace(text=address) -%}
    {%- for pattern, short in words -%}
        {%- set ns.text = throughline.replace_pattern(ns.text, pattern, short) -%}
    {%- endfor -%}
    nullif(trim({{ ns.text }}), '')
{% endmacro %}
