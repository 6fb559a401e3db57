"""Folders by their URL: on a local disk, or in any store that fsspec knows.

Belongs here: how a URL becomes a filesystem and a path on it, and what dlt calls its folder there.
Does not belong here: what is read or written.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec

# In a vendor's folder of the landing, dlt's own: what it has finished.
RECORDS = "_dlt_loads"


def opened(url: str) -> tuple[Any, str]:
    """The filesystem of a URL, and the path on it.

    What a file URL escapes (`file:///my%20data`) is read as dlt reads it, who lands there; fsspec
    would look for a folder whose name holds the escapes.

    Args:
        url: any fsspec URL, or a local path.
    """
    if url.startswith("file:"):
        return fsspec.filesystem("file"), unquote(urlsplit(url).path).rstrip("/") or "/"
    filesystem, path = fsspec.url_to_fs(url)
    return filesystem, str(path)
