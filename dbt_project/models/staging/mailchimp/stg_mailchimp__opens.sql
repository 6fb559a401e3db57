{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='open_id_mailchimp',
    post_hook="{{ mark_processed(['mailchimp.open_details']) }}",
) }}

{#
    A pull tells what was done since its window began, so a later version of a recipient's row does
    not replace an earlier one: all versions together are what is known. Nothing in an answer names
    an event; equal ones of one recipient are told apart by their number.
#}

{%- set is_new = 'true' -%}
{%- if is_incremental() -%}
    {%- set is_new = 'base.load_id in ' ~ unprocessed_loads(['mailchimp.open_details']) -%}
{%- endif %}

with

source as (
    select * from {{ accepted_rows(ref('base_mailchimp__open_details'), is_new) }} as told
),

listed as (
    select
        campaign_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        email,
        load_id,
        pulled_at,
        page_index,
        row_index,
        unnest(opens) as said,
        generate_subscripts(opens, 1) as place
    from source
),

flat as (
    select
        campaign_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        email,
        said.occurred_at as occurred_at,
        said.is_proxy_open as is_proxy_open,
        load_id,
        pulled_at,
        page_index,
        row_index,
        place
    from listed
),

numbered as (
    select
        flat.*,
        row_number() over (
            partition by load_id, page_index, row_index, occurred_at
            order by place
        ) as repetition
    from flat
),

keyed as (
    select
        numbered.*,
        {{ text_key([
            'campaign_id_mailchimp',
            'member_id_mailchimp',
            'cast(occurred_at as varchar)',
            'cast(repetition as varchar)',
        ]) }} as open_id_mailchimp
    from numbered
),

ranked as (
    select
        keyed.*,
        row_number() over (
            partition by open_id_mailchimp order by {{ version_order() }}
        ) as pull_number
    from keyed
),

renamed as (
    select
        open_id_mailchimp,
        campaign_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        email,
        occurred_at,
        is_proxy_open,
        load_id,
        pulled_at
    from ranked
    where
        pull_number = 1
        {%- if is_incremental() %}
        -- What an earlier load told stays that load's, so that nobody reads it again.
        and open_id_mailchimp not in (select known.open_id_mailchimp from {{ this }} as known)
        {%- endif %}
)

select * from renamed
