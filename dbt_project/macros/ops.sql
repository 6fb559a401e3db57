{# The books of the warehouse: which loads exist and which model has consumed which. data_quality/loads.py
   makes the same tables; a test compares the two. #}

{% macro ops_relation(name) -%}
    {{ return(api.Relation.create(database=target.database, schema='ops', identifier=name)) }}
{%- endmacro %}


{% macro create_ops_tables() -%}
    create schema if not exists ops;
    create table if not exists {{ ops_relation('landing') }} (
        root text
    );
    create table if not exists {{ ops_relation('loads') }} (
        load_id text,
        vendor text,
        stream text,
        window_start timestamp,
        window_end timestamp,
        pulled_at timestamp,
        page_count bigint,
        files text[],
        status text,
        accepted_seq bigint,
        decided_at timestamp,
        decided_by text,
        reason text
    );
    create table if not exists {{ ops_relation('model_loads') }} (
        model text,
        load_id text
    );
    create table if not exists {{ ops_relation('load_fields') }} (
        load_id text,
        vendor text,
        stream text,
        json_path text,
        json_type text,
        rows_seen bigint,
        rows_sampled bigint
    );
{%- endmacro %}


{% macro in_streams(streams, loads='loads') -%}
    concat({{ loads }}.vendor, '.', {{ loads }}.stream) in ('{{ streams | join("', '") }}')
{%- endmacro %}


{% macro not_processed(loads='loads') -%}
    not exists (
        select 1
        from {{ ops_relation('model_loads') }} as model_loads
        where model_loads.model = '{{ this.identifier }}'
            and model_loads.load_id = {{ loads }}.load_id
    )
{%- endmacro %}


{% macro unprocessed_loads(streams) -%}
    (
        select loads.load_id
        from {{ ops_relation('loads') }} as loads
        where loads.status = 'accepted'
            and {{ in_streams(streams) }}
            and {{ not_processed() }}
    )
{%- endmacro %}


{% macro mark_processed(streams, statuses=['accepted']) -%}
    insert into {{ ops_relation('model_loads') }} (model, load_id)
    select
        '{{ this.identifier }}',
        loads.load_id
    from {{ ops_relation('loads') }} as loads
    where loads.status in ('{{ statuses | join("', '") }}')
        and {{ in_streams(streams) }}
        and {{ not_processed() }}
{%- endmacro %}


{# Pre-hook of every model: one that is built anew, after a full refresh or for the first time, has
   read nothing yet. It runs in the model's own transaction. #}
{% macro forget_loads() -%}
    {%- if config.get('materialized') == 'incremental'
        and (should_full_refresh() or load_cached_relation(this) is none) -%}
    delete from {{ ops_relation('model_loads') }} where model = '{{ this.identifier }}'
    {%- endif -%}
{%- endmacro %}
