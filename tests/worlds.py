"""Worlds of the sandbox that tests share: made once, whichever test or worker asks first.

Belongs here: where they lie and how a sandbox of a test's own is served from one. Does not belong
here: what a world holds, and tests of how worlds are made, which make their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sandbox import Parameters, Running, World, build_world, running

START = date(2026, 1, 1)


def world_of(data: Path, parameters: Parameters, vendors: Collection[str] | None = None) -> World:
    """The world of these parameters, made where it is missing, and shown in a data folder.

    Args:
        data: a folder below pytest's own.
        parameters: what the world is made from.
        vendors: whose streams are needed; all by default.
    """
    world = build_world(_kept(data), parameters, vendors)
    shown = data / "sandbox" / world.folder.name
    shown.parent.mkdir(parents=True, exist_ok=True)
    if not shown.exists():
        shown.symlink_to(world.folder)
    return world


@contextmanager
def serving(
    data: Path,
    *,
    people: int,
    days: int,
    start: date = START,
    vendors: Collection[str] | None = None,
    **given: Any,
) -> Iterator[Running]:
    """Serve a world that tests share, with clock, faults and files of one's own.

    Args:
        data: where these lie; a folder below pytest's own.
        people: how many persons.
        days: how many days.
        start: the first of them.
        vendors: whom to stand in for; all by default.
        **given: as `sandbox.running` takes it.
    """
    parameters = Parameters(seed=7, people=people, days=days, start=start)
    world_of(data, parameters, vendors)
    with running(
        data, people=people, days=days, seed=7, start=start, vendors=vendors, **given
    ) as side:
        yield side


def _kept(data: Path) -> Path:
    """Beside what the tests of this run write; each worker has a folder of its own in it."""
    ours = [each for each in data.parents if each.name.startswith(("popen-gw", "pytest-"))]
    if not ours:
        return data.parent / "worlds"
    is_workers = ours[0].name.startswith("popen-gw")
    return (ours[0].parent if is_workers else ours[0]) / "worlds"
