"""`python -m tests.conformance`: run every connector and write docs/conformance.md anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from connectors import vendors
from tests.conformance.proofs import has_module
from tests.conformance.recording import record
from tests.conformance.table import DOCUMENT, document

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        proven = [vendor for vendor in vendors() if has_module(vendor)]
        text = document({vendor: record(vendor, Path(folder)) for vendor in proven})
    same = DOCUMENT.exists() and DOCUMENT.read_text() == text
    DOCUMENT.write_text(text)
    print(f"docs/conformance.md: {'as it was' if same else 'written anew'}")
