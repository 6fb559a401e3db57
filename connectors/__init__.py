"""Extraction: each vendor's API, page by page, into landing.

One vendor is one folder, found by its name and not listed anywhere. Here belongs what speaks a
vendor's protocol; no orchestrator, no SQL and no reading of single rows belongs here.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from functools import cache

# Before anything imports dlt.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

from connectors.stream import Vendor


@cache
def vendors() -> dict[str, Vendor]:
    """Every vendor that has a folder here, by name.

    Returns:
        Vendor name → its `Vendor`, in alphabetical order.
    """
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            vendor: Vendor = importlib.import_module(f"{__name__}.{module.name}").VENDOR
            found[vendor.name] = vendor
    return dict(sorted(found.items()))
