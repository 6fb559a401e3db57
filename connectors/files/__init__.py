"""Files: any feed that comes as files in a folder, declared by a small YAML beside them.

A feed is a folder of the drop area, `<SOURCES__FILES__URL>/<feed>/`, with a `feed.yml` that says
what its files look like and which domain they map to. A stream is a domain, so that a new feed
needs no code and no SQL: base reads each page by the declaration that was landed with it.

Data flow: `<drop>/<feed>/<file>` → landing `files/<domain>` → `base.base_files__<domain>`.

A night reads the files that landing does not hold yet, whatever their time (see landed.py), and
those that changed. Each page is the file's own text, cut between records; a Parquet file becomes
one JSON array of texts per row. A file whose shape is wrong is held back as a whole, with a notice.

See what a folder holds without landing it: `python -m connectors.files check`.
"""

from __future__ import annotations

from functools import partial

from connectors.client import Client
from connectors.files.domains import DOMAINS
from connectors.files.drop import Drop
from connectors.files.landed import last_versions
from connectors.stream import Pages, Stream, Vendor, Window


def _pages(client: Client, window: Window, domain: str) -> Pages:
    return Drop(client.settings).pages(domain, last_versions("files", domain))


def probe(client: Client) -> Pages:
    """The folder can be read and each feed's declaration too; no file is opened."""
    Drop(client.settings).declared()
    return iter(())


VENDOR = Vendor(
    name="files",
    streams=tuple(Stream(name, partial(_pages, domain=name)) for name in DOMAINS),
    connect=Client,
    probe=probe,
)
