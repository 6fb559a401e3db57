"""One vendor from the command line: `python -m connectors.<vendor> --from DATE --to DATE`.

Reads arguments, lands each stream, says what came. Anything else belongs to the vendor or landing.
"""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime

from connectors.landing import extract
from connectors.settings import SettingError, load_env_file
from connectors.stream import ConnectorError, Vendor


def _date(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def main(vendor: Vendor, arguments: list[str] | None = None) -> int:
    """Land a vendor's window and print a line per stream.

    Args:
        vendor: whose streams.
        arguments: the command line's, if not the process's own.

    Returns:
        0 if every stream landed, else 1; a failing stream stops no other.
    """
    parser = argparse.ArgumentParser(prog=f"python -m connectors.{vendor.name}")
    parser.add_argument("--from", dest="start", type=_date, required=True, metavar="DATE")
    parser.add_argument("--to", dest="end", type=_date, required=True, metavar="DATE")
    names = [stream.name for stream in vendor.streams]
    parser.add_argument("--stream", choices=names, action="append", help="default: all")
    asked = parser.parse_args(arguments)
    if asked.start >= asked.end:
        parser.error("--to is a later day than --from, and not in the window itself")
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    logging.getLogger("connectors").setLevel(logging.INFO)
    try:
        load_env_file()
    except SettingError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    for name in asked.stream or names:
        try:
            landed = extract(vendor.name, name, asked.start, asked.end)
        except (ConnectorError, SettingError) as error:
            failed += 1
            print(error, file=sys.stderr)
        else:
            print(f"{landed.name}: {landed.counts}")
    return 1 if failed else 0
