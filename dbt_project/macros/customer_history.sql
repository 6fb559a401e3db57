{#
    Versions of what is known of a customer, night by night. A night is the moment that the accepted
    data reaches, not the clock on the wall: a run first takes back what an earlier run of the same
    night wrote (rewind_night), adds the versions that are new (new_versions) and closes those that
    are over (close_versions), all in the transaction of the model. So a night run twice gives the
    same rows.

    Nobody else knows these versions, so such a model is never made anew: full_refresh is false, and
    identity/histories.py takes them over from the published file where a build file is.
#}

{% macro history_night() %}
    {#- Null where the history is ahead of the data, as in a warehouse half restored: it waits. -#}
    (
        select
            case
                {% if is_incremental() %}
                    when max(loads.window_end) < (
                        select max(coalesce(versions.valid_to_at, versions.valid_from_at))
                        from {{ this }} as versions
                    ) then null
                {% endif %}
                when true then max(loads.window_end)
            end
        from {{ source('ops', 'loads') }} as loads
        where loads.status = 'accepted'
    )
{% endmacro %}

{% macro rewind_night(told=[]) %}
    {#- `told`: columns that say how a version ended. -#}
    {% if is_incremental() %}
        delete from {{ this }} where valid_from_at >= {{ history_night() }};
        update {{ this }}
        set
            valid_to_at = null,
            {% for column in told %}
                {{ column }} = null,
            {% endfor %}
            is_current = true
        where valid_to_at >= {{ history_night() }}
    {% else %}
        select 1
    {% endif %}
{% endmacro %}

{% macro new_versions(now, details) %}
    {#- Common table expressions; the last, `versions`, has the rows to be added. -#}
    night as (
        select {{ history_night() }} as began_at
    ),

    {% if is_incremental() %}
        known as (
            select * from {{ this }} where is_current
        ),

        counted as (
            select
                customer_id,
                max(version_number) as version_count
            from {{ this }}
            group by customer_id
        ),
    {% endif %}

    versions as (
        select
            {{ text_key([
                'now.customer_id', 'cast(night.began_at as ' ~ dbt.type_string() ~ ')',
            ]) }} as customer_version_id,
            now.customer_id,
            {% for detail in details %}
                now.{{ detail }},
            {% endfor %}
            night.began_at as valid_from_at,
            cast(null as timestamp) as valid_to_at,
            true as is_current,
            {% if is_incremental() %}
                coalesce(counted.version_count, 0) + cast(1 as bigint) as version_number,
                known.customer_id is not null as is_change
            {% else %}
                cast(1 as bigint) as version_number,
                false as is_change
            {% endif %}
        from {{ now }} as now
        cross join night
        {% if is_incremental() %}
            left join known
                on now.customer_id = known.customer_id
            left join counted
                on now.customer_id = counted.customer_id
        {% endif %}
        where
            night.began_at is not null
            {% if is_incremental() %}
                and (
                    known.customer_id is null
                    {% for detail in details %}
                        or now.{{ detail }} is distinct from known.{{ detail }}
                    {% endfor %}
                )
            {% endif %}
    )
{% endmacro %}

{% macro over_versions(now) %}
    {#- Query: versions that another follows tonight, or whose customer is not there any more. -#}
    select
        versions.customer_version_id,
        versions.customer_id,
        newer.customer_id is not null as is_change
    from {{ this }} as versions
    left join {{ now }} as now
        on versions.customer_id = now.customer_id
    left join {{ this }} as newer
        on
            versions.customer_id = newer.customer_id
            and newer.valid_from_at = {{ history_night() }}
    where
        versions.is_current
        and versions.valid_from_at < {{ history_night() }}
        and (newer.customer_id is not null or now.customer_id is null)
{% endmacro %}

{% macro close_versions(now) %}
    {% if is_incremental() %}
        update {{ this }} as history
        set
            valid_to_at = {{ history_night() }},
            is_current = false
        from ({{ over_versions(now) }}) as over_now
        where history.customer_version_id = over_now.customer_version_id
    {% else %}
        select 1
    {% endif %}
{% endmacro %}

{% macro close_customers(now) %}
    {#- The same, saying how a version ended: by a change, a merge, or because nothing is left. -#}
    {% if is_incremental() %}
        update {{ this }} as history
        set
            valid_to_at = {{ history_night() }},
            is_current = false,
            closed_by = over_now.closed_by,
            merged_into_customer_id = over_now.merged_into_customer_id
        from (
            select
                ended.customer_version_id,
                case
                    when ended.is_change then 'changed'
                    when merges.customer_id is not null then 'merged'
                    else 'gone'
                end as closed_by,
                case when not ended.is_change then merges.customer_id end
                    as merged_into_customer_id
            from ({{ over_versions(now) }}) as ended
            left join {{ identity_table('customer_merges') }} as merges
                on ended.customer_id = merges.merged_customer_id
        ) as over_now
        where history.customer_version_id = over_now.customer_version_id
    {% else %}
        select 1
    {% endif %}
{% endmacro %}

{% macro given_identifiers() %}
    {#- Whose identifiers a customer was last given. Of a key that was never seen before, that is
        whom it parted from. -#}
    (
        select
            latest.customer_id,
            min(latest.previous_customer_id) as previous_customer_id
        from (
            select
                changes.customer_id,
                changes.previous_customer_id,
                rank() over (
                    partition by changes.customer_id order by changes.change_seq desc
                ) as recency
            from {{ identity_changes() }} as changes
            where
                changes.customer_id is not null
                and changes.previous_customer_id <> changes.customer_id
        ) as latest
        where latest.recency = 1
        group by latest.customer_id
    )
{% endmacro %}
