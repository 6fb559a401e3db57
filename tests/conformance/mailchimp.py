"""Mailchimp against its OpenAPI file and its own SDK."""

from __future__ import annotations

import importlib
import re
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation, Exchange, Proofs, load

_REPORT = "/reports/x"
# Stream → the path of its answers below the version, and the key of their rows.
ANSWERS = {
    "lists": ("/lists", "lists"),
    "members": ("/lists/x/members", "members"),
    "campaigns": ("/campaigns", "campaigns"),
    "reports": ("/reports", "reports"),
    "sent_to": (f"{_REPORT}/sent-to", "sent_to"),
    "email_activity": (f"{_REPORT}/email-activity", "emails"),
    "open_details": (f"{_REPORT}/open-details", "members"),
    "unsubscribed": (f"{_REPORT}/unsubscribed", "unsubscribes"),
    "abuse_reports": (f"{_REPORT}/abuse-reports", "abuse_reports"),
}
# The SDK's call for each path; the ids in a path are its arguments.
CALLS = {
    "/3.0/lists": "lists.get_all_lists",
    "/3.0/lists/(.+)/members": "lists.get_list_members_info",
    "/3.0/campaigns": "campaigns.list",
    "/3.0/reports": "reports.get_all_campaign_reports",
    "/3.0/reports/(.+)/sent-to": "reports.get_campaign_recipients",
    "/3.0/reports/(.+)/email-activity": "reports.get_email_activity_for_campaign",
    "/3.0/reports/(.+)/open-details": "reports.get_campaign_open_details",
    "/3.0/reports/(.+)/unsubscribed": "reports.get_unsubscribed_list_for_campaign",
    "/3.0/reports/(.+)/abuse-reports": "reports.get_campaign_abuse_reports",
}
# What has not happened is an empty text, where the file promises a time.
_RECORDED = "answers of the API that clients keep as test data: "
OVERLAY = (
    Deviation(
        "/components/schemas/ListMembers4/properties/timestamp_signup",
        {"format": None},
        _RECORDED + '"timestamp_signup": "" beside a filled timestamp_opt',
    ),
    Deviation(
        "/components/schemas/ListMembers4/properties/merge_fields/additionalProperties",
        {"type": None},
        "the file's own words for it: the values are the values of the merge fields, of which most"
        " are texts; https://mailchimp.com/developer/marketing/docs/merge-fields/#structure",
    ),
    Deviation(
        "/components/schemas/Campaign4/properties/send_time",
        {"format": None},
        _RECORDED + '"status":"save" with "send_time":""',
    ),
)


@cache
def description() -> Description:
    return Description(load("mailchimp/mailchimp-marketing-3.0.85-openapi3.json"), overlay=OVERLAY)


def paths(stream: str, path: str) -> list[str]:
    answer, rows = ANSWERS[stream]
    return description().reads(description().answer("GET", answer), f"{rows}[0].{path}")


def _call_of(path: str) -> tuple[str, tuple[str, ...]]:
    """The SDK's call for a path, and the ids in it."""
    for pattern, call in CALLS.items():
        if match := re.fullmatch(pattern, path):
            return call, match.groups()
    raise KeyError(f"the SDK has no call for {path}")


def sdk(exchange: Exchange) -> list[str]:
    """The SDK asks the same and returns the answer as it came."""
    call, ids = _call_of(exchange.path)
    asked: dict[str, Any] = {}
    answer = _call(call, ids, exchange, asked)
    problems = [] if answer == exchange.json else ["the SDK reads another answer"]
    if asked["path"] != exchange.path:
        problems.append(f"the SDK asks {asked['path']}")
    if asked["query"] != dict(exchange.query):
        problems.append(f"the SDK asks with {asked['query']}")
    if asked["user"] is None:
        problems.append("the SDK sends no credential by Basic")
    elif not (exchange.header("Authorization") or "").startswith("Basic "):
        problems.append("the SDK sends its key by Basic, and we do not")
    return problems


def _call(call: str, ids: tuple[str, ...], exchange: Exchange, asked: dict[str, Any]) -> Any:
    """Let the SDK ask the question, without a network; `asked` takes up what it would send."""
    sdk_of_the_vendor = importlib.import_module("mailchimp_marketing")
    client = sdk_of_the_vendor.Client({"api_key": "0123456789abcdef-us1"})

    def request(
        method: str, url: str, query_params: Any = None, headers: Any = None, body: Any = None
    ) -> Any:
        asked["path"] = urlsplit(url).path
        asked["query"] = {name: str(value) for name, value in query_params or []}
        asked["user"] = "user" if client.api_client.is_basic_auth else None
        return SimpleNamespace(
            ok=True, headers={"content-type": "application/json"}, json=lambda: exchange.json
        )

    client.api_client.request = request
    typed: dict[str, Any] = dict(exchange.query)
    for name in ("count", "offset"):
        if name in typed:
            typed[name] = int(typed[name])
    if "fields" in typed:
        typed["fields"] = typed["fields"].split(",")
    group, _, name = call.partition(".")
    return getattr(getattr(client, group), name)(*ids, **typed)


def _endpoint(pattern: str) -> str:
    """A path of CALLS as the table has it."""
    return "GET " + pattern.replace("(.+)", "{list}" if "/lists/" in pattern else "{campaign}")


PROOFS = Proofs(
    request=lambda exchange: description().request(exchange),
    response=lambda exchange: description().response(exchange),
    paths=paths,
    sdk=sdk,
    sources={
        "request": "OpenAPI 3.0.85",
        "response": "OpenAPI 3.0.85",
        "paths": "OpenAPI 3.0.85",
        "sdk": "mailchimp-marketing 3.0.80",
    },
    calls={_endpoint(pattern): call for pattern, call in CALLS.items()},
    overlay=OVERLAY,
)
