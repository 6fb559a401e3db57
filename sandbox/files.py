"""The drop area: an agency's weekly report of what ran offline, as a file by e-mail would come.

Belongs here: which activity there is, how the agency writes it down, when a week's file appears.
Does not belong here: sales; every till of this company is Square's.

A week's file covers Monday to Sunday and appears on the Tuesday after, at six in the morning.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from sandbox.faults import Fault, Faults
from sandbox.world import World

FEED = "offline_agency"
DUE = timedelta(days=8, hours=6)
_OWNER = "_world"

DECLARATION = """\
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
"""

# Each medium runs in each town of the shops, about three weeks in four; all from hashes.
_ROWS = """
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
        if(month(week) < 3, 'Winter warmers', 'Spring begins') as campaign,
        medium,
        town,
        strftime(week, '%m/%d/%Y') as week_of,
        placement,
        format('{:,.2f}', (base_cents + chance % 40000) / 100) as net_cost,
        format('{:,}', base_contacts + (chance >> 8) % 9000) as contacts,
        1 + (chance >> 16) % 5 as insertions,
        '' as remarks
    from activity
    where (chance >> 24) % 4 > 0
    order by week, medium, town
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write every week's file under the world; `deliver` shows them when due."""
    folder = world.home("files")
    folder.mkdir(parents=True, exist_ok=True)
    bounds = {
        "start": world.start.replace(tzinfo=None),
        "end": world.end.replace(tzinfo=None),
        "seed": world.parameters.seed,
    }
    rows = con.execute(_ROWS, bounds).to_arrow_table()
    con.register("offline_rows", rows)
    for (week,) in con.execute("select distinct week from offline_rows order by week").fetchall():
        con.execute(
            f"""
            copy (
                select
                    campaign as "Campaign",
                    medium as "Medium",
                    town as "Town",
                    week_of as "Week of",
                    placement as "Placement",
                    net_cost as "Net cost",
                    contacts as "Contacts",
                    insertions as "Insertions",
                    remarks as "Remarks"
                from offline_rows
                where week = date '{week}'
            ) to '{folder / f"week_{week}.csv"}' (header)
            """
        )
    con.unregister("offline_rows")


def deliver(world: World, data: Path, now: datetime, faults: Faults) -> None:
    """Let the weeks' files appear that are due by a clock, with the time at which they came.

    Only this feed's own folder is touched: whatever else lies in the drop area is a person's.
    Faults that mean something for a file hit each new one: truncated, duplicate_rows, nothing.
    """
    feed = data.absolute() / "drop" / FEED
    owner = feed / _OWNER
    if not owner.exists() or owner.read_text() != world.folder.name:
        feed.mkdir(parents=True, exist_ok=True)
        for old in feed.glob("week_*.csv"):
            old.unlink()
        (feed / "feed.yml").write_text(DECLARATION)
        owner.write_text(world.folder.name)
    for source in sorted(world.home("files").glob("week_*.csv")):
        week = datetime.strptime(source.stem, "week_%Y-%m-%d").replace(tzinfo=UTC)
        if week + DUE > now:
            break
        target = feed / source.name
        if not target.exists():
            _show(source, target, week + DUE, faults.take("files", "offline_activity"))


def _show(source: Path, target: Path, came_at: datetime, fault: Fault | None) -> None:
    kind = None if fault is None else fault.kind
    content = source.read_bytes()
    if kind == "nothing":
        content = b""
    elif kind == "truncated":
        content = content[: len(content) // 2]
    elif kind == "duplicate_rows":
        content += content.splitlines(keepends=True)[-1]
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.utime(draft, (came_at.timestamp(), came_at.timestamp()))
    draft.replace(target)
