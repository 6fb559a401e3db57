"""HubSpot's older endpoints as its public reference pages describe them, in OpenAPI's words.

Belongs here: names, types, limits and what is required, each with the page that says so. Does not
belong here: the newer endpoints, whose description is the SDK (hubspot).

The SDK has neither calls nor models for these endpoints, so the pages are all there is. What a page
leaves out and the server sends is in the overlay.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation

REFERENCE = "https://developers.hubspot.com/docs/api-reference/legacy/"
PAGES = {
    # get-form-integrations-v1-submissions-forms-form_guid
    "GET /form-integrations/v1/submissions/forms/{form}": "marketing/forms/v1",
    # get-email-public-v1-campaigns and get-email-public-v1-campaigns-campaign_id
    "GET /email/public/v1/campaigns": "reporting/email-analytics/campaigns",
    "GET /email/public/v1/campaigns/{campaign}": "reporting/email-analytics/campaigns",
    # get-email-public-v1-events
    "GET /email/public/v1/events": "reporting/email-analytics/events",
}
ROWS = {"form_submissions": "Submission", "email_campaigns": "Campaign", "email_events": "Event"}
TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
# Milliseconds since 1970: seconds would be too small.
MOMENT: dict[str, Any] = {"type": "integer", "minimum": 10**12}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _rows(name: str) -> dict[str, Any]:
    return _list({"$ref": f"#/components/schemas/{name}"})


def _get(answer: dict[str, Any], path: str = "", **query: Any) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "schema": each} for name, each in query.items()]
    if path:
        schema = WHOLE if path == "campaign_id" else TEXT
        parameters.append({"name": path, "in": "path", "required": True, "schema": schema})
    content = {"application/json": {"schema": answer}}
    responses = {"200": {"description": "as asked", "content": content}}
    return {"get": {"parameters": parameters, "responses": responses}}


EVENT_ID = _object("id created", id=TEXT, created=MOMENT)
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.0",
    "security": [{"oauth2": ["content", "forms"]}],
    "paths": {
        "/form-integrations/v1/submissions/forms/{form_guid}": _get(
            _object(
                "results",
                results=_rows("Submission"),
                paging=_object(next=_object("after", after=TEXT, link=TEXT)),
            ),
            "form_guid",
            limit=WHOLE | {"minimum": 1, "maximum": 50},
            after=TEXT,
        ),
        "/email/public/v1/campaigns": _get(
            _object(
                "campaigns hasMore offset",
                campaigns=_rows("Recent"),
                hasMore=FLAG,
                offset=TEXT,
            ),
            limit=WHOLE,
            offset=TEXT,
        ),
        "/email/public/v1/campaigns/{campaign_id}": _get(
            {"$ref": "#/components/schemas/Campaign"}, "campaign_id"
        ),
        "/email/public/v1/events": _get(
            _object("events hasMore offset", events=_rows("Event"), hasMore=FLAG, offset=TEXT),
            appId=WHOLE,
            campaignId=WHOLE,
            recipient=TEXT,
            eventType=TEXT,
            startTimestamp=MOMENT,
            endTimestamp=MOMENT,
            offset=TEXT,
            limit=WHOLE | {"minimum": 1, "maximum": 1000},
            excludeFilteredEvents=FLAG,
        ),
    },
    "components": {
        "securitySchemes": {"oauth2": {"type": "oauth2"}},
        "schemas": {
            "Submission": _object(
                "conversionId submittedAt values",
                conversionId=TEXT,
                submittedAt=MOMENT,
                values=_list(_object("name value", name=TEXT, value=TEXT)),
                pageUrl=TEXT,
            ),
            "Recent": _object(
                "id appId appName lastUpdatedTime",
                id=WHOLE,
                appId=WHOLE,
                appName=TEXT,
                lastUpdatedTime=MOMENT,
            ),
            "Campaign": _object(
                "appId appName contentId counters id name numIncluded numQueued subType subject"
                " type",
                appId=WHOLE,
                appName=TEXT,
                contentId=WHOLE,
                counters=_object(delivered=WHOLE, open=WHOLE, processed=WHOLE, sent=WHOLE),
                id=WHOLE,
                name=TEXT,
                numIncluded=WHOLE,
                numQueued=WHOLE,
                subType=TEXT,
                subject=TEXT,
                type=TEXT,
            ),
            "Event": _object(
                "appId appName created emailCampaignId id portalId recipient type",
                appId=WHOLE,
                appName=TEXT,
                created=MOMENT,
                emailCampaignId=WHOLE,
                id=TEXT,
                portalId=WHOLE,
                recipient=TEXT,
                type=TEXT,
                browser={"type": "object"},
                hmid=TEXT,
                location={"type": "object"},
                response=TEXT,
                sentBy=EVENT_ID,
                sendId=TEXT,
                smtpId=TEXT,
                subject=TEXT,
                userAgent=TEXT,
            ),
        },
    },
}
_OVERVIEW = "https://legacydocs.hubspot.com/docs/methods/email/email_events_overview: "
OVERLAY = (
    Deviation(
        "/components/schemas/Event/properties",
        {"obsoletedBy": EVENT_ID, "causedBy": EVENT_ID},
        _OVERVIEW + "of every type of event",
    ),
    Deviation(
        "/components/schemas/Event/properties",
        {
            "url": TEXT,
            "filteredEvent": FLAG,
            "category": TEXT,
            "dropReason": TEXT,
            "portalSubscriptionStatus": TEXT,
            "source": TEXT,
        },
        _OVERVIEW + "members of clicks, opens, bounces, drops and changes of status",
    ),
    Deviation(
        "/components/schemas/Event/properties/type",
        {
            "enum": [
                *("SENT", "DROPPED", "PROCESSED", "DELIVERED", "DEFERRED", "BOUNCE", "OPEN"),
                *("CLICK", "PRINT", "FORWARD", "STATUSCHANGE", "SPAMREPORT", "SUPPRESSED"),
                "UNBOUNCE",
            ]
        },
        _OVERVIEW + "types of events",
    ),
    Deviation(
        "/components/schemas/Campaign/properties/counters/properties",
        dict.fromkeys(("bounce", "click", "dropped", "spamreport", "statuschange"), WHOLE),
        "airbytehq/airbyte source-hubspot, stream campaigns: counters",
    ),
    Deviation(
        "/components/schemas/Campaign/properties",
        {
            "processingState": TEXT,
            "lastProcessingStartedAt": MOMENT,
            "lastProcessingFinishedAt": MOMENT,
        },
        "airbytehq/airbyte source-hubspot, stream campaigns: state and times of processing",
    ),
)


@cache
def description() -> Description:
    """The reference with what the server is known to send besides."""
    return Description(DOCUMENT, overlay=OVERLAY)
