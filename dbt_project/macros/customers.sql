{#
    Facts keep the identifier they were resolved by, so that a later merge or un-merge can reach
    them: identity.identifier_changes lists the identifiers whose customer is another one now, and
    each fact applies what it has not applied yet.
#}

{% macro identity_table(name) %}
    {#- Written beside the bridge by the same step, so no source of its own in the lineage. -#}
    {{- return(api.Relation.create(
        database=target.database, schema='identity', identifier=name
    )) -}}
{% endmacro %}

{% macro identity_changes() %}
    {{- return(throughline.identity_table('identifier_changes')) -}}
{% endmacro %}

{% macro changed_identifiers() %}
    (
        select distinct identifier_changes.identifier_id
        from {{ identity_changes() }} as identifier_changes
        where identifier_changes.change_seq > {{ last_batch_read('identifier_changes') }}
    )
{% endmacro %}

{% macro follow_customers() %}
    {% if is_incremental() %}
        update {{ this }} as fact
        set customer_id = resolved.customer_id
        from (
            select
                changed.identifier_id,
                customer_identifiers.customer_id
            from {{ changed_identifiers() }} as changed
            left join {{ source('identity', 'customer_identifiers') }} as customer_identifiers
                on changed.identifier_id = customer_identifiers.identifier_id
        ) as resolved
        where
            fact.identifier_id = resolved.identifier_id
            and fact.customer_id is distinct from resolved.customer_id
    {% else %}
        select 1
    {% endif %}
{% endmacro %}

{% macro record_customers() %}
    insert into {{ ops_relation('model_batches') }} (model, upstream, batch_seq)
    select
        '{{ this.identifier }}',
        'identifier_changes',
        coalesce(max(identifier_changes.change_seq), 0)
    from {{ identity_changes() }} as identifier_changes
{% endmacro %}
