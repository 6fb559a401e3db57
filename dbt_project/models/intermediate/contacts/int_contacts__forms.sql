{#- A form that was sent in is a contact that the person made, whichever vendor's form it is. -#}

with submissions as (
    select * from {{ ref('int_forms__unioned') }}
),

final as (
    select
        {{ text_key(["'form'", 'platform', 'submission_id']) }} as contact_id,
        platform,
        'form_submitted' as contact_type,
        'gated_content' as channel_group,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        form_id as content_id,
        cast(null as {{ dbt.type_string() }}) as coupon_code,
        cast(null as {{ dbt.type_string() }}) as order_id,
        identifier_type,
        identifier_value,
        submitted_at as occurred_at,
        cast(null as bigint) as duration_seconds,
        false as is_deleted,
        load_id
    from submissions
)

select * from final
