with unioned as (
    select * from {{ ref('int_forms__hubspot') }}
),

final as (
    select
        platform,
        submission_id,
        form_id,
        coalesce(form_name, form_id) as form_name,
        email,
        cookie_type,
        cookie_value,
        -- By what is surest of who it was.
        case when email is not null then 'email' else cookie_type end as identifier_type,
        coalesce(email, cookie_value) as identifier_value,
        page_url,
        submitted_at,
        load_id
    from unioned
)

select * from final
