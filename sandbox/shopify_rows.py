"""What Shopify's rows say, as SQL from the truth to the row store.

Belongs here: the JSON of the shop, locations, customers, variants and deletions, and how Shopify
writes times and amounts. Does not belong here: what was sold (shopify_sales.py), how a query is
answered (shopify_graphql.py).

A row holds every field that may be asked for; an object with nothing but `nodes` is a connection.
"""

from __future__ import annotations


def as_time(column: str) -> str:
    """Return SQL for a DateTime: UTC, whole seconds."""
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')"


def as_decimal(cents: str) -> str:
    """Return SQL for an amount as Shopify writes it: text without a second nought, `12.5`."""
    return f"regexp_replace(printf('%d.%02d', ({cents}) // 100, ({cents}) % 100), '0$', '')"


def as_money(cents: str) -> str:
    """Return SQL for a MoneyBag; the outlet sells in its own currency only."""
    money = f"{{'amount': {as_decimal(cents)}, 'currencyCode': 'USD'}}"
    return f"{{'shopMoney': {money}, 'presentmentMoney': {money}}}"


SHOP = {
    "id": "gid://shopify/Shop/52000000001",
    "name": "Throughline Outlet",
    "myshopifyDomain": "throughline-outlet.myshopify.com",
    "currencyCode": "USD",
    "ianaTimezone": "America/Chicago",
    "taxesIncluded": False,
    "createdAt": "2024-03-01T09:00:00Z",
    "updatedAt": "2025-11-20T09:00:00Z",
    "plan": {"publicDisplayName": "Basic"},
}

LOCATIONS = f"""
    select
        timestamp '1970-01-01' as sort_at,
        created_at as known_at,
        null::timestamp as superseded_at,
        location_id as key,
        if(is_active, 'active', 'inactive') as tag,
        to_json({{
            'id': location_id,
            'name': location_name,
            'isActive': is_active,
            'isFulfillmentService': false,
            'fulfillsOnlineOrders': number = 1,
            'createdAt': {as_time("created_at")},
            'updatedAt': {as_time("created_at")},
            'address': {{
                'address1': street_address,
                'city': city,
                'province': province,
                'provinceCode': province_code,
                'zip': postal_code,
                'countryCode': 'US',
                'phone': phone
            }}
        }})::varchar as body
    from shopify_location
"""

CUSTOMERS = f"""
    with version as (
        select *, known_at as changed_at, unsubscribed_at as superseded_at, is_subscribed as agrees
        from shopify_customer

        union all

        select *, unsubscribed_at, null, false
        from shopify_customer
        where unsubscribed_at is not null
    )

    select
        changed_at as sort_at,
        changed_at as known_at,
        superseded_at,
        customer_id as key,
        null as tag,
        to_json({{
            'id': customer_id,
            'createdAt': {as_time("known_at")},
            'updatedAt': {as_time("changed_at")},
            'firstName': first_name,
            'lastName': last_name,
            'state': 'DISABLED',
            'locale': 'en-US',
            'verifiedEmail': email is not null,
            'defaultEmailAddress': case when email is not null then {{
                'emailAddress': email,
                'marketingState': case
                    when agrees then 'SUBSCRIBED'
                    when unsubscribed_at = changed_at then 'UNSUBSCRIBED'
                    else 'NOT_SUBSCRIBED'
                end,
                'marketingUpdatedAt': case
                    when agrees or unsubscribed_at = changed_at then {as_time("changed_at")}
                end
            }} end,
            'defaultPhoneNumber': case when phone is not null then {{
                'phoneNumber': phone,
                'smsMarketingConsent': {{
                    'state': 'NEVER_SUBSCRIBED', 'updatedAt': null::varchar
                }}
            }} end,
            'defaultAddress': {{
                'address1': street_address,
                'city': city,
                'provinceCode': region,
                'zip': postal_code,
                'countryCodeV2': country_code
            }}
        }})::varchar as body
    from version
"""

VARIANTS = f"""
    select
        timestamp '1970-01-01' as sort_at,
        known_at,
        deleted_at as superseded_at,
        variant_id as key,
        null as tag,
        to_json({{
            'id': variant_id,
            'title': variant_title,
            'sku': sku,
            'barcode': null::varchar,
            'price': printf('%d.%02d', price_cents // 100, price_cents % 100),
            'createdAt': {as_time("known_at")},
            'updatedAt': {as_time("known_at")},
            'product': {{
                'id': product_id,
                'title': product_title,
                'productType': product_type,
                'vendor': 'Throughline',
                'status': 'ACTIVE',
                'isGiftCard': false
            }}
        }})::varchar as body
    from shopify_variant
"""

# A product that goes takes its variants along, and only the product's end is an event.
DELETIONS = f"""
    with gone as (
        select distinct product_id as subject_id, 'PRODUCT' as subject_type, deleted_at
        from shopify_variant
        where deleted_at is not null and goes_with_product
        union all
        select variant_id, 'PRODUCT_VARIANT', deleted_at
        from shopify_variant
        where deleted_at is not null and not goes_with_product
    )

    select
        deleted_at as sort_at,
        deleted_at as known_at,
        null::timestamp as superseded_at,
        subject_id as key,
        null as tag,
        to_json({{
            'id': 'gid://shopify/BasicEvent/' || (hash(subject_id) >> 20),
            'action': 'destroy',
            'createdAt': {as_time("deleted_at")},
            'subjectId': subject_id,
            'subjectType': subject_type
        }})::varchar as body
    from gone
"""
