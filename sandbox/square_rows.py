"""What Square's rows say, as SQL from the truth to the row store.

Belongs here: the JSON of locations, customers and variations, when each version of them shows, and
how Square writes times and amounts. Does not belong here: what was sold (square_sales.py),
endpoints and paging (square.py), the shape of catalog objects (square_catalog.py).

A row's version replaces the one before it: a customer once they join the loyalty programme, a
variation once it is repriced or deleted.
"""

from __future__ import annotations


def as_time(column: str) -> str:
    """Return SQL for a timestamp as Square writes it."""
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%gZ')"


def as_money(cents: str, currency: str = "purchase.currency_code") -> str:
    """Return SQL for a Money: an integer in the smallest unit, and its currency."""
    return f"{{'amount': {cents}, 'currency': {currency}}}"


def as_json(struct: str) -> str:
    """Return SQL for a struct's JSON without its null members, which Square leaves out.

    The last member of any struct in it must not be null: only `"name":null,` is cut.
    """
    return f"""regexp_replace(to_json({struct})::varchar, '"\\w+":null,', '', 'g')"""


_LOCATION = as_json(f"""{{
    'id': location.location_id,
    'name': location.location_name,
    'address': {{
        'address_line_1': location.street_address,
        'locality': location.city,
        'administrative_district_level_1': location.region,
        'postal_code': location.postal_code,
        'country': location.country_code
    }},
    'timezone': location.time_zone,
    'capabilities': ['CREDIT_CARD_PROCESSING'],
    'status': 'ACTIVE',
    'created_at': {as_time("location.created_at")},
    'merchant_id': 'MLTHROUGHLINE',
    'country': location.country_code,
    'language_code': 'en-US',
    'currency': location.currency_code,
    'business_name': 'Throughline',
    'phone_number': location.phone,
    'type': 'PHYSICAL'
}}""")
LOCATIONS = f"""
    select
        timestamp '1970-01-01' as sort_at,
        location.created_at as known_at,
        null::timestamp as superseded_at,
        -- The first one counts as the seller's main location.
        location.is_online::integer || location.created_at::varchar as key,
        location.location_id as tag,
        {_LOCATION} as body
    from location
"""

# Some join the loyalty programme only after they became customers, but before they first show
# their card at a till.
JOINING = """
    create or replace temp table square_joining as
    with first_shown as (
        select person_id, min(ordered_at) as shown_at
        from purchase
        where identified_by = 'loyalty'
        group by person_id
    )

    select
        person.person_id,
        person.updated_at + to_hours(6 + (hash(person.square_customer_id) % 200)::integer)
            as joined_at
    from person
    left join first_shown on person.person_id = first_shown.person_id
    where
        person.loyalty_number is not null
        and person.square_customer_id is not null
        and hash(person.square_customer_id, 'joins later') % 3 = 0
        and joined_at < coalesce(first_shown.shown_at, $end)
        and joined_at < $end
"""
_CUSTOMER = as_json(f"""{{
    'id': square_customer_id,
    'created_at': {as_time("created_at")},
    'updated_at': {as_time("changed_at")},
    'given_name': first_name,
    'family_name': last_name,
    'email_address': email_as_typed,
    'phone_number': phone_as_typed,
    'reference_id': reference_id,
    'address': {{
        'address_line_1': street_as_typed,
        'locality': city,
        'administrative_district_level_1': region,
        'postal_code': postal_code,
        'country': country_code
    }},
    'birthday': strftime(birth_date, '%Y-%m-%d'),
    'preferences': {{'email_unsubscribed': false}},
    'creation_source': if(reference_id is null, 'ONLINE_STORE', 'LOYALTY'),
    'version': version - 1
}}""")
CUSTOMERS = f"""
    with version as (
        select
            person.*,
            1 as version,
            person.updated_at as changed_at,
            joining.joined_at as superseded_at,
            if(joining.person_id is null, person.loyalty_number, null) as reference_id,
        from person
        left join square_joining as joining on person.person_id = joining.person_id
        where person.square_customer_id is not null

        union all by name

        select
            person.*,
            2 as version,
            joining.joined_at as changed_at,
            null::timestamp as superseded_at,
            person.loyalty_number as reference_id,
        from person
        inner join square_joining as joining on person.person_id = joining.person_id

        union all by name

        select
            * exclude (email, phone),
            customer_id as square_customer_id,
            email as email_as_typed,
            phone as phone_as_typed,
            street_address as street_as_typed,
            created_at as changed_at,
            1 as version,
        from square_duplicate
    )

    select
        changed_at as sort_at,
        changed_at as known_at,
        superseded_at,
        square_customer_id as key,
        null as tag,
        {_CUSTOMER} as body
    from version
"""

CATALOG = f"""
    with version as (
        select
            product.*,
            product.known_at as changed_at,
            least(
                lead(product.known_at) over one_variation, product.deleted_at
            ) as superseded_at,
            false as is_deleted
        from product
        window one_variation as (partition by product.variation_id order by product.known_at)

        union all

        select product.*, product.deleted_at, null, true
        from product
        where product.deleted_at is not null
    )

    select
        changed_at as sort_at,
        changed_at as known_at,
        superseded_at,
        variation_id as key,
        null as tag,
        to_json({{
            'item_id': item_id,
            'name': product_name,
            'category_name': category_name,
            'variation': {{
                'type': 'ITEM_VARIATION',
                'id': variation_id,
                'updated_at': {as_time("changed_at")},
                'version': epoch_ms(changed_at),
                'is_deleted': is_deleted,
                'present_at_all_locations': true,
                'item_variation_data': {{
                    'item_id': item_id,
                    'name': variation_name,
                    'sku': sku,
                    'ordinal': 0,
                    'pricing_type': 'FIXED_PRICING',
                    'price_money': {as_money("price_cents", "'USD'")},
                    'sellable': true,
                    'stockable': true
                }}
            }}
        }})::varchar as body
    from version
"""
