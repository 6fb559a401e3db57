"""Meta Ads against Meta's own lists, and its own SDK."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun

from connectors.meta_ads import PER_ACCOUNT, PER_AD
from tests.conformance import meta_lists
from tests.conformance.proofs import Deviation, Exchange, Proofs

ROWS = {
    "accounts": "AdAccount",
    "campaigns": "Campaign",
    "ads": "Ad",
    "ad_performance": "AdsInsights",
    "account_performance": "AdsInsights",
}
# What a report was begun with is what its rows are of: its own edge takes no fields.
FIELDS = {"ad_performance": PER_AD["fields"], "account_performance": PER_ACCOUNT["fields"]}
OVERLAY = (
    Deviation(
        "AdReportRun.report_run_id",
        "string",
        "facebook_business 26, adobjects/helpers/adreportrunmixin.py: it takes the report's id"
        " from this key of the answer to POST insights",
    ),
    Deviation(
        "POST AdAccount/insights",
        "query",
        "https://developers.facebook.com/docs/graph-api/overview/#write: a POST's parameters may"
        " stand in the URL; the SDK sends them as a form",
    ),
)


def place(exchange: Exchange) -> tuple[type[Any], str]:
    """The SDK's class of the node that was asked, and the edge; empty for the node itself."""
    _, _, owner, *edge = exchange.path.split("/")
    return (AdAccount if owner.startswith("act_") else AdReportRun), "/".join(edge)


def request(exchange: Exchange) -> list[str]:
    node, edge = place(exchange)
    found = meta_lists.request(exchange, node.__name__, edge)
    status = dict(exchange.query).get("effective_status")
    if status is not None:
        # The lists have it as texts; which there are, the field of that name tells.
        kind = f"list<{ROWS[exchange.stream]}_effective_status>"
        found += meta_lists.value(kind, status)
    return found


def response(exchange: Exchange) -> list[str]:
    node, edge = place(exchange)
    if exchange.method == "POST":
        return _begun(exchange.json)
    row = ROWS[exchange.stream] if edge or node is AdAccount else node.__name__
    fields = FIELDS[exchange.stream] if node is AdReportRun and edge else None
    return meta_lists.response(exchange, row, page=edge != "", fields=fields)


def _begun(content: Any) -> list[str]:
    """A report that was begun is answered with its id alone."""
    (key,) = (each.place.partition(".")[2] for each in OVERLAY if "." in each.place)
    is_id = isinstance(content, dict) and isinstance(content.get(key), str)
    return [] if is_id and set(content) == {key} else [f"answer: {content!r} is no {key}"]


def sdk(exchange: Exchange) -> list[str]:
    node, edge = place(exchange)
    if exchange.method != "POST":
        return meta_lists.sdk(exchange, node, edge)
    with meta_lists.pointed_at(exchange, node) as (owner, replay):
        params = {key: meta_lists.decoded(text) for key, text in exchange.query}
        fields = params.pop("fields").split(",")
        read = owner.get_insights(fields=fields, params=params, is_async=True)
    # The same parameters, as a form; its list of fields is JSON.
    asked = replay.seen[0]
    replay.seen[0] = replace(asked, raw_query=asked.content.decode(), content=b"")
    without = meta_lists.SDK_ONLY | {"fields": "compared as lists"}
    found = meta_lists.differences(exchange, replay, without=without)
    theirs = meta_lists.decoded(dict(replay.seen[0].query).get("fields", ""))
    if theirs != fields:
        found.append(f"fields: ours are {fields}, the SDK's {theirs}")
    is_read = isinstance(read, AdReportRun) and read["id"] == exchange.json["report_run_id"]
    return found + ([] if is_read else ["the SDK reads another report"])


PROOFS = Proofs(
    request=request,
    response=response,
    paths=lambda stream, path: meta_lists.path(ROWS[stream], path),
    sdk=sdk,
    sources={
        "request": meta_lists.SOURCE,
        "response": meta_lists.SOURCE,
        "paths": meta_lists.SOURCE,
        "sdk": "facebook_business 26",
    },
    calls={
        "accounts": "AdAccount.api_get",
        "campaigns": "AdAccount.get_campaigns",
        "ads": "AdAccount.get_ads",
        "GET /v26.0/act_{account}/insights": "AdAccount.get_insights",
        "POST /v26.0/act_{account}/insights": "AdAccount.get_insights_async",
        "GET /v26.0/{run}": "AdReportRun.api_get",
        "GET /v26.0/{run}/insights": "AdReportRun.get_insights",
    },
    overlay=OVERLAY,
)
