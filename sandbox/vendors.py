"""Which vendors there are: every module of this package that renders streams and shows them.

Belongs here: finding vendor modules and what they offer. Does not belong here: any vendor's name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox.faults import Faults
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import Builder, World

SHOWS = {"routes", "deliver"}
Deliver = Callable[[World, Path, datetime, Faults], None]


def _none_missing(_: Request) -> Response | None:
    return None


def _no_headers(_: Limit, __: int, ___: int) -> dict[str, str]:
    return {}


def _no_settings(_: str) -> dict[str, str]:
    return {}


def _no_file_settings(_: Path) -> dict[str, str]:
    return {}


def _nothing_to_deliver(_: World, __: Path, ___: datetime, ____: Faults) -> None:
    return None


def _plain_problem(kind: str, detail: str) -> Response:
    return Response.of({"error": kind, "detail": detail}, status=500)


@dataclass(frozen=True)
class Vendor:
    """What a vendor module offers; all but `render` may be missing there.

    Attributes:
        name: The module's name.
        render: Writes the vendor's streams from the truth.
        routes: Its endpoints.
        authorize: Answers a request without proper credentials or headers, else None.
        problem: Makes an answer in the vendor's error shape.
        rate_headers: Names the limit and what is used of it in a second and a minute.
        environment: The connector's settings for a base URL.
        file_environment: The connector's settings for a data directory, where it reads files.
        deliver: Writes the files that appear by a clock into a data directory.
    """

    name: str
    render: Builder
    routes: tuple[Route, ...]
    authorize: Callable[[Request], Response | None]
    problem: Callable[[str, str], Response]
    rate_headers: Callable[[Limit, int, int], dict[str, str]]
    environment: Callable[[str], dict[str, str]]
    file_environment: Callable[[Path], dict[str, str]]
    deliver: Deliver


def discover() -> dict[str, Vendor]:
    """Return every vendor by name: the modules with something to render and a way to show it."""
    found = {}
    for entry in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if entry.name.startswith("_"):
            continue
        module = importlib.import_module(f"sandbox.{entry.name}")
        if not hasattr(module, "render") or not SHOWS.intersection(dir(module)):
            continue
        found[entry.name] = Vendor(
            name=entry.name,
            render=module.render,
            routes=tuple(module.routes()) if hasattr(module, "routes") else (),
            authorize=getattr(module, "authorize", _none_missing),
            problem=getattr(module, "problem", _plain_problem),
            rate_headers=getattr(module, "rate_headers", _no_headers),
            environment=getattr(module, "environment", _no_settings),
            file_environment=getattr(module, "file_environment", _no_file_settings),
            deliver=getattr(module, "deliver", _nothing_to_deliver),
        )
    return found
