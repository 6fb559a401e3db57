{#
    The look-back that a setting gives an advertising platform, put over the seed's: a day is
    settled when the pulls have left it behind, however far back they go.
#}

{% macro restatement_settings() %}
    {%- if execute -%}
        {%- set given = {} -%}
        {%- for platform in run_query('select platform from ' ~ this).columns[0].values() -%}
            {%- set name = 'SOURCES__' ~ platform | upper ~ '__LOOKBACK_DAYS__AD_PERFORMANCE' -%}
            {%- set days = env_var(name, '') | trim -%}
            {%- if days -%}
                {%- do given.update({platform: days | int}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if given -%}
            update {{ this }}
            set restatement_days = case platform
                {%- for platform, days in given.items() %}
                    when '{{ platform }}' then {{ days }}
                {%- endfor %}
                else restatement_days
            end
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro settled_before(vendor, stream, lookback_days) %}
    {#-
        The first day of a report that is not settled: the accepted pulls end less than the look-back
        after it, and ask for it again. `lookback_days` is the connector's; a setting replaces it.
    -#}
    {%- set name = 'SOURCES__' ~ vendor | upper ~ '__LOOKBACK_DAYS__' ~ stream | upper -%}
    {%- set days = (env_var(name, '') | trim or lookback_days) | int -%}
    (
        select {{ dbt.dateadd('day', -1 * days, 'cast(max(loads.window_end) as date)') }}
        from {{ source('ops', 'loads') }} as loads
        where
            loads.vendor = '{{ vendor }}'
            and loads.stream = '{{ stream }}'
            and loads.status = 'accepted'
    )
{% endmacro %}
