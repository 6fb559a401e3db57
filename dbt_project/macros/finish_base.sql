{# Post-hook of every base model, in its transaction: quarantined rows get their raw JSON, rows that
   say nothing new go, and the loads are marked as read. #}

{% macro finish_base() -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- if not execute or 'key' not in meta -%}
        {#- While dbt parses there is no config yet; a view of base has nothing to finish. -#}
        {{ return('') }}
    {%- endif -%}
    {%- set stream = model.sources[0] | join('.') -%}
    {%- set files = new_files(stream, false) -%}
    {%- if files -%}
        {%- do fill_raw(stream, meta, files) -%}
        {%- do note_fields(stream, meta, files) -%}
        {#- Of a whole that is brought anew, each row's being there says something. #}
        {%- if 'whole' not in meta -%}
            {%- do run_query(drop_unchanged(stream, meta)) -%}
        {%- endif -%}
    {%- endif -%}
    {{ mark_processed([stream], base_statuses()) }}
{%- endmacro %}


{#- At most so many rows of one run carry their raw JSON. When a vendor breaks a whole stream, more
    would be a copy of its landing; the others say in which page and row of it they lie. -#}
{% macro fill_raw(stream, meta, files, most=10000) -%}
    {%- if 'rows' not in meta -%}
        {{ return('') }}
    {%- endif -%}
    {%- set bare -%}
        select
            rowid as row_id,
            load_id,
            page_index,
            row_index
        from {{ this }}
        where quarantine_reason is not null
            and raw is null
            and load_id in ({{ new_load_ids(stream) }})
        order by load_id, page_index, row_index
        limit {{ most }}
    {%- endset -%}
    {%- set page_keys = run_query(
        "select distinct concat(load_id, '/', page_index) as page_key from (" ~ bare
        ~ ") as bare order by page_key"
    ).columns[0].values() | list -%}
    {%- if not page_keys -%}
        {{ return('') }}
    {%- endif -%}
    {%- set pages = adapter.dispatch('register_landing')(stream, files) -%}
    {%- do run_query(adapter.dispatch('update_raw')(bare, raw_rows(pages, meta['rows'], page_keys))) -%}
{%- endmacro %}


{% macro default__update_raw(bare, raw_rows) -%}
    update {{ this }}
    set raw = found.raw
    from (
        select
            bare.row_id,
            coalesce(raw_rows.raw, 'null') as raw
        from ({{ raw_rows }}) as raw_rows
        inner join ({{ bare }}) as bare using (load_id, page_index, row_index)
    ) as found
    where {{ this.identifier }}.rowid = found.row_id
{%- endmacro %}


{% macro drop_unchanged(stream, meta) -%}
    {{ return(adapter.dispatch('drop_unchanged')(stream, meta)) }}
{%- endmacro %}


{#- A new row says nothing new when the versions of its key, in the order they were pulled, are all
    alike from an accepted load (or an earlier place in its own load) up to it. Loads that were held
    back or not yet judged prove nothing: they may be discarded, and the row would be lost with them. -#}
{% macro default__drop_unchanged(stream, meta) -%}
    {#- Keys are compared by hash. Two keys of one hash could only keep a row too many. -#}
    {%- set key = 'hash(' ~ version_key(meta['key']) ~ ')' -%}
    delete from {{ this }}
    where rowid in (
        with

        new_loads as ({{ new_load_ids(stream) }}),

        repeated_keys as (
            select {{ key }} as version_key
            from {{ this }} as base
            where {{ key }} in (
                select {{ key }}
                from {{ this }} as base
                where base.load_id in (select load_id from new_loads)
            )
            group by version_key
            having count(*) > 1
        ),

        versions as (
            select
                base.rowid as row_id,
                {{ key }} as version_key,
                base.row_hash,
                base.load_id,
                base.pulled_at,
                base.page_index,
                base.row_index,
                loads.status = 'accepted' as is_accepted
            from {{ this }} as base
            inner join {{ ops_relation('loads') }} as loads
                on base.load_id = loads.load_id
            where loads.status <> 'discarded'
                and {{ key }} in (select version_key from repeated_keys)
        ),

        changes as (
            select
                *,
                row_hash is distinct from lag(row_hash) over (
                    partition by version_key
                    order by pulled_at, load_id, page_index, row_index
                ) as is_change
            from versions
        ),

        runs as (
            select
                *,
                count(*) filter (where is_change) over (
                    partition by version_key
                    order by pulled_at, load_id, page_index, row_index
                ) as run_number
            from changes
        ),

        seen as (
            select
                *,
                count(*) filter (where is_accepted) over (
                    partition by version_key, run_number
                    order by pulled_at, load_id, page_index, row_index
                    rows between unbounded preceding and 1 preceding
                ) as accepted_before,
                count(*) over (
                    partition by version_key, run_number, load_id
                    order by pulled_at, page_index, row_index
                    rows between unbounded preceding and 1 preceding
                ) as same_load_before
            from runs
        )

        select row_id
        from seen
        where (accepted_before > 0 or same_load_before > 0)
            and load_id in (select load_id from new_loads)
    )
{%- endmacro %}


{% macro version_key(columns, base='base') -%}
    {#- A row without its key is known by what was landed, or by its place. -#}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append('cast(' ~ base ~ '.' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') -%}
    {%- endfor -%}
    coalesce(
        {{ parts | join(" || '|' || ") }},
        {{ base }}.raw,
        concat({{ base }}.load_id, '/', {{ base }}.page_index, '/', {{ base }}.row_index)
    )
{%- endmacro %}


{#- Before they are even written: rows that an accepted load brought alike, for streams of events,
    which never change. `immutable_since` in the meta names the column by which old rows are left out
    of the comparison. What this lets through, drop_unchanged judges exactly. -#}
{% macro known_rows(stream, meta) -%}
    {%- if not meta.get('immutable_since') or not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set since = run_query(
        "select min(window_start) from " ~ ops_relation('loads') ~ " where load_id in ("
        ~ new_load_ids(stream) ~ ")"
    ).columns[0].values()[0] -%}
    {%- if since is none -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(adapter.dispatch('known_rows_since')(meta, since)) }}
{%- endmacro %}


{% macro default__known_rows_since(meta, since) -%}
    select any_value(base.row_hash) as row_hash
    from {{ this }} as base
    left join {{ ops_relation('loads') }} as loads
        on base.load_id = loads.load_id
            and loads.status = 'accepted'
    where base.{{ meta['immutable_since'] }} >= timestamp '{{ since }}'
    group by hash({{ version_key(meta['key']) }})
    having count(*) = 1 and count(loads.load_id) = 1
{%- endmacro %}
