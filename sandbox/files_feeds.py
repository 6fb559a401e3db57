"""The feeds of files that this company gets, each with its declaration and its rows.

Belongs here: how each sender writes its files down. Does not belong here: what happened
(population/daily/files.sql) and when a file appears (files.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ON_MONDAY = timedelta(days=7, hours=6)
ON_TUESDAY = timedelta(days=8, hours=6)


@dataclass(frozen=True)
class SandboxFeed:
    """One sender's weekly file.

    Attributes:
        name: the feed's folder in the drop area.
        domain: what it maps to, for faults are set per stream.
        due: how long after its Monday a week's file appears.
        declaration: its `feed.yml`.
        rows: query with `week` (its Monday) first and then the file's columns, in order.
    """

    name: str
    domain: str
    due: timedelta
    declaration: str
    rows: str


_AGENCY = SandboxFeed(
    "offline_agency",
    "offline_activity",
    ON_TUESDAY,
    """\
# What the media agency reports each week: print, radio and posters, by town.
domain: offline_activity
format: csv
files: "week_*.csv"
dates: month_first
thousands: ","
columns:
  - {name: Campaign, to: campaign_name}
  - {name: Medium, to: channel_group}
  - {name: Town, to: geo}
  - {name: Week of, to: week_start_date, type: date}
  - {name: Placement, to: placement_name}
  - {name: Net cost, to: spend_amount, type: decimal, required: true}
  - {name: Contacts, to: audience, type: integer}
  - {name: Insertions, to: insertions, type: integer}
  - Remarks
values:
  currency_code: USD
# The agency corrects a row by sending it again.
key: [Campaign, Medium, Town, Week of, Placement]
""",
    # Each medium runs in each town of the shops, about three weeks in four; all from hashes.
    """
    with

    media (medium, placement, base_cents, base_contacts) as (
        values
            ('print', 'Daily paper, "local" pages', 180000, 42000),
            ('radio', 'Morning show', 95000, 61000),
            ('out_of_home', 'Posters, main station', 240000, 128000)
    ),

    towns as (
        select distinct city as town from location where not is_online
    ),

    weeks as (
        select unnest(generate_series(
            date_trunc('week', $start::timestamp), $end::timestamp - interval 1 day, interval 7 day
        ))::date as week
    ),

    activity as (
        select
            *,
            hash(medium, town, week, $seed) as chance
        from weeks, towns, media
    )

    select
        week,
        if(month(week) < 3, 'Winter warmers', 'Spring begins') as "Campaign",
        medium as "Medium",
        town as "Town",
        strftime(week, '%m/%d/%Y') as "Week of",
        placement as "Placement",
        format('{:,.2f}', (base_cents + chance % 40000) / 100) as "Net cost",
        format('{:,}', base_contacts + (chance >> 8) % 9000) as "Contacts",
        1 + (chance >> 16) % 5 as "Insertions",
        '' as "Remarks"
    from activity
    where (chance >> 24) % 4 > 0
    order by week, medium, town
    """,
)

_MAIL_HOUSE = SandboxFeed(
    "mail_house",
    "offline_contacts",
    ON_MONDAY,
    """\
# What the mail house gave to the post.
domain: offline_contacts
format: csv
delimiter: ";"
dates: day_first
columns:
  - {name: Piece, to: contact_id}
  - {name: Mailed, to: contacted_at, type: timestamp}
  - {name: Mailing, to: campaign_name}
  - {name: Version, to: content_id}
  - {name: Coupon, to: coupon_code}
  - {name: Card, to: loyalty_number}
values: {contact_type: mail_sent, channel_group: direct_mail}
key: [Piece]
""",
    """
    select
        date_trunc('week', mailed_at)::date as week,
        piece_id as "Piece",
        strftime(mailed_at, '%d.%m.%Y %H:%M:%S') as "Mailed",
        mailing_name as "Mailing",
        version_name as "Version",
        coupon_code as "Coupon",
        loyalty_number as "Card"
    from files_mail
    order by piece_id
    """,
)

_RETURNED_MAIL = SandboxFeed(
    "returned_mail",
    "offline_contacts",
    ON_MONDAY,
    """\
# What the post brought back.
domain: offline_contacts
format: csv
dates: iso
columns:
  - {name: piece, to: contact_id}
  - {name: returned, to: contacted_at, type: timestamp}
  - {name: mailing, to: campaign_name}
  - {name: card, to: loyalty_number}
  - reason
values: {contact_type: mail_returned, channel_group: direct_mail}
key: [piece]
""",
    """
    select
        date_trunc('week', returned_at)::date as week,
        piece_id as piece,
        strftime(returned_at, '%Y-%m-%d') as returned,
        mailing_name as mailing,
        loyalty_number as card,
        'moved, left no address' as reason
    from files_mail
    where is_returned
    order by piece_id
    """,
)

_COUPONS = SandboxFeed(
    "coupon_clearing",
    "offline_contacts",
    ON_MONDAY,
    """\
# Coupons of the mailings that the tills took.
domain: offline_contacts
format: csv
dates: iso
columns:
  - {name: coupon, to: coupon_code}
  - {name: used at, to: contacted_at, type: timestamp}
  - {name: mailing, to: campaign_name}
  - {name: version, to: content_id}
  - {name: card, to: loyalty_number}
values: {contact_type: coupon_redeemed, channel_group: direct_mail}
key: [coupon]
""",
    """
    select
        date_trunc('week', redeemed_at)::date as week,
        coupon_code as coupon,
        strftime(redeemed_at, '%Y-%m-%dT%H:%M:%SZ') as "used at",
        mailing_name as mailing,
        version_name as version,
        loyalty_number as card
    from files_mail
    where is_redeemed
    order by coupon_code
    """,
)

_CALLS = SandboxFeed(
    "call_tracking",
    "offline_contacts",
    ON_MONDAY,
    """\
# Calls on the numbers that stand in advertisements.
domain: offline_contacts
format: jsonl
dates: iso
columns:
  - {name: id, to: contact_id}
  - {name: start, to: contacted_at, type: timestamp}
  - {name: medium, to: channel_group}
  - {name: campaign, to: campaign_name}
  - {name: caller, to: phone_number}
  - {name: seconds, to: duration_seconds, type: integer}
values: {contact_type: called}
nulls: ["", anonymous]
key: [id]
""",
    """
    select
        date_trunc('week', called_at)::date as week,
        call_id as id,
        strftime(called_at, '%Y-%m-%dT%H:%M:%SZ') as start,
        medium,
        campaign_name as campaign,
        coalesce(phone, 'anonymous') as caller,
        seconds
    from files_call
    order by called_at, call_id
    """,
)

_DOORS = SandboxFeed(
    "door_counters",
    "store_visits",
    ON_MONDAY,
    """\
# The counters in the shops' doors, hour by hour, in New York time.
domain: store_visits
format: csv
dates: iso
time_zone: America/New_York
columns:
  - {name: store, to: location_name}
  - {name: hour, to: counted_from_at, type: timestamp}
  - {name: in, to: entries, type: integer}
  - {name: out, to: exits, type: integer}
values: {counted_minutes: "60"}
key: [store, hour]
""",
    """
    select
        date_trunc('week', counted_from_at)::date as week,
        location_name as store,
        strftime(
            timezone('America/New_York', timezone('UTC', counted_from_at)), '%Y-%m-%d %H:%M'
        ) as hour,
        entries as "in",
        exits as "out"
    from files_store_visit
    order by counted_from_at, location_name
    """,
)

_SIGN_UPS = SandboxFeed(
    "loyalty_forms",
    "customers",
    ON_MONDAY,
    """\
# Loyalty cards signed for on paper, typed in at the office.
domain: customers
format: csv
dates: month_first
columns:
  - {name: Card, to: loyalty_number}
  - {name: First name, to: first_name}
  - {name: Last name, to: last_name}
  - {name: E-mail, to: email}
  - {name: Phone, to: phone_number}
  - {name: City, to: city}
  - {name: Zip, to: postal_code}
  - {name: Newsletter, to: email_consent, type: boolean}
  - {name: Texts, to: sms_consent, type: boolean}
  - {name: Signed, to: signed_up_at, type: timestamp}
values: {country: US}
key: [Card]
""",
    """
    select
        date_trunc('week', signed_up_at)::date as week,
        loyalty_number as "Card",
        first_name as "First name",
        last_name as "Last name",
        email_as_typed as "E-mail",
        phone_as_typed as "Phone",
        city as "City",
        postal_code as "Zip",
        wants_newsletter as "Newsletter",
        wants_texts as "Texts",
        strftime(signed_up_at, '%m/%d/%Y %H:%M:%S') as "Signed"
    from files_signup
    order by signed_up_at, loyalty_number
    """,
)

_READERS = SandboxFeed(
    "catalogue_readers",
    "customers",
    ON_MONDAY,
    """\
# Cards filled in by readers of the catalogue; the list's own numbers are known nowhere else.
domain: customers
format: csv
columns:
  - {name: "No", to: customer_number}
  - {name: First name, to: first_name}
  - {name: Name, to: last_name}
  - {name: Born, to: birth_date, type: date}
  - {name: Street, to: street_address}
  - {name: Town, to: city}
  - {name: State, to: region}
  - {name: Zip, to: postal_code}
  - {name: X, to: social_handle}
  - {name: Mail hash, to: email_sha256}
  - {name: Received, to: signed_up_at, type: timestamp}
values: {country: US, customer_issuer: catalogue}
key: ["No"]
""",
    """
    select
        date_trunc('week', signed_up_at)::date as week,
        reader_number as "No",
        first_name as "First name",
        last_name as "Name",
        birth_date as "Born",
        street_address as "Street",
        city as "Town",
        region as "State",
        postal_code as "Zip",
        social_handle as "X",
        email_sha256 as "Mail hash",
        strftime(signed_up_at, '%Y-%m-%d %H:%M:%S') as "Received"
    from files_reader
    order by signed_up_at, reader_number
    """,
)

FEEDS = (_AGENCY, _MAIL_HOUSE, _RETURNED_MAIL, _COUPONS, _CALLS, _DOORS, _SIGN_UPS, _READERS)
