"""What is checked before a run begins, so that it fails in one sentence and not in the middle."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from pathlib import Path

import duckdb

from connectors.settings import SettingError, VendorSettings, data_folder, profile
from connectors.stream import Vendor
from orchestration import environment

MEBIBYTE = 2**20


def check(vendors: Collection[Vendor]) -> list[Vendor]:
    """Check everything that can be known beforehand.

    Args:
        vendors: all vendors there are.

    Returns:
        Those that are not configured and will be left out.

    Raises:
        SettingError: the first thing that is wrong, with its remedy.
    """
    left_out = _unconfigured(vendors) if profile() == "production" else []
    check_disk(data_folder())
    check_build_file(environment.build_file())
    return left_out


def _unconfigured(vendors: Collection[Vendor]) -> list[Vendor]:
    """Vendors of which no setting is made; one that is half made is a mistake, not a choice."""
    left_out = []
    for vendor in vendors:
        missing = VendorSettings(vendor.name).missing(vendor.required)
        if not missing:
            continue
        if len(missing) < len(vendor.required):
            raise SettingError(
                f"{vendor.name} is configured in part: set {', '.join(missing)} as well, or unset"
                " the others to leave it out (.env.example lists them)."
            )
        left_out.append(vendor)
    if not any(len(VendorSettings(v.name)) for v in vendors if v not in left_out):
        wanted = ", ".join(f"{vendor.name}" for vendor in left_out)
        raise SettingError(
            f"THROUGHLINE_PROFILE is 'production' and no vendor is configured ({wanted}): put"
            " credentials into .env (.env.example lists them), or unset THROUGHLINE_PROFILE for"
            " the sandbox."
        )
    return left_out


def check_disk(data: Path) -> None:
    """A run writes the build file anew in part, and then a copy of it.

    Raises:
        SettingError: there is too little room.
    """
    text = os.environ.get("THROUGHLINE_MIN_FREE_MB") or "512"
    if not text.isdigit():
        raise SettingError(f"THROUGHLINE_MIN_FREE_MB is {text!r}: write a number of mebibytes.")
    build = environment.build_file()
    size = build.stat().st_size if build.exists() else 0
    needed = int(text) * MEBIBYTE + 2 * size
    free = shutil.disk_usage(data).free
    if free < needed:
        raise SettingError(
            f"The disk of {data} is nearly full: {free // MEBIBYTE:,} MiB are free and a run needs"
            f" {needed // MEBIBYTE:,} MiB. Free some space or move THROUGHLINE_DATA."
        )


def check_build_file(path: Path) -> None:
    """Nobody else may have it open, and DuckDB must be able to read it.

    Raises:
        SettingError: it is open elsewhere, or damaged.
    """
    if not path.exists():
        return
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        text = str(error)
        if "lock" in text:
            holder = re.search(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)", text)
            who = f"process {holder['pid']} ({holder['program']})" if holder else "another process"
            raise SettingError(
                f"The build file {path} is open in {who}: close it, then run again. Analysts read"
                f" {environment.published_folder() / 'warehouse.duckdb'}, which is never locked."
            ) from error
        raise SettingError(
            f"The build file {path} cannot be opened: {text.splitlines()[0]} Move it away and run"
            " again: it is built anew from the landed pages."
        ) from error
