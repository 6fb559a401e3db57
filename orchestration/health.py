"""How the vendors are: told to a person (`make doctor`), and as checks of the asset [ops, vendors].

Belongs here: who is asked and who is told. Does not belong here: what is asked, and what an answer
means (`connectors.doctor`).
"""

# No postponed annotations here: Dagster reads the type of `context` when it decorates.

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dagster as dg
from rich.console import Console
from rich.markup import escape

import connectors
from connectors import doctor
from connectors.doctor import Diagnosis
from connectors.settings import SettingError, data_folder, load_env_file, profile
from connectors.side_by_side import SideBySide, pulls_at_once
from connectors.stream import Vendor
from orchestration import environment, locks, loopback, nights

VENDORS = dg.AssetKey(["ops", "vendors"])
Examine = Callable[[Vendor], Diagnosis]

_ANOTHER_RUN = "A run (process {pid}) is at work on this data folder's sandbox: wait for its end."


def examine(vendor: Vendor) -> Diagnosis:
    """Ask a vendor; by its own clock in the sandbox, and its API version by ours everywhere."""
    return doctor.examine(vendor, now=loopback.vendors_now(), today=datetime.now(UTC).date())


def all_of(vendors: Iterable[Vendor], examine: Examine) -> list[Diagnosis]:
    """Ask all of them side by side; the order stays."""
    at_once = SideBySide(pulls_at_once(), {})
    work = [at_once.add(vendor.name, partial(examine, vendor)) for vendor in vendors]
    return [piece.result.result() for piece in work]


def vendors_asset(vendors: Collection[Vendor], examine: Examine) -> dg.AssetsDefinition:
    """[ops, vendors]: one check per vendor, which warns and stops nobody."""

    @dg.asset(
        key=VENDORS,
        group_name="gate",
        kinds={"python"},
        description="How each vendor answers: credential, rights, API version, clock.",
        check_specs=[
            dg.AssetCheckSpec(
                vendor.name,
                asset=VENDORS,
                description=f"One cheap question to {vendor.name}, as `make doctor` asks it.",
            )
            for vendor in vendors
        ],
    )
    def health(context: dg.AssetExecutionContext) -> Iterator[Any]:
        told = all_of(vendors, examine)
        yield dg.MaterializeResult(
            metadata={
                "asked": sum(not diagnosis.is_left_out for diagnosis in told),
                "broken": sum(diagnosis.is_broken for diagnosis in told),
            },
            check_results=[_check(diagnosis) for diagnosis in told],
        )

    return health


def _check(diagnosis: Diagnosis) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=diagnosis.vendor,
        asset_key=VENDORS,
        passed=not diagnosis.findings,
        severity=dg.AssetCheckSeverity.WARN,
        description=str(diagnosis),
        metadata={
            "wrong": ", ".join(finding.what for finding in diagnosis.findings) or "nothing",
            "right": "; ".join(diagnosis.facts) or "nothing known",
        },
    )


def run() -> int:
    """`make doctor`: a line per vendor.

    Returns:
        The exit status: 0 where every configured vendor answers, else 1.
    """
    console = Console()
    try:
        load_env_file()
        environment.prepare()
        # What a vendor's client logs on the way is told in its line.
        logging.disable(logging.WARNING)
        with ExitStack() as stack:
            if profile() == "sandbox":
                _start_sandbox(stack, console)
            vendors = connectors.vendors().values()
            told = all_of(vendors, examine)
    except (SettingError, locks.BusyError) as error:
        console.print(f"[bold red]Not asked:[/bold red] {escape(str(error))}", soft_wrap=True)
        return 2
    finally:
        logging.disable(logging.NOTSET)
    return _tell(console, told)


def _start_sandbox(stack: ExitStack, console: Console) -> None:
    """As a night does, but its clock stays where it is: moving it on is a night's business."""
    stack.enter_context(locks.held(locks.run_lock(), _ANOTHER_RUN))
    has_clock = (data_folder() / "sandbox" / "clock").exists()
    begin = None if has_clock else nights.clock_after(nights.calendar().first)
    stack.enter_context(
        loopback.serving(begin, lambda text: console.print(f"  {text}", highlight=False))
    )


def _tell(console: Console, told: list[Diagnosis]) -> int:
    width = max((len(diagnosis.vendor) for diagnosis in told), default=0)
    for diagnosis in told:
        console.print(
            f"{_mark(diagnosis)} {diagnosis.vendor:{width}}  {escape(str(diagnosis))}",
            highlight=False,
            soft_wrap=True,
        )
    broken = [diagnosis.vendor for diagnosis in told if diagnosis.is_broken]
    if all(diagnosis.is_left_out for diagnosis in told):
        console.print("[bold red]No vendor is configured[/bold red]: .env.example lists them.")
        return 1
    if broken:
        console.print(f"[bold red]Nothing comes from {', '.join(broken)}.[/bold red]")
        return 1
    return 0


def _mark(diagnosis: Diagnosis) -> str:
    if diagnosis.is_left_out:
        return "[dim]-[/dim]"
    if diagnosis.is_broken:
        return "[red]✗[/red]"
    return "[yellow]![/yellow]" if diagnosis.findings else "[green]✓[/green]"
