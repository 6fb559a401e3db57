{# What staging selects from a base model of files: each row's present state, of the rows that the
   unprocessed loads touch.

   A file is one thing: its rows are those of the last accepted load that had any (an empty delivery
   deletes nothing). A feed with a key is one thing as a whole: of a key, the row that was delivered
   last counts, whichever file it lies in. A row that its file no longer has is kept and marked as
   deleted, under the load that took it out, so that every model after this one hears of it. So is a
   row that another file has too: it comes under the last load of any file that told of it. #}

{% macro file_rows(base, stream) -%}
    {%- set order = 'loads.load_id, base.pulled_at, base.file_name, base.row_number' -%}
    (
        with

        -- What was held back as a whole has no row number and says nothing about rows.
        accepted as not materialized (
            select
                base.*,
                coalesce(base.row_key, concat(base.file_name, ':', base.row_number)) as row_name
            from {{ base }} as base
            where base.row_number is not null
                and base.load_id in (
                    select loads.load_id
                    from {{ source('ops', 'loads') }} as loads
                    where loads.status = 'accepted'
                )
        ),

        files as (
            select
                feed_name,
                file_name,
                max(load_id) as last_load_id
            from accepted
            group by feed_name, file_name
        ),

        {%- if is_incremental() %}

        touched as (
            select distinct
                rows_of_files.feed_name,
                rows_of_files.row_name
            from accepted as rows_of_files
            where (rows_of_files.feed_name, rows_of_files.file_name) in (
                select (new_rows.feed_name, new_rows.file_name)
                from accepted as new_rows
                where new_rows.load_id in {{ unprocessed_loads([stream]) }}
            )
        ),
        {%- endif %}

        ranked as (
            select
                accepted.*,
                accepted.load_id <> files.last_load_id as is_deleted,
                max(files.last_load_id) over (
                    partition by accepted.feed_name, accepted.row_name
                ) as told_load_id,
                row_number() over (
                    partition by accepted.feed_name, accepted.row_name
                    order by
                        accepted.load_id = files.last_load_id desc,
                        accepted.load_id desc,
                        accepted.pulled_at desc,
                        accepted.file_name desc,
                        accepted.row_number desc
                ) as newness
            from accepted
            inner join files
                on accepted.feed_name = files.feed_name
                and accepted.file_name = files.file_name
            where accepted.quarantine_reason is null
            {%- if is_incremental() %}
                and (accepted.feed_name, accepted.row_name) in (
                    select (touched.feed_name, touched.row_name) from touched
                )
            {%- endif %}
        )

        select
            * exclude (load_id, newness, told_load_id),
            concat(feed_name, ':', row_name) as row_id,
            told_load_id as load_id
        from ranked
        where newness = 1
    )
{%- endmacro %}


{% macro files_customer(lines) -%}
    {#- Numbers of two issuers are two customers; 'company' names the company's own numbers, which
        other vendors know as well. -#}
    case
        when {{ lines }}.customer_issuer = 'company' then {{ lines }}.customer_number
        else {{ lines }}.customer_issuer || ':' || {{ lines }}.customer_number
    end
{%- endmacro %}
