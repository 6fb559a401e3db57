"""A company under test: a data folder, its nights run as `make nightly` runs them, what came out.

Belongs here: starting, watching and killing the command, and reading what it published. Does not
belong here: what should have come out (truth.py, the tests).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from connectors.settings import ENV_FILE

REPOSITORY = Path(__file__).parents[2]
PEOPLE, DAYS = 300, 12
FIRST_NIGHT, NEXT_NIGHT, LAST_NIGHT = "2026-01-10", "2026-01-11", "2026-01-12"
# Alone a night takes half a minute; the machine may have other things to do.
NIGHT_SECONDS = 900.0

# What nights one after the other know and one load of all cannot: when a version was first seen,
# and the versions before it. All else must be the same.
_VERSION = {"customer_version_id", "valid_from_at", "version_number"}
SEEN_AT: dict[str, set[str]] = {
    "dim_customer_contact_history": _VERSION,
    # A customer who was parted or changed on the way is, in one load of all, just seen.
    "dim_customer_history": _VERSION | {"opened_by", "parted_from_customer_id"},
    # Keys are of the customer's key; what was said before is known to those who heard it.
    "dim_customer_consent": {"customer_consent_id", "first_subscribed_at"},
    "fct_consent": {"superseded_at"},
    "fct_ad_performance": {"pulled_at"},
    "fct_ad_performance_history": {"pulled_at", "ad_day_version_id"},
    "fct_social_performance": {"report_date", "pulled_at", "post_day_id", "views_gained"},
    "fct_video_performance": {"pulled_at"},
    "fct_web_event_report": {"pulled_at"},
    "fct_web_page_report": {"pulled_at"},
    "fct_web_report": {"pulled_at"},
    "rpt_freshness": {"pulled_at", "accepted_night_count"},
}
NEWEST_VERSIONS: dict[str, str] = {
    "dim_customer_contact_history": "where is_current",
    "dim_customer_history": "where is_current",
    "fct_consent": "where is_current",
    "fct_ad_performance_history": "where is_current",
    "fct_social_performance": "qualify row_number() over"
    " (partition by post_key order by report_date desc) = 1",
}

_PORT = re.compile(r"sandbox ready on port (\d+)")


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    output: str

    def line_of(self, stream: str) -> str:
        """The stream's line in the summary's table, or the first of its lines."""
        return [line for line in self.output.splitlines() if line.split()[:1] == [stream]][-1]


class Night:
    """A night at work, or a step of it: its output so far, and what one can do to it."""

    def __init__(self, company: Company, command: Sequence[str], settings: dict[str, str]):
        self.output_file = company.data.with_name("output.txt")
        self.company = company
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=REPOSITORY,
                env=company.environment | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.output_file.read_text(errors="replace")

    def until(self, seen: Callable[[], object], what: str, every: float = 0.05) -> None:
        """Wait until something is seen, which must be before the night is over."""
        deadline = time.monotonic() + NIGHT_SECONDS
        while not seen():
            ended = self.process.poll()
            assert ended is None, f"ended ({ended}) before {what}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {what} in time:\n{self.output}"
            time.sleep(every)

    def until_said(self, text: str) -> None:
        self.until(lambda: text in self.output, f"{text!r} was said")

    def spoil(self, vendor: str, stream: str, fault: str, **options: Any) -> None:
        """Let the vendor fail from now on.

        To be called at once: streams are pulled as soon as the definitions are loaded.
        """
        self.until(lambda: _PORT.search(self.output), "the sandbox was ready")
        self._sandbox("faults", {"vendor": vendor, "stream": stream, "fault": fault, **options})

    def faults_met(self) -> set[str]:
        """The kinds of fault that some request has met so far."""
        requests = self._sandbox("requests")["requests"]
        return {request["fault"] for request in requests if request["fault"]}

    def _sandbox(self, endpoint: str, content: dict[str, Any] | None = None) -> Any:
        port = _PORT.search(self.output)
        assert port is not None
        request = urllib.request.Request(
            f"http://127.0.0.1:{port[1]}/_sandbox/{endpoint}",
            None if content is None else json.dumps(content).encode(),
            method="GET" if content is None else "POST",
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=60) as response:
            return json.load(response)

    def done(self) -> Done:
        """Wait for its end."""
        try:
            status = self.process.wait(NIGHT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        (self.company.data.with_name("status.txt")).write_text(f"{status}")
        return Done(status, self.output)

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short; nobody can clean up after it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)


@contextmanager
def _ended(night: Night) -> Iterator[Night]:
    try:
        yield night
    finally:
        if night.process.poll() is None:
            night.kill()


@dataclass(frozen=True)
class Company:
    """A data folder and the nights it has seen."""

    data: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the tester's own settings, and this folder's."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SOURCES__", "THROUGHLINE_", "DAGSTER_", "DBT_"))
        }
        return kept | {
            "THROUGHLINE_DATA": str(self.data),
            ENV_FILE: "",
            "THROUGHLINE_SANDBOX_PEOPLE": f"{PEOPLE}",
            "THROUGHLINE_SANDBOX_DAYS": f"{DAYS}",
            "COLUMNS": "160",
        }

    @property
    def published(self) -> Path:
        return self.data / "published" / "warehouse.duckdb"

    @property
    def build(self) -> Path:
        return self.data / "build" / "warehouse.duckdb"

    @property
    def last(self) -> Done:
        """The last night that ran to its end."""
        home = self.data.parent
        return Done(int((home / "status.txt").read_text()), (home / "output.txt").read_text())

    @contextmanager
    def begun(self, date: str | None = None, **settings: str) -> Iterator[Night]:
        """A night that has begun; it does not outlive the block."""
        command = ["orchestration", "nightly", *(["--date", date] if date else [])]
        with _ended(Night(self, command, settings)) as night:
            yield night

    @contextmanager
    def publishing(self) -> Iterator[Night]:
        """The last step alone, begun as one does in Dagster; it does not outlive the block."""
        command = ["dagster", "asset", "materialize", "-m", "orchestration.definitions"]
        select = ["--select", 'key:"published/warehouse"']
        home = {"DAGSTER_HOME": str(self.data / "dagster")}
        with _ended(Night(self, [*command, *select], home)) as night:
            yield night

    def night(self, date: str | None = None, **settings: str) -> Done:
        """Run a night to its end."""
        with self.begun(date, **settings) as night:
            return night.done()

    def good_night(self, date: str) -> Done:
        """Run a night that must succeed."""
        done = self.night(date)
        assert done.status == 0, done.output
        return done

    def loads(self, *arguments: str) -> Done:
        """Run `python -m data_quality loads`, as `make loads` does."""
        done = subprocess.run(
            [sys.executable, "-m", "data_quality", "loads", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=NIGHT_SECONDS,
        )
        return Done(done.returncode, done.stdout)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask what is published."""
        with duckdb.connect(str(self.published), read_only=True) as con:
            return con.execute(query).fetchall()

    def copied_to(self, data: Path) -> Company:
        """The same company in another folder."""
        shutil.copytree(self.data, data)
        return Company(data)

    def processes(self) -> list[str]:
        """Command lines of the processes that work for this data folder."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                settings = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if f"THROUGHLINE_DATA={self.data}".encode() in settings and command:
                found.append(command)
        return found


def in_sql(path: Path) -> str:
    """A path as a string in a statement."""
    return "'" + str(path).replace("'", "''") + "'"


def differences(
    left: Company,
    right: Company,
    ignored: Mapping[str, set[str]] | None = None,
    only: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The tables of marts that are not equal row for row, with some rows of each side.

    Args:
        left: one published warehouse.
        right: another one.
        ignored: by table, columns that are not compared.
        only: by table, the clause that says which of its rows are compared.
    """
    found: dict[str, Any] = {}
    with duckdb.connect() as con:
        con.execute(f"attach {in_sql(left.published)} as left_side (read_only)")
        con.execute(f"attach {in_sql(right.published)} as right_side (read_only)")
        sides = [_columns(con, side) for side in ("left_side", "right_side")]
        assert sides[0] == sides[1]
        for table, columns in sides[0].items():
            left_out = (ignored or {}).get(table, set())
            kept = [f'"{column}"' for column in columns if column not in left_out]
            rows = {
                side: f"select {', '.join(kept)} from {side}.marts.{table}"
                f" {(only or {}).get(table, '')}"
                for side in ("left_side", "right_side")
            }
            for one, other in (("left_side", "right_side"), ("right_side", "left_side")):
                alone = con.execute(f"({rows[one]}) except all ({rows[other]})").fetchall()
                if alone:
                    found[f"{table}, only {one}"] = (len(alone), kept, alone[:3])
    return found


def _columns(con: duckdb.DuckDBPyConnection, side: str) -> dict[str, list[str]]:
    rows = con.execute(
        """
        select table_name, list(column_name order by column_index)
        from duckdb_columns() where database_name = ? and schema_name = 'marts'
        group by table_name order by table_name
        """,
        [side],
    ).fetchall()
    assert len(rows) > 15, "the marts are not there"
    return dict(rows)
