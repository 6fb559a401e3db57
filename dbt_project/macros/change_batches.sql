{#
    How a change travels from one incremental model to the next.

    An incremental intermediate model numbers its runs: each row carries the batch in which it was
    last written, and ops.model_batches remembers the last number used. A model that reads it
    remembers, in the same table, the last batch it has read, and takes what is newer. Both records
    are written in the transaction of the model, so a run that dies leaves nothing half-remembered.
    A full refresh goes on counting, so its readers read everything once more.
#}

{% macro create_model_batches() %}
    create table if not exists {{ ops_relation('model_batches') }} (
        model {{ dbt.type_string() }},
        upstream {{ dbt.type_string() }},
        batch_seq {{ dbt.type_bigint() }}
    );
{% endmacro %}

{% macro next_batch() %}
    (
        select coalesce(max(model_batches.batch_seq), 0) + 1
        from {{ ops_relation('model_batches') }} as model_batches
        where
            model_batches.model = '{{ this.identifier }}'
            and model_batches.upstream = '{{ this.identifier }}'
    )
{% endmacro %}

{% macro last_batch_read(upstream) %}
    {#-
        Asked beforehand and written out as a number: only a constant reaches the scan through the
        grouping of a view, and there skips what was written long ago.
    -#}
    {%- set query -%}
        select coalesce(max(model_batches.batch_seq), 0)
        from {{ ops_relation('model_batches') }} as model_batches
        where
            model_batches.model = '{{ this.identifier }}'
            and model_batches.upstream = '{{ upstream }}'
    {%- endset -%}
    {{- run_query(query).columns[0].values()[0] if execute else 0 -}}
{% endmacro %}

{% macro record_batch() %}
    insert into {{ ops_relation('model_batches') }} (model, upstream, batch_seq)
    select
        '{{ this.identifier }}',
        '{{ this.identifier }}',
        {{ next_batch() }}
{% endmacro %}

{% macro record_read(upstreams) %}
    insert into {{ ops_relation('model_batches') }} (model, upstream, batch_seq)
    select
        '{{ this.identifier }}',
        model_batches.upstream,
        max(model_batches.batch_seq)
    from {{ ops_relation('model_batches') }} as model_batches
    where
        model_batches.model = model_batches.upstream
        and model_batches.upstream in ('{{ upstreams | join("', '") }}')
    group by model_batches.upstream
{% endmacro %}

{#
    The same for what comes straight from staging, where a row says in which load it came. A load
    counts as new only once staging holds it: a staging table that has read its stream before must
    have read this load too, or else a run over a part of the models would pass it by for good.
#}

{% macro new_loads() %}
    (
        select loads.load_id
        from {{ ops_relation('loads') }} as loads
        where {{ is_new_load() }}
    )
{% endmacro %}

{% macro is_new_load() %}
    loads.status = 'accepted'
    and {{ not_processed() }}
    and not exists (
        select 1
        from {{ ops_relation('model_loads') }} as read_before
        inner join {{ ops_relation('loads') }} as older
            on read_before.load_id = older.load_id
        where
            read_before.model like 'stg_%'
            and older.vendor = loads.vendor
            and older.stream = loads.stream
            and not exists (
                select 1
                from {{ ops_relation('model_loads') }} as read_now
                where
                    read_now.model = read_before.model
                    and read_now.load_id = loads.load_id
            )
    )
{% endmacro %}

{% macro mark_new_loads() %}
    insert into {{ ops_relation('model_loads') }} (model, load_id)
    select
        '{{ this.identifier }}',
        loads.load_id
    from {{ ops_relation('loads') }} as loads
    where {{ is_new_load() }}
{% endmacro %}

{% macro delete_rows(condition) %}
    {#- A full refresh starts from nothing; a hook must still be a statement. -#}
    {% if is_incremental() %}
        delete from {{ this }} where {{ condition }}
    {% else %}
        select 1
    {% endif %}
{% endmacro %}
