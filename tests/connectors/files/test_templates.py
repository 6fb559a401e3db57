"""Every template reads an export of its kind: a line of each, and what staging makes of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.connectors.files.nights import Nights

TEMPLATES = Path(__file__).parents[3] / "connectors/files/templates"
STAGED = {
    "orders": "stg_files__order_lines",
    "offline_activity": "stg_files__offline_activity",
    "offline_contacts": "stg_files__offline_contacts",
    "store_visits": "stg_files__store_visits",
    "customers": "stg_files__customers",
}

# By template: a record as such a sender writes it, and what must come of it.
EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "online_retail": (
        "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        {"ordered_at": datetime(2010, 12, 1, 8, 26), "net_amount": Decimal("15.3")},
    ),
    "offline_activity": (
        "Spring;Print;South;09.03.2026;Süddeutsche;12.500,50;350.000;1;",
        {
            "channel_group": "print",
            "week_start_date": date(2026, 3, 9),
            "spend_amount": Decimal("12500.5"),
            "audience": 350000,
        },
    ),
    "direct_mail": (
        "P-1;05.01.2026;New Year;Card A;SAVE10;C77;",
        {
            "contact_id": "P-1",
            "contact_type": "mail_sent",
            "contacted_at": datetime(2026, 1, 5),
            "coupon_code": "SAVE10",
            "customer_number": "C77",
            "customer_issuer": "company",
            "loyalty_number": None,
        },
    ),
    "direct_mail_returns": (
        "12.01.2026;New Year;P-1;C77;;moved",
        {"contact_type": "mail_returned", "contacted_at": datetime(2026, 1, 12)},
    ),
    "print_insertions": (
        "A-9,Spring,Herald,Ohio,2026-01-08,2,41000,1800.00,USD,half page",
        {
            "activity_id": "A-9",
            "channel_group": "print",
            # The Thursday's Monday.
            "week_start_date": date(2026, 1, 5),
            "insertions": 2,
            "currency_code": "USD",
        },
    ),
    "broadcast_spots": (
        "S-1,Spring,radio,KXYZ,Boston,2026-01-08,2026-01-08 07:45:00,61000,95.50",
        {
            "channel_group": "radio",
            # A quarter to eight in New York.
            "ran_at": datetime(2026, 1, 8, 12, 45),
            "spend_amount": Decimal("95.5"),
        },
    ),
    "billboards": (
        '"Main station, north",Boston,Spring,2026-01-05,4,128000,2400',
        {"channel_group": "out_of_home", "placement_name": "Main station, north", "insertions": 4},
    ),
    "coupon_redemptions": (
        "U1,code_scanned,print,2026-01-08 10:00,Spring,QR7,Boston Store,,,(617) 555-0100,US",
        {
            "contact_type": "code_scanned",
            "channel_group": "print",
            "contacted_at": datetime(2026, 1, 8, 15),
            "order_id": None,
            "phone_number": "(617) 555-0100",
        },
    ),
    "call_tracking": (
        "c1,2026-01-08T10:00:00Z,radio,Spring,withheld,95,+18005550100",
        {"contact_type": "called", "phone_number": None, "duration_seconds": 95},
    ),
    "store_visits": (
        "Boston Store,North,2026-07-08 10:00,41,39",
        # Summer time.
        {"counted_from_at": datetime(2026, 7, 8, 14), "entries": 41, "counted_minutes": 60},
    ),
    "loyalty_signups": (
        "L1,Ada,Ito,02/29/2000,ada@example.com,,1 Main St,Boston,02108,true,false,"
        "Boston Store,01/08/2026 6:30 PM",
        {
            "loyalty_number": "L1",
            "birth_date": date(2000, 2, 29),
            "postal_code": "02108",
            "email_consent": True,
            "sms_consent": False,
            "signed_up_at": datetime(2026, 1, 8, 23, 30),
        },
    ),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """A night after every sender has delivered one record."""
    above = (*STAGED.values(), "int_contacts__files", "int_messages__files")
    nights = Nights(tmp_path_factory.mktemp("templates"), tuple(STAGED), above)
    nights.warehouse.dbt("seed", "--select", "calling_codes")
    for name, (record, _) in EXAMPLES.items():
        text = (TEMPLATES / f"{name}.yml").read_text()
        said = yaml.safe_load(text)
        nights.drop.declare(name).write_text(text)
        names = [c if isinstance(c, str) else c["name"] for c in said["columns"]]
        header = said.get("delimiter", ",").join(names)
        content = f"{header}\n{record}\n".encode(said.get("encoding", "utf-8"))
        nights.drop.write(content, feed=name)
    nights.run()
    return nights


def test_every_template_has_an_example() -> None:
    assert set(EXAMPLES) == {template.stem for template in TEMPLATES.glob("*.yml")}


@pytest.mark.parametrize("template", EXAMPLES)
def test_an_export_of_its_kind_is_read(read: Nights, template: str) -> None:
    domain = yaml.safe_load((TEMPLATES / f"{template}.yml").read_text())["domain"]
    (base,) = read.base(template, domain)
    assert base["quarantine_reason"] is None
    (row,) = read.warehouse.sql(
        f"select * from staging.{STAGED[domain]} where feed_name = ?", [template]
    )
    expected = EXAMPLES[template][1]
    assert {name: row[name] for name in expected} == expected


def test_a_return_takes_the_delivery_of_its_piece_back(read: Nights) -> None:
    rows = read.warehouse.sql(
        "select message_id, identifier_value, event_type"
        " from intermediate.int_messages__files where event_type is not null"
        " order by event_type desc"
    )
    assert [row["event_type"] for row in rows] == ["delivered", "bounced"]
    assert len({(row["message_id"], row["identifier_value"]) for row in rows}) == 1


def test_a_code_scanned_by_phone_names_its_person_in_one_way(read: Nights) -> None:
    (row,) = read.warehouse.sql(
        "select * from intermediate.int_contacts__files where contact_type = 'code_scanned'"
    )
    assert (row["identifier_type"], row["identifier_value"]) == ("phone", "+16175550100")


def test_a_call_without_a_number_is_nobodys(read: Nights) -> None:
    (row,) = read.warehouse.sql(
        "select * from intermediate.int_contacts__files where contact_type = 'called'"
    )
    assert row["identifier_type"] is None
