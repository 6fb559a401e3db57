"""The sandbox started from Python, and the settings that point connectors at it.

Belongs here: putting world, clock and server together. Does not belong here: the command line
(__main__.py).
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from sandbox.clock import Clock
from sandbox.population import attach, populate
from sandbox.server import Application, Server, fault_of
from sandbox.vendors import Vendor, discover
from sandbox.world import Parameters, World, build

# How long after the last midnight the clock stands by default: when a nightly run would start.
SMALL_HOURS = timedelta(hours=3)


def build_world(
    data: Path, parameters: Parameters | None = None, vendors: Collection[str] | None = None
) -> World:
    """Return a world under a data directory, built as far as it is missing.

    Args:
        data: The data directory.
        parameters: What the world is made from; by default as the environment says.
        vendors: Whose streams are needed; all by default.
    """
    renders = {name: vendor.render for name, vendor in _chosen(vendors).items()}
    given = parameters or Parameters.from_environment()
    return build(data, given, populate, attach, renders)


def _chosen(names: Collection[str] | None) -> dict[str, Vendor]:
    found = discover()
    if names is None:
        return found
    if unknown := set(names) - set(found):
        raise ValueError(f"no such vendor: {', '.join(sorted(unknown))}")
    return {name: vendor for name, vendor in found.items() if name in names}


def environment(port: int, data: Path) -> dict[str, str]:
    """Return the settings (SOURCES__*) under which connectors ask a sandbox.

    Args:
        port: Where it listens on the loopback interface.
        data: Its data directory, for vendors whose data are files.
    """
    settings: dict[str, str] = {}
    for vendor in discover().values():
        settings |= vendor.environment(f"http://127.0.0.1:{port}/{vendor.name}")
        settings |= vendor.file_environment(data)
    return settings


class Running:
    """A sandbox that is listening.

    Attributes:
        port: Where it listens on the loopback interface.
        environment: The settings under which connectors ask it.
        world: What it serves; `world.truth(table, as_of)` is the truth.
    """

    def __init__(self, application: Application, port: int, data: Path):
        self._application = application
        self.port = port
        self.environment = environment(port, data)
        self.world = application.world

    @property
    def now(self) -> datetime:
        """The simulated now, aware UTC."""
        return self._application.clock.now

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests seen, oldest first: vendor, stream, method, path, query, status, fault."""
        return list(self._application.log)

    def set_clock(self, to: datetime) -> datetime:
        """Move the clock forward (it never goes back) and return where it stands."""
        return self._application.advance(to if to.tzinfo else to.replace(tzinfo=UTC))

    def fault(self, vendor: str, stream: str | None, kind: str, **options: Any) -> None:
        """Set a fault; `times`, `skip` and the kind's own options as in `sandbox.faults.Fault`."""
        self._application.faults.add(
            fault_of({"vendor": vendor, "stream": stream, "fault": kind} | options)
        )

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._application.faults.clear()

    def truth(self, table: str, as_of: datetime | None = None) -> pa.Table:
        """Return a truth table as the vendors know it at a moment, by default now."""
        return self.world.truth(table, as_of or self.now)


@contextmanager
def running(
    data: Path,
    *,
    people: int | None = None,
    days: int | None = None,
    seed: int | None = None,
    start: date | None = None,
    now: datetime | None = None,
    port: int = 0,
    limit_factor: float = 1000.0,
    latency: float = 0.0,
    vendors: Collection[str] | None = None,
) -> Iterator[Running]:
    """Serve a sandbox from this process while the block runs.

    Args:
        data: The data directory; the world is built in it where it is missing.
        people: How many persons; by default THROUGHLINE_SANDBOX_PEOPLE.
        days: How many days; by default THROUGHLINE_SANDBOX_DAYS.
        seed: By default THROUGHLINE_SANDBOX_SEED.
        start: First day of the calendar; by default THROUGHLINE_SANDBOX_START.
        now: Where the clock stands at first; by default three hours after the calendar's end. A
            clock kept under `data` from an earlier run never goes back.
        port: Where to listen; 0 takes any free port.
        limit_factor: The vendors' rate limits are multiplied by it; 1 for the real ones.
        latency: Seconds that each answer takes longer, as it would over the internet.
        vendors: Whom to stand in for; all by default. Fewer are ready sooner.
    """
    given = Parameters.from_environment()
    parameters = Parameters(
        seed=given.seed if seed is None else seed,
        people=given.people if people is None else people,
        start=start or given.start,
        days=given.days if days is None else days,
    )
    world = build_world(data, parameters, vendors)
    first = now or world.end + SMALL_HOURS
    first = first if first.tzinfo else first.replace(tzinfo=UTC)
    clock = Clock(data / "sandbox" / "clock", first)
    if now is not None:
        clock.advance(first)
    application = Application(world, clock, _chosen(vendors), data, limit_factor, latency)
    server = Server(application, port)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
    )
    thread.start()
    try:
        yield Running(application, server.server_address[1], data)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
