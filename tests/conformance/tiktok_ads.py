"""TikTok Ads against the vendor's OpenAPI files, and where it publishes none its SDK's documents.

TikTok's files describe the questions; of an answer they describe the envelope only. There is none
for `campaign/get` and `ad/get`: their parameters and fields stand in the documents of its SDK, and
are written down here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation, Exchange, Proofs, described_in

PREFIX = "/open_api/v1.3"
FILES = {
    "advertisers": ("advertiser_info.yml", "/advertiser/info/"),
    "ad_performance": ("report_integrated_get.yml", "/report/integrated/get/"),
    "account_performance": ("report_integrated_get.yml", "/report/integrated/get/"),
}
_SDK = "github.com/tiktok/tiktok-business-api-sdk, python_sdk/docs/"
_PORTAL = "business-api.tiktok.com/portal/docs, "
# Fields that `campaign/get` and `ad/get` take and return.
FIELDS = {
    "campaigns": {
        *("campaign_id", "campaign_name", "advertiser_id", "budget", "budget_mode", "status"),
        *("operation_status", "objective", "objective_type", "create_time", "modify_time"),
        *("is_new_structure", "campaign_app_profile_page_state", "special_industries"),
        "secondary_status",
    },
    "ads": {
        *("advertiser_id", "campaign_id", "campaign_name", "adgroup_id", "adgroup_name", "ad_id"),
        *("ad_name", "ad_format", "ad_text", "landing_page_url", "operation_status", "video_id"),
        *("secondary_status", "create_time", "modify_time", "is_new_structure", "call_to_action"),
    },
    "advertisers": {
        *("advertiser_id", "name", "company", "contacter", "country", "currency", "timezone"),
        *("display_timezone", "status", "role", "language", "balance", "industry", "create_time"),
    },
}
# Metrics of a basic report, by the levels that have them.
METRICS = {
    *("advertiser_name", "advertiser_id", "currency", "spend", "cpc", "cpm", "impressions"),
    *("gross_impressions", "clicks", "ctr", "reach", "cost_per_1000_reached", "frequency"),
    *("conversion", "cost_per_conversion", "complete_payment", "total_complete_payment_rate"),
}
AD_METRICS = {"campaign_name", "campaign_id", "adgroup_name", "adgroup_id", "ad_name", "ad_text"}
DIMENSIONS = {"advertiser_id", "campaign_id", "adgroup_id", "ad_id", "stat_time_day"}

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
PAGE_INFO = {name: NUMBER for name in ("page", "page_size", "total_number", "total_page")}
STATUSES = ["STATUS_ALL", "STATUS_NOT_DELETE", "STATUS_DELETE", "STATUS_DISABLE"]
STATUSES += ["STATUS_DELIVERY_OK", "STATUS_NOT_DELIVERY"]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _list(row: dict[str, Any], *, paged: bool = True) -> dict[str, Any]:
    members: dict[str, Any] = {"list": {"type": "array", "items": row}}
    return _object(members | ({"page_info": _object(PAGE_INFO)} if paged else {}))


def _row(names: set[str]) -> dict[str, Any]:
    kinds = {
        "is_new_structure": {"type": "boolean"},
        "create_time": {"type": ["string", "integer"]},
    }
    return _object({name: kinds.get(name, TEXT) for name in sorted(names)})


REPORT_ROW = _object(
    {
        "dimensions": _object(dict.fromkeys(sorted(DIMENSIONS), TEXT)),
        "metrics": _object(dict.fromkeys(sorted(METRICS | AD_METRICS), TEXT)),
    }
)
OVERLAY = tuple(
    Deviation(
        f"/paths/{path}/get/responses/200/content/application~1json/schema/properties/data",
        {"properties": content["properties"]},
        source,
    )
    for path, content, source in (
        (
            "~1advertiser~1info~1",
            _list(_row(FIELDS["advertisers"]), paged=False),
            f"the file leaves data open; {_PORTAL}id=1739593083610113",
        ),
        (
            "~1report~1integrated~1get~1",
            _list(REPORT_ROW),
            f"the file leaves data open; {_PORTAL}id=1740302848100353 and id=1751443967255553",
        ),
    )
)
TOKEN_SOURCE = Deviation(
    "Access-Token",
    {"in": "header"},
    "the file has it in the query; business-api.tiktok.com answers 40104 to it there,"
    " apache/seatunnel connector TikTokAds and airbytehq/airbyte source-tiktok-marketing send a"
    " header",
)


def _with_enums(node: Any) -> Any:
    """The file's own lists of values as JSON Schema's; the server takes the key, not the value."""
    if isinstance(node, list):
        return [_with_enums(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: _with_enums(value) for key, value in node.items()}
    if "x-open-enum" in node:
        found["enum"] = [each["key"] for each in node["x-open-enum"]["enums"]]
    if node.get("name") == "Access-Token":
        found |= TOKEN_SOURCE.change
    return found


def _unpublished() -> dict[str, Any]:
    """What the SDK's documents say of the two lists that have no file."""

    def parameter(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "schema": schema, **more}

    def encoded(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "query", "content": {"application/json": {"schema": schema}}}

    def operation(stream: str) -> dict[str, Any]:
        ids = {"type": "array", "items": TEXT, "maxItems": 100}
        filters = {"primary_status": {"type": "string", "enum": STATUSES}, "campaign_ids": ids}
        known = sorted(FIELDS[stream])
        answer = _object(
            {
                "code": NUMBER,
                "message": TEXT,
                "request_id": TEXT,
                "data": _list(_row(FIELDS[stream])),
            }
        )
        return {
            "parameters": [
                parameter("advertiser_id", TEXT, required=True),
                parameter("page", {"type": "integer", "minimum": 1}),
                parameter("page_size", {"type": "integer", "minimum": 1, "maximum": 1000}),
                encoded("filtering", _object(filters)),
                encoded("fields", {"type": "array", "items": {"type": "string", "enum": known}}),
                {"name": "Access-Token", "in": "header", "required": True, "schema": TEXT},
            ],
            "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
        }

    return {
        "paths": {
            "/campaign/get/": {"get": operation("campaigns")},
            "/ad/get/": {"get": operation("ads")},
        }
    }


@cache
def description(stream: str) -> Description:
    """The description of a stream's endpoint."""
    if stream not in FILES:
        return Description(_unpublished(), prefix=PREFIX)
    file, path = FILES[stream]
    document = _with_enums(yaml.safe_load(described_in(f"tiktok/{file}").read_text()))
    pointer = path.replace("/", "~1")
    overlay = tuple(each for each in OVERLAY if f"/paths/{pointer}/" in each.place)
    return Description(document, prefix=PREFIX, overlay=overlay)


def request(exchange: Exchange) -> list[str]:
    """The file's word on the parameters, and the portal's on what a report's lists may hold."""
    found = description(exchange.stream).request(exchange)
    if exchange.stream.endswith("_performance"):
        query = dict(exchange.query)
        metrics = METRICS | (AD_METRICS if query.get("data_level") == "AUCTION_AD" else set())
        for name, known in (("metrics", metrics), ("dimensions", DIMENSIONS)):
            asked = set(yaml.safe_load(query[name]))
            found += [f"{name}: {each} is not known" for each in sorted(asked - known)]
    return found


def paths(stream: str, path: str) -> list[str]:
    endpoint = {"campaigns": "/campaign/get/", "ads": "/ad/get/"}
    described = description(stream)
    where = endpoint.get(stream) or FILES[stream][1]
    return described.reads(described.answer("GET", where), f"data.list[0].{path}")


PROOFS = Proofs(
    request=request,
    response=lambda exchange: description(exchange.stream).response(exchange),
    paths=paths,
    sources={
        "request": "TikTok's OpenAPI files, its SDK's documents",
        "response": "TikTok's OpenAPI files, its portal",
        "paths": "TikTok's portal and its SDK's documents",
    },
    reasons={
        "sdk": "TikTok's Python SDK is on no package index; its answers are untyped objects",
    },
    overlay=(*OVERLAY, TOKEN_SOURCE),
)
