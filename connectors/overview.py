"""The README's table of connectors, made from what is found here.

Belongs here: that table. Does not belong here: a vendor's own page (its README).
"""

from __future__ import annotations

import importlib
from pathlib import Path

from connectors import vendors
from connectors.stream import Vendor

BEGIN = "<!-- made by `make connectors` from connectors/ -->"
END = "<!-- end -->"


def table() -> str:
    """One row per connector: what it is, its streams and their look-back, its API version."""
    rows = [_row(vendor) for vendor in vendors().values()]
    head = "| connector | what | streams (days pulled again) | API version |\n|---|---|---|---|"
    return "\n".join([head, *rows])


def _row(vendor: Vendor) -> str:
    doc = importlib.import_module(f"connectors.{vendor.name}").__doc__ or ""
    what = doc.splitlines()[0].partition(": ")[2].rstrip(".")
    streams = ", ".join(
        f"{stream.name} ({stream.lookback_days})" if stream.lookback_days else stream.name
        for stream in vendor.streams
    )
    hourly = [stream.name for stream in vendor.streams if stream.cadence == "hourly"]
    hours = f"; by the hour: {', '.join(hourly)}" if hourly else ""
    version = "none" if vendor.version is None else vendor.version.name
    if vendor.version and vendor.version.sunset:
        version += f", until {vendor.version.sunset}"
    page = f"connectors/{vendor.name}/README.md"
    return f"| [{vendor.name}]({page}) | {what} | {streams}{hours} | {version} |"


def in_place(text: str) -> str:
    """The document with the table as it should be.

    Raises:
        ValueError: the document does not say where the table stands.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the table stands between {BEGIN!r} and {END!r}, which are not there")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def write(readme: Path) -> bool:
    """Write the table anew; returns whether it was another one."""
    text = readme.read_text(encoding="utf-8")
    readme.write_text(in_place(text), encoding="utf-8")
    return readme.read_text(encoding="utf-8") != text
