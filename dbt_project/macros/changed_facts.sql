{#
    Which rows of a fact are to be made anew: the same condition deletes the old ones, in the
    model's pre-hook, and selects the new ones.
#}

{% macro changed_orders() %}
    (
        select changed.order_id
        from {{ ref('int_orders__unioned') }} as changed
        where
            changed.load_id in {{ new_loads() }}
            or changed.web_transaction_id in (
                select web_transactions.transaction_id
                from {{ ref('int_web__transactions') }} as web_transactions
                where web_transactions.batch_seq > {{ last_batch_read('int_web__transactions') }}
            )
    )
{% endmacro %}

{% macro changed_rows(model, key) %}
    (
        select changed.{{ key }}
        from {{ ref(model) }} as changed
        where changed.batch_seq > {{ last_batch_read(model) }}
    )
{% endmacro %}

{% macro newly_loaded_rows(model, key) %}
    (
        select changed.{{ key }}
        from {{ ref(model) }} as changed
        where changed.load_id in {{ new_loads() }}
    )
{% endmacro %}

{% macro settle_ad_days() %}
    {#-
        A day is settled once its platform's accepted pulls end more than the restatement window
        after it: nobody asks for that day again.
    -#}
    update {{ this }} as ad_performance
    set is_settled = true
    from (
        select
            restatement_windows.platform,
            {{ dbt.dateadd(
                'day',
                '-1 * max(restatement_windows.restatement_days)',
                'cast(max(loads.window_end) as date)'
            ) }} as settled_before
        from {{ ref('restatement_windows') }} as restatement_windows
        inner join {{ source('ops', 'loads') }} as loads
            on restatement_windows.platform = loads.vendor
        where
            loads.stream = 'ad_performance'
            and loads.status = 'accepted'
        group by restatement_windows.platform
    ) as boundaries
    where
        ad_performance.platform = boundaries.platform
        and not ad_performance.is_settled
        and ad_performance.report_date < boundaries.settled_before
{% endmacro %}

{% macro changed_engagements() %}
    {#- Where engaged touches are now that came, changed or went, and where they were before. -#}
    (
        select
            changed.identifier_id,
            changed.occurred_at
        from {{ ref('int_touchpoints') }} as changed
        where
            changed.batch_seq > {{ last_batch_read('int_touchpoints') }}
            and changed.touch_class = 'engaged'
        union
        select
            changed.previous_identifier_id,
            changed.previous_occurred_at
        from {{ ref('int_touchpoints') }} as changed
        where
            changed.batch_seq > {{ last_batch_read('int_touchpoints') }}
            and changed.previous_identifier_id is not null
    )
{% endmacro %}

{% macro changed_conversions() %}
    {#-
        Orders whose path may be another one now: the changed orders themselves, those that a new,
        changed or withdrawn touch of the same customer could have led to, and those of customers
        who were merged or parted. What is given back follows what was bought.
    -#}
    (
        select changed.order_id from (
            select order_id from {{ changed_orders() }} as changed_orders
            union
            select orders.order_id
            from {{ ref('fct_order') }} as orders
            inner join {{ source('identity', 'customer_identifiers') }} as customer_identifiers
                on orders.customer_id = customer_identifiers.customer_id
            inner join {{ changed_engagements() }} as touchpoints
                on customer_identifiers.identifier_id = touchpoints.identifier_id
            where
                orders.ordered_at >= touchpoints.occurred_at
                and orders.ordered_at <= {{ dbt.dateadd(
                    'day', var('attribution_lookback_days'), 'touchpoints.occurred_at'
                ) }}
            union
            select orders.order_id
            from {{ ref('fct_order') }} as orders
            inner join {{ identity_changes() }} as identifier_changes
                on
                    orders.customer_id = identifier_changes.customer_id
                    or orders.customer_id = identifier_changes.previous_customer_id
            where identifier_changes.change_seq > {{ last_batch_read('identifier_changes') }}
        ) as changed
        union
        select refunds.order_id
        from {{ ref('fct_order') }} as refunds
        inner join {{ changed_orders() }} as changed_sources
            on refunds.source_order_id = changed_sources.order_id
    )
{% endmacro %}
