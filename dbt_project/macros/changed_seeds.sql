{#
    A rule that changes (a row of channel_rules, of touch_rules, ...) changes what an incremental
    model made long ago. So each seed notes what was loaded, each incremental model which state of
    the seeds above it it was built with, and one whose seeds have changed since is made anew, as
    with --full-refresh, and all that is made from it likewise.
#}

{% macro create_seed_states() %}
    create table if not exists {{ ops_relation('seed_states') }} (
        model {{ dbt.type_string() }},
        seed {{ dbt.type_string() }},
        checksum {{ dbt.type_string() }}
    );
{% endmacro %}

{# dbt's own macro, with one reason more; a model that says it is never made anew is not. #}
{% macro should_full_refresh() %}
    {%- set told = config.get('full_refresh') -%}
    {%- if told is none -%}
        {%- set told = flags.FULL_REFRESH -%}
    {%- endif -%}
    {{ return(told or (config.get('full_refresh') is not false and changed_seeds() | length > 0)) }}
{% endmacro %}

{% macro changed_seeds() %}
    {#- A model that never noted a seed has been built before seeds were noted: with this one. -#}
    {%- if not execute or model.config.materialized != 'incremental' or not seeds_above()
        or adapter.get_relation(target.database, 'ops', 'seed_states') is none -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select loaded.seed
        from {{ ops_relation('seed_states') }} as loaded
        inner join {{ ops_relation('seed_states') }} as used
            on loaded.seed = used.seed
        where
            loaded.model = loaded.seed
            and loaded.seed in ('{{ seeds_above() | join("', '") }}')
            and used.model = '{{ this.identifier }}'
            and used.checksum <> loaded.checksum
        order by loaded.seed
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{% macro seeds_above() %}
    {#- The list grows while it is walked. A macro that calls itself, edge by edge, took an eighth
        of the time of a small table, which asks several times. -#}
    {%- set seeds = [] -%}
    {%- set above = model.depends_on.nodes | list -%}
    {%- for unique_id in above -%}
        {%- set node = graph.nodes.get(unique_id) -%}
        {%- if node and node.resource_type == 'seed' -%}
            {%- do seeds.append(node.name) -%}
        {%- elif node -%}
            {%- for parent in node.depends_on.nodes if parent not in above -%}
                {%- do above.append(parent) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(seeds | sort) }}
{% endmacro %}

{# Before and after a model or a seed, in its transaction. #}
{% macro forget_seeds() %}
    {%- if model.resource_type == 'seed' or model.config.materialized == 'incremental' -%}
    delete from {{ ops_relation('seed_states') }} where model = '{{ this.identifier }}'
    {%- endif -%}
{% endmacro %}

{% macro record_seeds() %}
    {%- if model.resource_type == 'seed' -%}
    insert into {{ ops_relation('seed_states') }} (model, seed, checksum)
    select
        '{{ this.identifier }}',
        '{{ this.identifier }}',
        '{{ model.checksum.checksum if execute }}'
    {%- elif execute and model.config.materialized == 'incremental' and seeds_above() -%}
    insert into {{ ops_relation('seed_states') }} (model, seed, checksum)
    select
        '{{ this.identifier }}',
        loaded.seed,
        loaded.checksum
    from {{ ops_relation('seed_states') }} as loaded
    where
        loaded.model = loaded.seed
        and loaded.seed in ('{{ seeds_above() | join("', '") }}')
    {%- endif -%}
{% endmacro %}
