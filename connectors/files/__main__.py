"""`python -m connectors.files check` says what the drop area's files are like and lands nothing.

With `--from DATE --to DATE [--stream NAME]` it lands them, as every vendor's command does.
"""

import sys

from connectors.command import main
from connectors.files import VENDOR
from connectors.files.drop import Drop
from connectors.settings import VendorSettings


def _check() -> int:
    failed = 0
    for name, verdict in Drop(VendorSettings(VENDOR.name)).check():
        print(f"{name}: {verdict}")
        failed += not verdict.startswith("fine")
    return 1 if failed else 0


if sys.argv[1:] == ["check"]:
    raise SystemExit(_check())
raise SystemExit(main(VENDOR))
