{# One list of what could not be read, over all base models. The union is written out in
   base_quarantine, as dbt needs it for the order of its work; one left out stops the run. #}

{% macro quarantined_rows(base_models) -%}
    {%- set listed = base_models | map(attribute='identifier') | list -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.resource_type == 'model' and node.name.startswith('base_') and '__' in node.name
        and node.name not in listed -%}
        {%- do exceptions.raise_compiler_error(
            this.identifier ~ " does not list " ~ node.name ~ ": add ref('" ~ node.name ~ "') to it."
        ) -%}
    {%- endfor -%}
    with

    loads as (
        select
            load_id,
            status
        from {{ ops_relation('loads') }}
    ),

    quarantined as (
        {%- for base_model in base_models %}
        {{ "union all" if not loop.first }}
        {{ quarantined_rows_of(base_model) | indent(8) }}
        {%- endfor %}
    ),

    final as (
        select
            quarantined.*,
            quarantined.healed_at is not null as is_healed,
            -- What an operator discarded waits for nobody.
            quarantined.healed_at is null
            and coalesce(loads.status, '') <> 'discarded' as is_waiting
        from quarantined
        left join loads on quarantined.load_id = loads.load_id
    )

    select * from final
{%- endmacro %}


{% macro quarantined_rows_of(base_model) -%}
    {#- A join for each of so many models would want more memory than the models themselves: only
        where there is something to heal, which base, built before this, tells. -#}
    {%- set key = heals_by(base_model) if has_quarantined_rows(base_model) else [] -%}
    select
        '{{ base_model.identifier.split('__')[0] | replace('base_', '', 1) }}' as vendor,
        '{{ base_model.identifier.split('__')[1] }}' as stream,
        bad.load_id,
        bad.pulled_at,
        bad.page_index,
        bad.row_index,
        bad.quarantine_reason as reason,
        bad.raw,
        {{ 'healing.healed_at' if key else 'cast(null as timestamp)' }} as healed_at
    from {{ base_model }} as bad
    {%- if key %}
    left join (
        select
            unread.load_id,
            unread.page_index,
            unread.row_index,
            min(later.pulled_at) as healed_at
        from {{ base_model }} as unread
        inner join {{ base_model }} as later
            on {% for column in key -%}
                {{ 'and ' if not loop.first }}unread.{{ column }} = later.{{ column }}
            {% endfor -%}
                and (unread.pulled_at, unread.load_id, unread.page_index, unread.row_index)
                < (later.pulled_at, later.load_id, later.page_index, later.row_index)
        inner join loads on later.load_id = loads.load_id
        where unread.quarantine_reason is not null
            and {{ 'later.row_number is not null' if 'file_name' in key
                else 'later.quarantine_reason is null' }}
            and loads.status = 'accepted'
        group by unread.load_id, unread.page_index, unread.row_index
    ) as healing
        on bad.load_id = healing.load_id
            and bad.page_index = healing.page_index
            and bad.row_index = healing.row_index
    {%- endif %}
    where bad.quarantine_reason is not null
{%- endmacro %}


{% macro has_quarantined_rows(base_model) -%}
    {%- set found = load_relation(base_model) if execute else none -%}
    {%- if found is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set rows = run_query(
        'select 1 from ' ~ base_model ~ ' where quarantine_reason is not null limit 1'
    ) -%}
    {{ return(rows | length > 0) }}
{%- endmacro %}


{% macro heals_by(base_model) -%}
    {#- The columns by which a later row takes the place of one that could not be read: its key. A
        file is delivered as a whole, so its next version takes the place of all its rows. -#}
    {%- if base_model.identifier.startswith('base_files__') -%}
        {{ return(['feed_name', 'file_name']) }}
    {%- endif -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.resource_type == 'model' and node.name == base_model.identifier -%}
        {{ return(node.config.meta.get('key', [])) }}
    {%- endfor -%}
    {{ return([]) }}
{%- endmacro %}
