{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='sighting_id',
    on_schema_change='fail',
    post_hook=[
        "{{ mark_new_loads() }}",
        "{{ record_batch() }}",
        "{{ record_read(['int_messages__events', 'int_web__transactions']) }}",
    ],
) }}

{#
    What events show of who is who, one row per identifier or pair of identifiers. Events do not
    change, so first and last sight of what is known and of what is new give those of both.
#}

with web_events as (
    select * from {{ ref('int_web__events_unioned') }}
    where
        visitor_id is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

message_events as (
    select * from {{ ref('int_messages__events') }}
    {% if is_incremental() %}
        where batch_seq > {{ last_batch_read('int_messages__events') }}
    {% endif %}
),

orders as (
    select * from {{ ref('int_orders__unioned') }} where identifier_type is not null
),

-- A survey's link may say more than one thing of who answers.
surveys as (
    select
        platform,
        email,
        {{ sha256_hex('email') }} as email_sha256,
        visitor_id,
        submitted_at
    from {{ ref('int_surveys__unioned') }}
    where
        email is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

contacts as (
    select * from {{ ref('int_contacts__unioned') }}
    where
        identifier_type is not null
        and not is_deleted
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

form_submissions as (
    select * from {{ ref('int_forms__unioned') }}
    where
        identifier_type is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

payments as (
    select * from {{ ref('int_payments__unioned') }}
    where
        identifier_type is not null
        and card_fingerprint is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

web_transactions as (
    select * from {{ ref('int_web__transactions') }}
),

sightings as (
    select
        'web' as source,
        'cookie' as left_type,
        visitor_id as left_value,
        cast(null as {{ dbt.type_string() }}) as right_type,
        cast(null as {{ dbt.type_string() }}) as right_value,
        occurred_at
    from web_events
    union all
    select
        'web',
        'cookie',
        visitor_id,
        {{ web_person_type('user_id') }},
        user_id,
        occurred_at
    from web_events
    where user_id is not null
    union all
    -- An id of a click is its network's: two networks may give out the same.
    select
        'web',
        'cookie',
        visitor_id,
        'click_id',
        {{ dbt.concat(["coalesce(click_network, 'unknown')", "':'", 'click_id']) }},
        occurred_at
    from web_events
    where click_id is not null
    union all
    select channel, identifier_type, identifier_value, null, null, occurred_at
    from message_events
    union all
    select order_source, identifier_type, identifier_value, null, null, ordered_at
    from orders
    {% if is_incremental() %}
        where load_id in {{ new_loads() }}
    {% endif %}
    union all
    select platform, identifier_type, identifier_value, null, null, occurred_at
    from contacts
    union all
    select platform, 'email', email, 'email_sha256', email_sha256, submitted_at
    from surveys
    union all
    select platform, 'cookie', visitor_id, 'email_sha256', email_sha256, submitted_at
    from surveys
    where visitor_id is not null
    union all
    -- Whose card it is only households ask; a till purchase with nothing else stays nobody's.
    select
        payment_source,
        identifier_type,
        identifier_value,
        'card_fingerprint',
        card_fingerprint,
        paid_at
    from payments
    union all
    select platform, identifier_type, identifier_value, null, null, submitted_at
    from form_submissions
    union all
    select platform, cookie_type, cookie_value, 'email', email, submitted_at
    from form_submissions
    where cookie_value is not null and email is not null
    union all
    select
        'web_order',
        'cookie',
        web_transactions.visitor_id,
        orders.identifier_type,
        orders.identifier_value,
        orders.ordered_at
    from orders
    inner join web_transactions
        on orders.web_transaction_id = web_transactions.transaction_id
    {% if is_incremental() %}
        where
            orders.load_id in {{ new_loads() }}
            or web_transactions.batch_seq > {{ last_batch_read('int_web__transactions') }}
    {% endif %}
),

grouped as (
    select
        source,
        left_type,
        left_value,
        right_type,
        right_value,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from sightings
    group by source, left_type, left_value, right_type, right_value
),

keyed as (
    select
        {{ text_key(['source', 'left_type', 'left_value', 'right_type', 'right_value']) }}
            as sighting_id,
        grouped.*
    from grouped
),

final as (
    {% if is_incremental() %}
        select
            keyed.sighting_id,
            keyed.source,
            keyed.left_type,
            keyed.left_value,
            keyed.right_type,
            keyed.right_value,
            least(keyed.first_seen_at, coalesce(known.first_seen_at, keyed.first_seen_at))
                as first_seen_at,
            greatest(keyed.last_seen_at, coalesce(known.last_seen_at, keyed.last_seen_at))
                as last_seen_at,
            {{ next_batch() }} as batch_seq
        from keyed
        left join {{ this }} as known on keyed.sighting_id = known.sighting_id
    {% else %}
        select
            keyed.*,
            {{ next_batch() }} as batch_seq
        from keyed
    {% endif %}
)

select * from final
