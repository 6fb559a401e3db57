"""The end of a run in words: what came, what was judged, what is published, where to look next."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.settings import data_folder
from orchestration import environment, publish, warehouse
from orchestration.progress import Progress, name_of

# Label → what counts it in the night, and since the beginning; money comes per currency.
_FIGURES = {
    "customers": (
        "select null",
        "select count(*) from marts.dim_customer",
    ),
    "touchpoints of people": (
        "select count(*) from marts.fct_touchpoint where not is_machine and {occurred_at}",
        "select count(*) from marts.fct_touchpoint where not is_machine",
    ),
    "orders": (
        "select count(*) from marts.fct_order where not is_refund and {ordered_at}",
        "select count(*) from marts.fct_order where not is_refund",
    ),
    "net revenue": (
        "select sum(net_amount), currency_code from marts.fct_order where {ordered_at}"
        " group by all order by all",
        "select sum(net_amount), currency_code from marts.fct_order group by all order by all",
    ),
    "ad spend": (
        "select sum(spend_amount), currency_code from marts.fct_ad_performance"
        " where report_date = date '{night}' group by all order by all",
        "select sum(spend_amount), currency_code from marts.fct_ad_performance"
        " group by all order by all",
    ),
}


def streams_table(progress: Progress, streams: Sequence[tuple[str, str]]) -> Table:
    """Per stream: pages, rows as the vendor counts them, new rows, quarantined rows, verdict."""
    table = Table(title="What came", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("vendor/stream")
    for heading in ("pages", "rows", "new", "quarantined"):
        table.add_column(heading, justify="right")
    # Folded, not cut: it may name a file.
    table.add_column("verdict", overflow="fold")
    judged = {
        check.check_name: check for check in progress.checks if check.asset_key == warehouse.LOADS
    }
    failed = {failure.step for failure in progress.failures}
    for vendor, stream in streams:
        step = warehouse.check_name(vendor, stream)
        table.add_row(f"{vendor}/{stream}", *_row(progress, judged.get(step), step, step in failed))
    return table


def _row(progress: Progress, check: Any, step: str, is_failed: bool) -> tuple[str, ...]:
    facts = progress.facts.get(step, {})
    figures = {name: value.value for name, value in check.metadata.items()} if check else {}
    if is_failed:
        verdict = "[red]failed: shows what came before[/red]"
    elif check is None:
        verdict = "not judged"
    elif check.passed:
        changed = figures.get("changed_fields") or 0
        fields = f"; fields that changed: {changed:.0f}, see the check" if changed else ""
        verdict = f"accepted{fields}" if figures.get("loads") else "nothing new"
    else:
        verdict = f"[yellow]held back: {escape(check.description or '')}[/yellow]"
    return (
        _number(facts.get("pages")),
        _number(facts.get("rows")),
        _number(figures.get("new_rows")),
        _number(figures.get("quarantined_rows")),
        verdict,
    )


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,.0f}"


def checks_line(progress: Progress) -> str:
    """How many checks passed, and which warned or failed."""
    told = [f"{sum(check.passed for check in progress.checks):,} passed"]
    for word, severity in (
        ("warned", dg.AssetCheckSeverity.WARN),
        ("failed", dg.AssetCheckSeverity.ERROR),
    ):
        found = [c for c in progress.checks if not c.passed and c.severity == severity]
        names = ", ".join(f"{c.asset_key.to_user_string()}: {c.check_name}" for c in found)
        told.append(f"{len(found):,} {word}{f' ({names})' if names else ''}")
    return f"Checks: {', '.join(told)}."


def print_figures(console: Console, file: Path, night: date) -> None:
    """Five figures of the business, from the marts of the published file."""
    table = Table(title="What it says", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column(f"on {night}", justify="right")
    table.add_column("in all", justify="right")
    within = {
        column: f"cast({column} as date) = date '{night}'"
        for column in ("occurred_at", "ordered_at")
    }
    with duckdb.connect(str(file), read_only=True) as con:
        for label, queries in _FIGURES.items():
            shown = [_ask(con, query.format(night=night, **within)) for query in queries]
            table.add_row(label, *shown)
    console.print(table)


def _ask(con: duckdb.DuckDBPyConnection, query: str) -> str:
    try:
        rows = con.execute(query).fetchall()
    except duckdb.Error as error:
        return f"cannot be read: {str(error).splitlines()[0]}"
    if not rows:
        # Sums per currency: none where nothing was sold or spent.
        return "0"
    if len(rows[0]) == 2:
        return ", ".join(f"{amount:,.2f} {currency}" for amount, currency in rows)
    return _number(rows[0][0])


def print_published(console: Console, began_with: publish.Version | None) -> bool:
    """What analysts read now.

    Returns:
        Whether it is newer than what the run began with.
    """
    folder = environment.published_folder()
    now = publish.current(folder)
    if now is None:
        console.print("Published: nothing yet.", highlight=False)
        return False
    is_new = began_with is None or now.number > began_with.number
    kept = len(publish.versions(folder)) - 1
    console.print(
        f"{'Published' if is_new else 'Not published; still in place'}:"
        f" {escape(str(folder / publish.CURRENT))} (night {now.night}, {now.size / 2**20:,.1f} MiB;"
        f" {kept} older kept).",
        highlight=False,
        soft_wrap=True,
    )
    return is_new


def query_command(file: Path, query: str = "from marts.rpt_channel_performance limit 9") -> str:
    """A line to type that asks the published file, with nothing but what is installed here."""
    # Strings in double quotes, so that the shell's single ones around it need no escaping.
    where, what = json.dumps(str(file)), json.dumps(query)
    program = f"import duckdb; duckdb.connect({where}, read_only=True).sql({what}).show()"
    return shlex.join([sys.executable, "-c", program])


def print_where_next(console: Console, held_back: bool) -> None:
    """What a person may want to do now."""
    docs = next((data_folder() / "docs").rglob("index.html"), None)
    published = environment.published_folder() / publish.CURRENT
    lines = [f"analyse       {query_command(published)}"] if published.exists() else []
    lines.append("lineage, runs make ui")
    if docs is not None:
        lines.append(f"data docs     {docs}")
    if held_back:
        lines.append("held back     make loads")
    lines.append("step back     make rollback")
    console.print("Where to look next", style="bold")
    for line in lines:
        console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)


def print_failures(console: Console, progress: Progress) -> None:
    """Loudly: what failed, which vendor, stream and window, what to do."""
    for failure in progress.failures:
        console.print(f"[bold red]FAILED {escape(name_of(failure.step))}[/bold red]")
        console.print(f"  {escape(failure.facts.get('reason') or failure.message)}", soft_wrap=True)
        for name in ("vendor", "stream", "window", "status", "remedy"):
            if name in failure.facts:
                console.print(f"  {name:8} {escape(failure.facts[name])}", soft_wrap=True)
