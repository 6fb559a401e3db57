"""What landing holds already of the drop area: the memory by which a file is read once.

A folder cannot be asked for a window as an API can: a copied file keeps its old time, a late one
carries its day's. So a night reads what landing does not hold yet, and landing alone says what that
is. Only finished loads count; the pages themselves are not opened.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq

from connectors import places
from connectors.settings import landing_url

READ = "READ"
REFUSED = "REFUSED"


def last_versions(vendor: str, stream: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The last landed version of each file.

    Args:
        vendor: the landing's folder.
        stream: the folder below.

    Returns:
        (feed, file) → what its pages' `request` says about them, in the order they landed.
    """
    filesystem, root = places.opened(landing_url())
    filesystem.invalidate_cache()
    finished = _finished_loads(filesystem, f"{root}/{vendor}/{places.RECORDS}")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    files = _files(filesystem, f"{root}/{vendor}/{stream}", ".parquet")
    for path in sorted(files, key=lambda path: path.rsplit("/", 1)[-1]):
        name = path.rsplit("/", 1)[-1]
        if ".".join(name.split(".")[:2]) not in finished:
            continue
        with filesystem.open(path, "rb") as file:
            requests = pq.read_table(file, columns=["request"]).column(0).unique().to_pylist()
        for request in requests:
            if request.startswith(f"{READ} "):
                said = json.loads(request[request.index(" {") :])
                found.pop((said["feed"], said["file"]), None)
                found[said["feed"], said["file"]] = said
    return found


def _files(filesystem: Any, folder: str, ending: str) -> list[str]:
    """Not a glob: the folders above may have any name."""
    if not filesystem.isdir(folder):
        return []
    return [path for path in filesystem.ls(folder, detail=False) if path.endswith(ending)]


def _finished_loads(filesystem: Any, folder: str) -> set[str]:
    finished = set()
    decoder = json.JSONDecoder()
    for path in _files(filesystem, folder, ".jsonl"):
        text = filesystem.cat_file(path).decode("utf-8", errors="replace").strip()
        while text:
            try:
                record, end = decoder.raw_decode(text)
            except ValueError:
                break  # Cut off: its extract was killed, so that load is not finished.
            if record.get("status") == 0:
                finished.add(str(record["load_id"]))
            text = text[end:].lstrip()
    return finished
