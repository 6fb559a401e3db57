"""Meta Ads against Meta's own lists, and its own SDK."""

from __future__ import annotations

from facebook_business.adobjects.adaccount import AdAccount

from tests.conformance import meta_lists
from tests.conformance.proofs import Exchange, Proofs

ROWS = {
    "accounts": "AdAccount",
    "campaigns": "Campaign",
    "ads": "Ad",
    "ad_performance": "AdsInsights",
    "account_performance": "AdsInsights",
}


def edge(exchange: Exchange) -> str:
    """The account's edge that was asked; empty for the account itself."""
    return exchange.path.partition("/act_")[2].partition("/")[2]


def request(exchange: Exchange) -> list[str]:
    found = meta_lists.request(exchange, "AdAccount", edge(exchange))
    status = dict(exchange.query).get("effective_status")
    if status is not None:
        # The lists have it as texts; which there are, the field of that name tells.
        kind = f"list<{ROWS[exchange.stream]}_effective_status>"
        found += meta_lists.value(kind, status)
    return found


def response(exchange: Exchange) -> list[str]:
    row = ROWS[exchange.stream]
    return meta_lists.response(exchange, row, page=edge(exchange) != "")


PROOFS = Proofs(
    request=request,
    response=response,
    paths=lambda stream, path: meta_lists.path(ROWS[stream], path),
    sdk=lambda exchange: meta_lists.sdk(exchange, AdAccount, edge(exchange)),
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
        "ad_performance": "AdAccount.get_insights",
        "account_performance": "AdAccount.get_insights",
    },
)
