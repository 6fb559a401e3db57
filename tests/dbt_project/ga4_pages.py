"""Reports of Google Analytics in its own words; tests change copies of them."""

from __future__ import annotations

from typing import Any

REQUEST = "POST https://analyticsdata.googleapis.com/v1beta/properties/1234:runReport {}"
DIMENSIONS = {
    "date": "20260101",
    "sessionDefaultChannelGroup": "Email",
    "sessionSource": "klaviyo",
    "sessionMedium": "email",
    "sessionCampaignId": "(not set)",
    "sessionCampaignName": "C1",
}
METRICS = {
    "sessions": ("TYPE_INTEGER", "10"),
    "engagedSessions": ("TYPE_INTEGER", "8"),
    "totalUsers": ("TYPE_INTEGER", "7"),
    "newUsers": ("TYPE_INTEGER", "3"),
    "screenPageViews": ("TYPE_INTEGER", "30"),
    "eventCount": ("TYPE_INTEGER", "60"),
    "keyEvents": ("TYPE_FLOAT", "2.5"),
    "transactions": ("TYPE_INTEGER", "1"),
    "purchaseRevenue": ("TYPE_CURRENCY", "29.900000000000002"),
    "totalRevenue": ("TYPE_CURRENCY", "31"),
}


def row(**values: str) -> dict[str, str]:
    """The values of a row by the names of their columns."""
    stated = {name: value for name, (_, value) in METRICS.items()}
    return DIMENSIONS | stated | values


def report(*rows: dict[str, str], backwards: bool = False, **marks: Any) -> dict[str, Any]:
    """A report with these rows; `backwards` turns its columns round."""
    dimensions, metrics = list(DIMENSIONS), list(METRICS)
    if backwards:
        dimensions.reverse()
        metrics.reverse()
    page: dict[str, Any] = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": METRICS[name][0]} for name in metrics],
        "rows": [
            {
                "dimensionValues": [{"value": each[name]} for name in dimensions],
                "metricValues": [{"value": each[name]} for name in metrics],
            }
            for each in rows
        ],
        "rowCount": len(rows),
        "metadata": {"currencyCode": "USD", "timeZone": "America/New_York", **marks},
        "propertyQuota": {"tokensPerDay": {"consumed": 1, "remaining": 199999}},
        "kind": "analyticsData#runReport",
    }
    if not rows:
        del page["rows"], page["rowCount"]
    return page
