with events as (
    select * from {{ ref('stg_snowplow__events') }}
),

final as (
    select
        event_id,
        domain_user_id as visitor_id,
        {{ normalise_user_id('user_id_snowplow') }} as user_id,
        event_name as event_type,
        occurred_at,
        collected_at,
        page_url,
        page_url_path,
        page_referrer,
        lower(referrer_medium) as referrer_medium,
        lower(utm_source) as utm_source,
        lower(utm_medium) as utm_medium,
        utm_campaign,
        utm_content,
        click_id,
        lower(click_network) as click_network,
        transaction_id,
        user_agent,
        browser_family,
        os_family,
        device_type,
        country_code,
        city,
        load_id
    from events
)

select * from final
