"""HubSpot's rows, made of the truth: contacts, forms, submissions, e-mails and their events.

Belongs here: SQL from truth tables to JSON. Does not belong here: how they are asked for
(hubspot.py). Shapes follow the models of the vendor's own SDK and its API reference.
"""

from __future__ import annotations

import duckdb

from sandbox.world import World

PORTAL = 8675309
_ISO = "'%Y-%m-%dT%H:%M:%S.%gZ'"

_PROPERTIES = f"""{{
    email: email,
    phone: phone,
    mobilephone: null,
    firstname: first_name,
    lastname: last_name,
    address: null,
    city: city,
    state: region,
    zip: postal_code,
    hs_country_region_code: 'US',
    twitterhandle: social_handle,
    lifecyclestage: if(is_later, 'customer', 'subscriber'),
    hs_email_optout: null,
    hs_object_id: contact_id,
    createdate: strftime(created_at, {_ISO}),
    lastmodifieddate: strftime(said_at, {_ISO})
}}"""
_CONTACTS = f"""
    with version as (
        select * replace (null::varchar as phone), false as is_later, updated_at as said_at,
            coalesce(changed_at, archived_at) as superseded_at,
        from hubspot_contact
        union all by name
        select *, true as is_later, changed_at as said_at, null::timestamp as superseded_at,
        from hubspot_contact
        where changed_at is not null
    )

    select
        date_trunc('millisecond', said_at) as sort_at,
        said_at as known_at,
        superseded_at,
        contact_id as key,
        null as tag,
        to_json({{
            id: contact_id,
            properties: {_PROPERTIES},
            createdAt: strftime(created_at, {_ISO}),
            updatedAt: strftime(said_at, {_ISO}),
            archived: false
        }})::varchar as body
    from version
"""
_ARCHIVED = f"""
    with version as (
        select * replace (null::varchar as phone), false as is_later, archived_at as said_at,
        from hubspot_contact
        where archived_at is not null
    )

    select
        date_trunc('millisecond', archived_at) as sort_at,
        archived_at as known_at,
        null::timestamp as superseded_at,
        contact_id as key,
        null as tag,
        to_json({{
            id: contact_id,
            properties: {_PROPERTIES},
            createdAt: strftime(created_at, {_ISO}),
            updatedAt: strftime(said_at, {_ISO}),
            archived: true,
            archivedAt: strftime(archived_at, {_ISO})
        }})::varchar as body
    from version
"""

_FORMS = f"""
    with version as (
        select *, false as is_archived, archived_at as superseded_at, created_at as said_at,
        from hubspot_form
        union all by name
        select *, true as is_archived, null::timestamp as superseded_at, archived_at as said_at,
        from hubspot_form where archived_at is not null
    )

    select
        created_at as sort_at,
        greatest(said_at, moment(0, 0)) as known_at,
        superseded_at,
        form_id as key,
        if(is_archived, 'archived', 'active') as tag,
        to_json({{
            id: form_id,
            formType: 'hubspot',
            name: form_name,
            createdAt: strftime(created_at, {_ISO}),
            updatedAt: strftime(said_at, {_ISO}),
            archived: is_archived,
            fieldGroups: [{{
                groupType: 'default_group',
                richTextType: 'text',
                fields: [{{
                    objectTypeId: '0-1', name: 'email', label: 'E-mail', required: true,
                    hidden: false, fieldType: 'email', dependentFields: []::varchar[],
                    validation: {{
                        blockedEmailDomains: []::varchar[], useDefaultBlockList: false
                    }}
                }}]
            }}],
            configuration: {{
                language: 'en', cloneable: true, editable: true, archivable: true,
                recaptchaEnabled: false, notifyContactOwner: false, notifyRecipients: [],
                createNewContactForNewEmail: false, prePopulateKnownValues: true,
                allowLinkToResetKnownValues: false,
                postSubmitAction: {{
                    type: 'redirect_url', value: 'https://shop.example.com/' || page
                }}
            }},
            displayOptions: {{
                renderRawHtml: false, theme: 'default_style', submitButtonText: 'Show me',
                style: {{
                    fontFamily: 'arial, helvetica, sans-serif', backgroundWidth: '100%',
                    labelTextColor: '#33475b', labelTextSize: '14px', helpTextColor: '#7C98B6',
                    helpTextSize: '11px', legalConsentTextColor: '#33475b',
                    legalConsentTextSize: '14px', submitColor: '#ff7a59',
                    submitAlignment: 'left', submitFontColor: '#ffffff', submitSize: '12px'
                }}
            }},
            legalConsentOptions: {{type: 'none'}}
        }})::varchar as body
    from version
"""

# A hidden field that a form lacks is not among its values.
_SUBMISSIONS = """
    select
        submitted_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        submission_id as key,
        form_id as tag,
        to_json({
            conversionId: submission_id,
            submittedAt: epoch_ms(submitted_at),
            values: list_filter([
                {name: 'email', value: email_as_typed},
                {name: 'firstname', value: first_name},
                {name: 'hubspotutk', value: hubspot_cookie}
            ], lambda field: field.value is not null),
            pageUrl: page_url
        })::varchar as body
    from hubspot_submission
"""

_EMAILS = f"""
    with version as (
        select *, 'SCHEDULED' as state, known_at as said_at, sent_at as superseded_at,
        from hubspot_mailing
        union all by name
        select *, 'PUBLISHED' as state, sent_at as said_at, null::timestamp as superseded_at,
        from hubspot_mailing
    )

    select
        date_trunc('millisecond', said_at) as sort_at,
        said_at as known_at,
        superseded_at,
        email_id as key,
        'active' as tag,
        to_json({{
            id: email_id,
            name: email_name,
            subject: subject,
            state: state,
            type: 'BATCH_EMAIL',
            subcategory: 'batch',
            isPublished: state = 'PUBLISHED',
            isTransactional: false,
            archived: false,
            sendOnPublish: true,
            language: 'en',
            createdAt: strftime(created_at, {_ISO}),
            updatedAt: strftime(said_at, {_ISO}),
            publishDate: strftime(sent_at, {_ISO}),
            campaign: null,
            campaignName: null,
            content: {{plainTextVersion: subject}},
            "from": {{fromName: 'The Shop', replyTo: 'hello@shop.example.com'}},
            "to": {{suppressGraymail: true}}
        }})::varchar as body
    from version
"""
_CAMPAIGNS = """
    select
        sent_at as sort_at,
        sent_at as known_at,
        null::timestamp as superseded_at,
        email_campaign_id as key,
        email_campaign_id as tag,
        to_json({
            id: email_campaign_id::bigint,
            appId: 113,
            appName: 'Batch',
            contentId: email_id::bigint,
            name: email_name,
            subject: subject,
            type: 'BATCH_EMAIL',
            subType: '',
            numQueued: 0,
            processingState: 'DONE',
            lastProcessingStartedAt: epoch_ms(sent_at),
            lastProcessingFinishedAt: epoch_ms(sent_at)
        })::varchar as body
    from hubspot_mailing
"""

# What an event has beside the usual depends on its type; null members are left out.
_EVENTS = f"""
    select
        occurred_at as sort_at,
        known_at,
        null::timestamp as superseded_at,
        event_id as key,
        email_campaign_id as tag,
        regexp_replace(to_json({{
            id: event_id,
            created: epoch_ms(occurred_at),
            type: event_type,
            recipient: email,
            portalId: {PORTAL},
            appId: 113,
            appName: 'Batch',
            emailCampaignId: email_campaign_id::bigint,
            subject: if(event_type = 'SENT', subject, null),
            dropReason: if(event_type = 'DROPPED', 'PREVIOUSLY_BOUNCED', null),
            category: if(event_type = 'BOUNCE', 'UNKNOWN_USER', null),
            response: if(event_type = 'BOUNCE', '550 5.1.1 no such user', null),
            url: if(
                event_type = 'CLICK',
                'https://shop.example.com/stories/workshop?utm_source=hubspot&utm_medium=email',
                null
            ),
            filteredEvent: if(event_type in ('OPEN', 'CLICK'), is_filtered, null),
            portalSubscriptionStatus: if(event_type = 'STATUSCHANGE', 'UNSUBSCRIBED', null),
            source: if(event_type = 'STATUSCHANGE', 'SOURCE_RECIPIENT', null),
            sentBy: if(event_type = 'SENT', null, {{
                id: as_uuid(token('letter event', message_key, 'SENT0')),
                created: epoch_ms(sent_at)
            }}),
            hmid: message_key
        }})::varchar, '"\\w+":null,', '', 'g') as body
    from hubspot_event
    where occurred_at >= $day_start and occurred_at < $day_end
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write HubSpot's streams."""
    world.write_rows(con, "hubspot", "contacts", _CONTACTS)
    world.write_rows(con, "hubspot", "archived_contacts", _ARCHIVED)
    world.write_rows(con, "hubspot", "forms", _FORMS)
    world.write_rows(con, "hubspot", "form_submissions", _SUBMISSIONS)
    world.write_rows(con, "hubspot", "marketing_emails", _EMAILS)
    world.write_rows(con, "hubspot", "email_campaigns", _CAMPAIGNS)
    world.write_rows(con, "hubspot", "email_events", _EVENTS, daily=True)
