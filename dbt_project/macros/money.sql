{# Money arrives in three shapes; each becomes decimal(18, 4) here, once. #}

{% macro minor_units_to_amount(minor, currency) -%}
    cast(
        case
            when {{ currency }} in (
                'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV',
                'XAF', 'XOF', 'XPF'
            ) then ({{ minor }}) * cast(1 as decimal(4, 3))
            when {{ currency }} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
                then ({{ minor }}) * cast(0.001 as decimal(4, 3))
            else ({{ minor }}) * cast(0.01 as decimal(4, 3))
        end as decimal(18, 4)
    )
{%- endmacro %}


{% macro micros_to_amount(micros) -%}
    {#- An account's spend settles in its currency's units: what lies below a hundredth of a cent is
        the vendor's own rounding. -#}
    cast({{ micros }} * cast(0.000001 as decimal(7, 6)) as decimal(18, 4))
{%- endmacro %}


{% macro unrestricted_amount(amount, metric) -%}
    {#- A metric that the credential may not see is 0 in Google Analytics; the page names it. -#}
    cast(
        case when restricted_metrics like '%"{{ metric }}"%' then null else {{ amount }} end
        as decimal(18, 4)
    )
{%- endmacro %}
