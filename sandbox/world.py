"""One world: its parameters, its truth, its vendors' streams, built once and cached.

Belongs here: when a world is built and where it lies, and reading it. Does not belong here: what
the population does (the SQL under sandbox/population/) and how a vendor shows it (its module).
"""

from __future__ import annotations

import glob
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from sandbox import store

# How many persons times days are worked on at once: bounds memory, whatever the size.
PERSON_DAYS = 400_000
MEMORY = "THROUGHLINE_SANDBOX_MEMORY"

T = TypeVar("T")

SESSIONS_SO_FAR = """
    with seen as (
        select
            session_id,
            min(occurred_at) as first_at,
            max(occurred_at) as last_at,
            count(*) filter (where event_name = 'page_view') as views,
        from {web_event}
        where known_at <= ?
        group by session_id
    )

    select session.* replace (
        seen.first_at as started_at, seen.last_at as ended_at, seen.views as page_views
    )
    from {session} as session
    inner join seen on session.session_id = seen.session_id
    order by started_at, session.session_id
"""


def quoted(path: Path) -> str:
    """A path as a text in SQL, whatever its name."""
    return _text(str(path))


def parquet_in(folder: Path) -> str:
    """All Parquet files of a folder as a table in SQL, whatever the folder's name."""
    return f"read_parquet({_text(glob.escape(str(folder)) + '/*.parquet')})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True)
class Parameters:
    """What a world is made from; equal parameters make equal bytes.

    Attributes:
        seed: Everything random hangs on it.
        people: How many persons there are.
        start: First day of the calendar.
        days: Length of the calendar in days.
    """

    seed: int = 7
    people: int = 2000
    start: date = date(2026, 1, 1)
    days: int = 60

    @classmethod
    def from_environment(cls) -> Parameters:
        """Read THROUGHLINE_SANDBOX_{SEED,PEOPLE,START,DAYS}, with the defaults of the class.

        Raises:
            ValueError: one of them cannot be read; the message names it.
        """
        return cls(
            seed=_setting("SEED", cls.seed, int),
            people=_setting("PEOPLE", cls.people, int),
            start=_setting("START", cls.start, date.fromisoformat),
            days=_setting("DAYS", cls.days, int),
        )

    @property
    def fingerprint(self) -> str:
        """Short text that differs for worlds with different content."""
        digest = hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode())
        # The sources count as the version of the code: whatever makes worlds lies in this package.
        here = Path(__file__).parent
        for source in sorted(
            [*here.glob("*.py"), *here.glob("*.txt"), *here.glob("population/**/*.*")]
        ):
            if source.suffix in (".py", ".sql", ".txt"):
                digest.update(source.read_bytes())
        return digest.hexdigest()[:12]


def _setting(name: str, default: T, read: Callable[[str], T]) -> T:
    variable = f"THROUGHLINE_SANDBOX_{name}"
    text = os.environ.get(variable)
    try:
        return read(text) if text else default
    except ValueError:
        raise ValueError(f"{variable} is {text!r}: write it like {default}.") from None


class World:
    """A world on disk: truth tables as Parquet, vendors' streams as rows.

    Attributes:
        folder: Where it lies.
        parameters: What it was made from.
    """

    def __init__(
        self, folder: Path, parameters: Parameters, drafts: Mapping[str, Path] | None = None
    ):
        """Open a world.

        Args:
            folder: Where it lies.
            parameters: What it was made from.
            drafts: Where the streams of vendors lie while they are being written.
        """
        self.folder = folder
        self.parameters = parameters
        self._drafts = drafts or {}
        self._streams: dict[tuple[str, str], store.Stream] = {}

    def home(self, vendor: str) -> Path:
        """Return the folder of a vendor's streams."""
        return self._drafts.get(vendor, self.folder / "streams" / vendor)

    @property
    def start(self) -> datetime:
        """First moment of the calendar, aware UTC."""
        return datetime.combine(self.parameters.start, datetime.min.time(), UTC)

    @property
    def end(self) -> datetime:
        """First moment after the calendar, aware UTC; the clock may stand some hours later."""
        return self.start + timedelta(days=self.parameters.days)

    @property
    def stretches(self) -> list[tuple[int, int]]:
        """The calendar in stretches [first, end) of day numbers that fit into memory."""
        length = max(1, PERSON_DAYS // max(1, self.parameters.people))
        days = self.parameters.days
        return [(first, min(first + length, days)) for first in range(0, days, length)]

    @property
    def slices(self) -> list[tuple[datetime, datetime]]:
        """The calendar and the day after it, in slices of time that fit into memory."""
        parts = min(24, -(-self.parameters.people // PERSON_DAYS))
        if parts > 1:
            hours = timedelta(hours=-(-24 // parts))
            begins = [
                self.start + timedelta(days=day) + n * hours
                for day in range(self.parameters.days + 1)
                for n in range(-(-timedelta(days=1) // hours))
            ]
        else:
            begins = [self.start + timedelta(days=first) for first, _ in self.stretches]
        return list(itertools.pairwise([*begins, self.end + timedelta(days=1)]))

    def write_rows(
        self,
        con: duckdb.DuckDBPyConnection,
        vendor: str,
        stream: str,
        select: str,
        *,
        daily: bool = False,
    ) -> int:
        """Write a stream of what a query yields. For `render` only.

        Args:
            con: The connection `render` was given.
            vendor: The vendor module's name.
            stream: The stream's name.
            select: Query with the columns `sort_at` (timestamp the vendor filters and sorts by),
                `known_at` (when the vendor first shows this version), `superseded_at` (when a
                later version replaces it; null for never), `key` (text; ties on sort_at are
                ordered by it), `tag` (text to filter by, or null) and `body` (the row's JSON text).
            daily: Run the query once for each slice of time, with `$day_start` and `$day_end`
                (naive timestamps) in it; each run must yield just the rows whose sort_at lies in
                [$day_start, $day_end). For streams too large to sort at once.

        Returns:
            The number of rows written.
        """
        folder = self.home(vendor) / stream
        folder.mkdir(parents=True, exist_ok=True)
        tags: dict[str, int] = {}
        ordered = f"""
            select sort_at, known_at, superseded_at, tag, body || ',' || chr(10) as body
            from ({select}) order by sort_at, key, known_at
        """
        count = 0
        if daily:
            for begin, end in self.slices:
                bounds = {
                    "day_start": begin.replace(tzinfo=None),
                    "day_end": end.replace(tzinfo=None),
                }
                name = f"{begin:%Y-%m-%dT%H}"
                count += store.write_partition(folder, name, con.execute(ordered, bounds), tags)
        else:
            count = store.write_partition(folder, "all", con.execute(ordered), tags)
        (folder / "tags.json").write_text(json.dumps(tags), encoding="utf-8")
        return count

    def stream(self, vendor: str, stream: str) -> store.Stream:
        """Return a stream to serve pages from."""
        key = (vendor, stream)
        if key not in self._streams:
            self._streams[key] = store.Stream(self.home(vendor) / stream)
        return self._streams[key]

    def truth(self, table: str, as_of: datetime | None = None) -> pa.Table:
        """Return a truth table, as of a clock where its rows say when they became known."""
        source = self._parquet(table)
        with duckdb.connect() as con:
            if as_of is None:
                return con.execute(f"from {source}").to_arrow_table()
            moment = as_of.astimezone(UTC).replace(tzinfo=None)
            if table == "session":
                # A session is as long as the events seen of it so far.
                return con.execute(
                    SESSIONS_SO_FAR.format(session=source, web_event=self._parquet("web_event")),
                    [moment],
                ).to_arrow_table()
            names = [row[0] for row in con.execute(f"describe from {source}").fetchall()]
            if "known_at" not in names:
                return con.execute(f"from {source}").to_arrow_table()
            return con.execute(f"from {source} where known_at <= ?", [moment]).to_arrow_table()

    def _parquet(self, table: str) -> str:
        return parquet_in(self.folder / "truth" / table)


Builder = Callable[[duckdb.DuckDBPyConnection, World], None]


def build(
    data: Path,
    parameters: Parameters,
    populate: Builder,
    attach: Builder,
    renders: Mapping[str, Builder],
) -> World:
    """Return the world of these parameters, building what is not there yet.

    The truth appears at once or not at all, and so do the streams of each vendor.

    Args:
        data: The data directory; worlds lie in its `sandbox` folder.
        parameters: What to build.
        populate: Writes the truth tables.
        attach: Shows the truth tables to a connection.
        renders: By vendor, what writes its streams.
    """
    folder = data / "sandbox" / f"world-{parameters.fingerprint}"
    if not folder.exists():
        with _draft(folder) as draft, _connection(draft) as con:
            (draft / "truth").mkdir()
            (draft / "streams").mkdir()
            populate(con, World(draft, parameters))
    missing = {name: step for name, step in renders.items() if not _has(folder, name)}
    if missing:
        with _connection(folder) as con:
            attach(con, World(folder, parameters))
            for name, render in missing.items():
                with _draft(folder / "streams" / name) as draft:
                    render(con, World(folder, parameters, {name: draft}))
    return World(folder, parameters)


def _has(folder: Path, vendor: str) -> bool:
    return (folder / "streams" / vendor).exists()


@contextmanager
def _connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    spill = folder.with_name(f"{folder.name}.{os.getpid()}.spill")
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'; set enable_progress_bar = false")
        # What does not fit is spilled to disk: a world may be larger than the machine's memory.
        con.execute("set memory_limit = ?", [os.environ.get(MEMORY, "2GB")])
        con.execute("set temp_directory = ?", [str(spill)])
        yield con
    shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes the given one when the block ends well."""
    draft = folder.with_name(f"{folder.name}.{os.getpid()}.draft")
    draft.parent.mkdir(parents=True, exist_ok=True)
    for leftover in draft.parent.glob("*.draft"):
        if not _lives(int(leftover.name.split(".")[-2])):
            shutil.rmtree(leftover, ignore_errors=True)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        draft.rename(folder)
    except OSError:
        # Where another process finished the same first, both are equal and one is enough.
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _lives(process: int) -> bool:
    """Say whether a process is alive: a killed build leaves its draft behind."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
