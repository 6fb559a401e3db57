"""The command line: `python -m sandbox serve|build|truth`.

Belongs here: arguments and what is printed. Does not belong here: what they start (embedded.py).
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import FrameType

import pyarrow.parquet as pq

from connectors.settings import load_env_file
from sandbox.embedded import build_world, running
from sandbox.server import parse_moment
from sandbox.vendors import discover
from sandbox.world import Parameters


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand and return the exit status."""
    try:
        load_env_file()
        options = _parser().parse_args(arguments)
        parameters = _parameters(options)
    except ValueError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    try:
        return _run(options, parameters)
    except OSError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, parameters: Parameters) -> int:
    if options.command == "serve":
        return _serve(options, parameters)
    started = time.monotonic()
    world = build_world(options.data, parameters, options.vendors)
    if options.command == "build":
        print(f"world {world.folder} ready in {time.monotonic() - started:.1f} s")
        return 0
    to = options.to or options.data / "truth"
    to.mkdir(parents=True, exist_ok=True)
    there = sorted(folder.name for folder in (world.folder / "truth").iterdir())
    if unknown := sorted(set(options.tables or ()) - set(there)):
        print(f"sandbox: no truth of {', '.join(unknown)}; there is {', '.join(there)}")
        return 2
    for name in options.tables or there:
        table = world.truth(name, options.as_of)
        pq.write_table(table, to / f"{name}.parquet")
        print(f"{name:16} {table.num_rows:>12,} rows")
    return 0


def _serve(options: argparse.Namespace, parameters: Parameters) -> int:
    stop = threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    print("sandbox: building the world where it is missing", flush=True)
    with running(
        options.data.resolve(),
        people=parameters.people,
        days=parameters.days,
        seed=parameters.seed,
        start=parameters.start,
        now=options.now,
        port=options.port,
        limit_factor=options.limit_factor,
        latency=options.latency,
        vendors=options.vendors,
    ) as sandbox:
        print(f"sandbox: the clock stands at {sandbox.now.isoformat()}")
        for name, vendor in discover().items():
            if vendor.routes and name in (options.vendors or discover()):
                print(f"sandbox: http://127.0.0.1:{sandbox.port}/{name}")
        print("sandbox: what points a connector at it, for a shell:")
        print("\n".join(_exports(sandbox.environment, options.vendors)))
        print("sandbox: ready", flush=True)
        stop.wait()
    return 0


def _exports(settings: dict[str, str], vendors: list[str] | None) -> list[str]:
    """The settings as lines of a shell, those of the vendors that are served."""
    served = tuple(f"SOURCES__{name.upper()}__" for name in vendors or discover())
    return [
        f"export {name}={shlex.quote(value)}"
        for name, value in sorted(settings.items())
        if name.startswith(served)
    ]


def _parameters(options: argparse.Namespace) -> Parameters:
    given = {
        name: getattr(options, name)
        for name in ("seed", "people", "start", "days")
        if getattr(options, name) is not None
    }
    return replace(Parameters.from_environment(), **given)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("THROUGHLINE_DATA", "data")),
        help="data directory (default: THROUGHLINE_DATA, or data)",
    )
    shared.add_argument("--people", type=int, help="how many persons (default 2000)")
    shared.add_argument("--days", type=int, help="how many days (default 60)")
    shared.add_argument("--seed", type=int, help="what everything random hangs on (default 7)")
    shared.add_argument("--start", type=date.fromisoformat, help="first day (default 2026-01-01)")
    shared.add_argument(
        "--vendors",
        nargs="+",
        choices=sorted(discover()),
        metavar="VENDOR",
        help="whom to stand in for (default: all)",
    )
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", parents=[shared], help="serve the vendors' APIs")
    serve.add_argument("--port", type=int, default=8700, help="0 takes any free port")
    serve.add_argument("--now", type=parse_moment, help="where the clock stands at first (ISO)")
    serve.add_argument(
        "--limit-factor",
        type=float,
        default=1000.0,
        help="multiplies the vendors' rate limits (1: the real ones)",
    )
    serve.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="what each answer takes longer, as over the internet (default 0)",
    )
    commands.add_parser("build", parents=[shared], help="build the world and stop")
    truth = commands.add_parser("truth", parents=[shared], help="export the truth as Parquet")
    truth.add_argument("--tables", nargs="+", help="which tables (default: all)")
    truth.add_argument(
        "--to", type=Path, help="folder to write to (default: truth in the data directory)"
    )
    truth.add_argument(
        "--as-of", type=parse_moment, help="only what the vendors know at that moment (ISO)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
