with submissions as (
    select * from {{ ref('stg_hubspot__form_submissions') }}
),

forms as (
    select * from {{ ref('stg_hubspot__forms') }}
),

final as (
    select
        'hubspot' as platform,
        submissions.submission_id_hubspot as submission_id,
        submissions.form_id_hubspot as form_id,
        forms.form_name,
        {{ normalise_email('submissions.email') }} as email,
        case when submissions.hubspot_cookie is not null then 'cookie_hubspot' end as cookie_type,
        submissions.hubspot_cookie as cookie_value,
        submissions.page_url,
        submissions.submitted_at,
        submissions.load_id
    from submissions
    left join forms on submissions.form_id_hubspot = forms.form_id_hubspot
)

select * from final
