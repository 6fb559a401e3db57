"""One good row of every stream, in the vendor's own words; tests change copies of them."""

from __future__ import annotations

from typing import Any

from tests.dbt_project.meta_pages import (
    facebook_post,
    instagram_medium,
    meta_account,
    meta_account_day,
    meta_ad,
    meta_campaign,
    meta_day,
)

Row = dict[str, Any]

__all__ = [
    "facebook_post",
    "instagram_medium",
    "meta_account",
    "meta_account_day",
    "meta_ad",
    "meta_campaign",
    "meta_day",
]


def money(amount: int) -> Row:
    return {"amount": amount, "currency": "USD"}


def profile(number: int = 1, **attributes: Any) -> Row:
    return {
        "type": "profile",
        "id": f"P{number}",
        "attributes": {
            "email": f"p{number}@example.com",
            "phone_number": "+15550100001",
            "external_id": None,
            "first_name": "Ada",
            "last_name": "Byron",
            "created": "2025-12-01T10:00:00+00:00",
            "updated": "2026-01-01T10:00:00+02:00",
            "location": {"city": "Rome", "region": None, "country": "IT", "zip": "00100"},
            "subscriptions": {
                "email": {
                    "marketing": {
                        "consent": "SUBSCRIBED",
                        "consent_timestamp": "2025-12-01T10:00:00+00:00",
                    }
                },
                "sms": {"marketing": {"consent": "NEVER_SUBSCRIBED"}},
            },
            **attributes,
        },
    }


def email_event(number: int = 1, **properties: Any) -> Row:
    return {
        "type": "event",
        "id": f"E{number}",
        "attributes": {
            "timestamp": 1767290400,
            "datetime": "2026-01-01T18:00:00+00:00",
            "uuid": "8a6c2bd2-9f9e-4f3e-8a1c-000000000001",
            "event_properties": {
                "$message": "M1",
                "Campaign Name": "New year",
                "Subject": "Hello, \u00fcber-reader",
                "Recipient Email Address": "p1@example.com",
                "Apple Privacy Open": True,
                **properties,
            },
        },
        "relationships": {
            "profile": {"data": {"type": "profile", "id": "P1"}},
            "metric": {"data": {"type": "metric", "id": "METRIC"}},
        },
    }


def email_campaign() -> Row:
    return {
        "type": "campaign",
        "id": "C1",
        "attributes": {
            "name": "New year",
            "status": "Sent",
            "send_time": "2026-01-01T08:00:00+00:00",
            "created_at": "2025-12-20T08:00:00+00:00",
            "scheduled_at": None,
            "updated_at": "2026-01-01T08:10:00+00:00",
        },
        "relationships": {
            "campaign-messages": {"data": [{"type": "campaign-message", "id": "M1"}]}
        },
    }


def metric() -> Row:
    return {
        "type": "metric",
        "id": "METRIC",
        "attributes": {
            "name": "Opened Email",
            "created": "2025-12-01T10:00:00+00:00",
            "updated": "2025-12-01T10:00:00+00:00",
            "integration": {"name": "Klaviyo"},
        },
    }


def location() -> Row:
    return {
        "id": "L1",
        "name": "High Street",
        "address": {"locality": "Springfield", "postal_code": "12345", "country": "US"},
        "timezone": "America/New_York",
        "country": "US",
        "currency": "USD",
        "status": "ACTIVE",
        "type": "PHYSICAL",
        "created_at": "2020-01-01T00:00:00Z",
    }


def customer(birthday: str | None = None) -> Row:
    return {
        "id": "CUST1",
        "created_at": "2025-01-01T00:00:00.123Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "given_name": "Ada",
        "family_name": "Byron",
        "email_address": "p1@example.com",
        "phone_number": "+15550100001",
        "reference_id": "LOY1",
        "birthday": birthday,
        "address": {"locality": "Springfield", "postal_code": "12345", "country": "US"},
    }


def variation(name: str, price: int = 1999) -> Row:
    return {
        "type": "ITEM_VARIATION",
        "id": name,
        "item_variation_data": {
            "item_id": "ITEM1",
            "name": name.lower(),
            "sku": f"SKU-{name}",
            "price_money": money(price),
        },
    }


def item(*variations: Row) -> Row:
    return {
        "type": "ITEM",
        "id": "ITEM1",
        "updated_at": "2026-01-01T00:00:00Z",
        "version": 1767225600000,
        "is_deleted": False,
        "item_data": {
            "name": "Shirt",
            "categories": [{"id": "CAT1", "ordinal": 0}],
            "variations": list(variations),
        },
    }


def category() -> Row:
    return {
        "type": "CATEGORY",
        "id": "CAT1",
        "updated_at": "2026-01-01T00:00:00Z",
        "version": 1767225600000,
        "is_deleted": False,
        "category_data": {"name": "Shirts"},
    }


def sold_line(uid: str, quantity: str = "2", gross: int = 4000, discount: int = 500) -> Row:
    tax = 280
    return {
        "uid": uid,
        "catalog_object_id": "SMALL",
        "name": "Shirt",
        "variation_name": "small",
        "quantity": quantity,
        "base_price_money": money(gross // 2),
        "gross_sales_money": money(gross),
        "total_discount_money": money(discount),
        "total_tax_money": money(tax),
        "total_money": money(gross - discount + tax),
    }


def order(number: int = 1, *lines: Row) -> Row:
    lines = lines or (sold_line("a"),)

    def total(name: str) -> int:
        return sum(line[name]["amount"] for line in lines)

    paid, tax = total("total_money"), total("total_tax_money")
    discount = total("total_discount_money")
    return {
        "id": f"O{number}",
        "location_id": "L1",
        "reference_id": "WEB1",
        "source": {"name": "Online Store"},
        "customer_id": "CUST1",
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-01T12:00:05Z",
        "closed_at": "2026-01-01T12:00:05Z",
        "state": "COMPLETED",
        "version": 4,
        "line_items": list(lines),
        "total_money": money(paid),
        "total_tax_money": money(tax),
        "total_discount_money": money(discount),
        "net_amounts": {
            "total_money": money(paid),
            "tax_money": money(tax),
            "discount_money": money(discount),
        },
    }


def order_return(number: int = 2) -> Row:
    line = sold_line("r")
    line["gross_return_money"] = line.pop("gross_sales_money")
    line["source_line_item_uid"] = "a"
    net = {"total_money": -3780, "tax_money": -280, "discount_money": -500}
    return {
        "id": f"O{number}",
        "location_id": "L1",
        "created_at": "2026-01-02T12:00:00Z",
        "updated_at": "2026-01-02T12:00:00Z",
        "state": "COMPLETED",
        "returns": [{"source_order_id": "O1", "return_line_items": [line]}],
        "total_money": money(0),
        "net_amounts": {name: money(amount) for name, amount in net.items()},
    }


def payment(number: int = 1, status: str = "COMPLETED") -> Row:
    return {
        "id": f"PAY{number}",
        "created_at": "2026-01-01T12:00:05Z",
        "updated_at": "2026-01-01T12:00:06Z",
        "amount_money": money(3780),
        "tip_money": money(0),
        "total_money": money(3780),
        "status": status,
        "source_type": "CARD",
        "card_details": {
            "card": {"card_brand": "VISA", "last_4": "1111", "fingerprint": "sq-1-abc"}
        },
        "location_id": "L1",
        "order_id": f"O{number}",
        "customer_id": "CUST1",
    }


def refund() -> Row:
    return {
        "id": "R1",
        "status": "COMPLETED",
        "amount_money": money(3780),
        "created_at": "2026-01-02T12:00:00Z",
        "updated_at": "2026-01-02T12:00:00Z",
        "payment_id": "PAY1",
        "order_id": "O2",
        "location_id": "L1",
        "reason": "too small",
    }


_GOOGLE_CUSTOMER = {"id": "1234567890", "currencyCode": "USD", "timeZone": "America/New_York"}


def google_campaign() -> Row:
    return {
        "customer": _GOOGLE_CUSTOMER,
        "campaign": {
            "id": "11",
            "name": "Brand",
            "status": "ENABLED",
            "advertisingChannelType": "SEARCH",
        },
    }


def google_ad() -> Row:
    return {
        "customer": _GOOGLE_CUSTOMER,
        "campaign": {"id": "11"},
        "adGroup": {"id": "22", "name": "Shirts"},
        "adGroupAd": {
            "status": "ENABLED",
            "ad": {
                "id": "33",
                "name": "Shirts now",
                "type": "RESPONSIVE_SEARCH_AD",
                "finalUrls": ["https://shop.example.com/shirts"],
            },
        },
    }


def google_day(date: str = "2026-01-01", **metrics: Any) -> Row:
    return {
        "customer": _GOOGLE_CUSTOMER,
        "campaign": {"id": "11"},
        "adGroup": {"id": "22"},
        "adGroupAd": {"ad": {"id": "33"}},
        "segments": {"date": date},
        "metrics": {
            "impressions": "1200",
            "clicks": "34",
            "costMicros": "56780000",
            "conversions": 1.5,
            "conversionsValue": 99.123456,
            **metrics,
        },
    }


def enriched_event(fields: list[str], number: int = 1, **values: str) -> str:
    """One line of the enriched format."""
    event = {
        "app_id": "shop",
        "platform": "web",
        "collector_tstamp": "2026-01-01 12:00:01.500",
        "derived_tstamp": "2026-01-01 12:00:01.250",
        "event": "transaction",
        "event_name": "transaction",
        "event_id": f"00000000-0000-4000-8000-{number:012}",
        "domain_userid": "cookie-1",
        "domain_sessionid": "session-1",
        "page_url": "https://shop.example.com/?utm_source=google",
        "page_urlpath": "/",
        "mkt_source": "google",
        "tr_orderid": "WEB1",
        "tr_total": "37.8",
        "tr_currency": "USD",
        "dvce_ismobile": "0",
        **values,
    }
    return "\t".join(event.get(field, "") for field in fields)
