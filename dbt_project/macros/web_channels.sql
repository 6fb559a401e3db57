{% macro is_bot_agent(user_agent) %}
    {#- Robots that say what they are. The others show by their number of events. -#}
    (
        lower(coalesce({{ user_agent }}, '')) like '%bot%'
        or lower(coalesce({{ user_agent }}, '')) like '%crawl%'
        or lower(coalesce({{ user_agent }}, '')) like '%spider%'
        or lower(coalesce({{ user_agent }}, '')) like '%headless%'
    )
{% endmacro %}

{% macro visit_channel(visits) %}
    {#-
        The channel of a visit, by the first that answers: the advertised campaign it names, its
        UTM values, the network of its click id, its referrer. UTM values that no rule knows are
        unassigned even when a referrer is there: they were set by someone, and want a rule.
    -#}
    select
        visits.*,
        case
            when campaigns.channel is not null then campaigns.channel
            when visits.utm_source is not null or visits.utm_medium is not null
                then coalesce(utm_exact.channel, utm_medium_only.channel, 'unassigned')
            when visits.click_id is not null
                then coalesce(network_exact.channel, network_any.channel)
            when visits.referrer_medium is not null
                then coalesce(referrer_exact.channel, referrer_any.channel)
            else 'direct_web'
        end as channel
    from {{ visits }} as visits
    left join {{ ref('int_campaigns__unioned') }} as campaigns
        on visits.utm_campaign = campaigns.campaign_id
    left join {{ ref('channel_rules') }} as utm_exact
        on
            utm_exact.rule_type = 'utm'
            and visits.utm_source = utm_exact.match_value
            and visits.utm_medium = utm_exact.match_detail
    left join {{ ref('channel_rules') }} as utm_medium_only
        on
            utm_medium_only.rule_type = 'utm'
            and utm_medium_only.match_value = '*'
            and visits.utm_medium = utm_medium_only.match_detail
    left join {{ ref('channel_rules') }} as network_exact
        on
            network_exact.rule_type = 'click_network'
            and visits.click_network = network_exact.match_value
    left join {{ ref('channel_rules') }} as network_any
        on
            network_any.rule_type = 'click_network'
            and network_any.match_value = '*'
    left join {{ ref('channel_rules') }} as referrer_exact
        on
            referrer_exact.rule_type = 'referrer'
            and visits.referrer_medium = referrer_exact.match_value
    left join {{ ref('channel_rules') }} as referrer_any
        on
            referrer_any.rule_type = 'referrer'
            and referrer_any.match_value = '*'
{% endmacro %}

{% macro seconds_between(earlier, later) %}
    {#- With fractions: dbt.datediff counts boundaries and drops them. -#}
    {{ return(adapter.dispatch('seconds_between', 'throughline')(earlier, later)) }}
{% endmacro %}

{% macro default__seconds_between(earlier, later) %}
    (epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000.0
{% endmacro %}

{% macro spark__seconds_between(earlier, later) %}
    (unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1000000.0
{% endmacro %}
