"""Publishing: what was built for analysts becomes what they read, in one step, and back again.

Files only, no Dagster. The folder holds the last versions, `warehouse-<night>-<number>.duckdb`, and
`warehouse.duckdb`, a hard link to one of them. A version is written under a name nobody reads,
synced, and renamed; the link is swapped by a rename. It has the schemas that are meant for
analysts: what vendors sent word by word stays in the build file. Killed at any point, the old
warehouse or the new one is in place, and `clean_up` removes the rest.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import locks

CURRENT = "warehouse.duckdb"
# identity is the bridge from the facts' identifiers to customers; seeds are the rules' own words.
SCHEMAS = ("marts", "identity", "seeds")
# Tables stream through: more would only be taken from the run around it.
MEMORY = "512MB"
KEPT = 3
_VERSION = re.compile(r"^warehouse-(?P<night>\d{4}-\d{2}-\d{2})-(?P<number>\d{6})\.duckdb$")
_WAIT_SECONDS = 60


class PublishError(RuntimeError):
    """Nothing was published and what was there is untouched; the message says why."""


@dataclass(frozen=True)
class Version:
    """One published file that is still kept."""

    path: Path
    night: str
    number: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size


def publish(build: Path, folder: Path, night: str) -> Version:
    """Make the build file the warehouse that analysts read.

    Args:
        build: the DuckDB file a run has written; nobody may have it open.
        folder: the published folder.
        night: the night it stands for, YYYY-MM-DD.

    Returns:
        The version that is current now.

    Raises:
        PublishError: the build file cannot be opened, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _folder_lock(folder):
        clean_up(folder)
        _checkpoint(build)
        number = max((version.number for version in versions(folder)), default=0) + 1
        new = Version(folder / f"warehouse-{night}-{number:06d}.duckdb", night, number)
        part = folder / f".{new.path.name}.part"
        try:
            _require_space(folder, build.stat().st_size)
            _write_and_sync(build, part)
            part.rename(new.path)
            _make_current(new)
        except OSError as error:
            _remove(part)
            raise PublishError(_why(error, folder)) from error
        except duckdb.Error as error:
            _remove(part)
            raise PublishError(_why_not(error, build, folder)) from error
        clean_up(folder)
        return new


def roll_back(folder: Path) -> Version:
    """Put the version before the current one back; again and again goes further back.

    The version left behind goes with the next publish, so that nobody rolls back into it.

    Raises:
        PublishError: there is no older version.
    """
    with _folder_lock(folder):
        now = current(folder)
        older = [v for v in versions(folder) if now is not None and v.number < now.number]
        if not older:
            raise PublishError(
                f"There is no older warehouse in {folder} to put back: only the last {KEPT}"
                " are kept."
            )
        _make_current(older[-1])
        return older[-1]


def versions(folder: Path) -> list[Version]:
    """The versions there are, oldest first."""
    found = []
    for path in folder.glob("warehouse-*.duckdb"):
        if match := _VERSION.match(path.name):
            found.append(Version(path, match["night"], int(match["number"])))
    return sorted(found, key=lambda version: version.number)


def current(folder: Path) -> Version | None:
    """The version that `warehouse.duckdb` is, if any."""
    target = folder / CURRENT
    if not target.exists():
        return None
    known = versions(folder)
    same = [version for version in known if version.path.samefile(target)]
    if not same:
        # A folder that was copied without its hard links still has equal files.
        stat = target.stat()
        same = [version for version in known if version.size == stat.st_size]
    return same[-1] if same else None


def clean_up(folder: Path) -> None:
    """Remove what a killed run left, what was rolled back from, and versions beyond the last."""
    for part in folder.glob(".warehouse-*.part*"):
        _remove(part)
    (folder / f".{CURRENT}.link").unlink(missing_ok=True)
    now = current(folder)
    if now is None:
        return
    known = versions(folder)
    kept = [version for version in known if version.number <= now.number][-KEPT:]
    for version in known:
        if version not in kept:
            version.path.unlink()


def _folder_lock(folder: Path) -> AbstractContextManager[None]:
    return locks.held(
        folder / ".lock", "Another process ({pid}) is publishing just now.", _WAIT_SECONDS
    )


def _checkpoint(build: Path) -> None:
    """Bring everything into the one file: a DuckDB file without its log is not the database."""
    try:
        with duckdb.connect(str(build)) as con:
            con.execute("force checkpoint")
    except duckdb.Error as error:
        raise PublishError(f"The build file {build} cannot be published: {error}") from error


def _require_space(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_and_sync(build: Path, target: Path) -> None:
    with duckdb.connect(str(target)) as con:
        con.execute(f"set memory_limit = '{MEMORY}'")
        # Under the name it was built by: a view holds the name of its database.
        name = str(build).replace("'", "''")
        con.execute(f"attach '{name}' as warehouse (read_only)")
        _copy_tables(con)
        con.execute("detach warehouse")
        con.execute("force checkpoint")
    with target.open("rb") as written:
        os.fsync(written.fileno())


def _copy_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Every table and view of the published schemas, as a table."""
    found = con.execute(
        """
        select table_schema, table_name
        from information_schema.tables
        where table_catalog = 'warehouse' and list_contains(?, table_schema)
        order by all
        """,
        [list(SCHEMAS)],
    ).fetchall()
    for schema in dict.fromkeys(schema for schema, _ in found):
        con.execute(f"create schema {schema}")
    for schema, table in found:
        con.execute(f'create table {schema}."{table}" as from warehouse.{schema}."{table}"')


def _remove(part: Path) -> None:
    """A file that was not finished, and what DuckDB keeps beside one."""
    for leftover in part.parent.glob(f"{part.name}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def _make_current(version: Version) -> None:
    folder = version.path.parent
    link = folder / f".{CURRENT}.link"
    link.unlink(missing_ok=True)
    os.link(version.path, link)
    link.rename(folder / CURRENT)
    # Renaming onto another link of the same file does nothing, by POSIX, and leaves the name.
    link.unlink(missing_ok=True)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full: {folder} has no room for the new warehouse. The old one is"
            " untouched; free some space and run the night again."
        )
    return f"{folder} cannot be written ({error.strerror}); the old warehouse is untouched."


def _why_not(error: duckdb.Error, build: Path, folder: Path) -> str:
    """DuckDB tells a full disk in words only."""
    if os.strerror(errno.ENOSPC) in str(error):
        return _why(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), folder)
    return f"The build file {build} cannot be published: {error}; the old warehouse is untouched."
