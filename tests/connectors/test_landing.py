"""What lands, in which form, and what is left when an extract does not get to its end."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import fsspec
import pyarrow.parquet as pq
import pytest

import connectors.landing
from connectors import places
from connectors.landing import SCHEMA, extract
from connectors.settings import VendorSettings, landing_url
from connectors.stream import ConnectorError, Page, Stream, Vendor
from data_quality import loads

from .conftest import TOKEN, Answer, ScriptedServer
from .landed import finished_loads, landed_files, landed_rows, landed_table

DAY = datetime(2026, 1, 1, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
# Of the widest base model, what DuckDB's 400 MB hold with all that is made of it.
ROW_GROUP = 4 * 2**20


@pytest.mark.usefixtures("fake")
class TestForm:
    def test_a_landed_row_is_a_page_and_says_where_it_is_from(self, server: ScriptedServer) -> None:
        extract("fake", "rows", DAY, NEXT)
        table = landed_table("fake", "rows")
        assert table.schema.remove_metadata() == SCHEMA
        assert table.to_pylist()[1] == {
            "page": '{"data": [{"id": 3}], "links": {"next": null}}',
            "page_index": 1,
            # The server's Date header: the vendor's clock and not ours.
            "pulled_at": datetime(2026, 1, 2, 3, tzinfo=UTC),
            "source": "fake",
            "stream": "rows",
            "window_start": DAY,
            "window_end": NEXT,
            "request": f"GET {server.url}/rows?page=1",
        }

    def test_files_are_zstd_and_carry_their_load_id(self) -> None:
        landed = extract("fake", "rows", DAY, NEXT)
        (path,) = landed_files("fake", "rows")
        assert path.name.startswith(f"{landed.load_id}.")
        assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"

    def test_the_clock_is_ours_where_the_vendor_tells_none(self, server: ScriptedServer) -> None:
        server.script.append(Answer(body=b'{"data":[]}'))
        before = datetime.now(UTC)
        extract("fake", "rows", DAY, NEXT)
        (pulled_at,) = landed_table("fake", "rows")["pulled_at"].to_pylist()
        assert before <= pulled_at <= datetime.now(UTC)

    def test_two_pulls_are_two_loads_with_the_same_pages(self) -> None:
        first, second = (extract("fake", "rows", DAY, NEXT) for _ in range(2))
        assert finished_loads("fake") == {first.load_id, second.load_id}
        assert [row["id"] for row in landed_rows("fake", "rows", "data")] == [1, 2, 3] * 2

    def test_landing_goes_where_the_setting_says(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("THROUGHLINE_LANDING_URL", (tmp_path / "elsewhere").as_uri())
        extract("fake", "rows", DAY, NEXT)
        assert len(list((tmp_path / "elsewhere/fake/rows").glob("*.parquet"))) == 1
        assert landed_files("fake", "rows") == []

    @pytest.mark.parametrize("folder", ["my data", "größe", "[1] {2} *", "it's"])
    def test_a_data_folder_may_have_any_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
    ) -> None:
        monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path / folder))
        landed = extract("fake", "rows", DAY, NEXT)
        with duckdb.connect() as con:
            (load,) = loads.register(con, landing_url())
        assert load.load_id == landed.load_id
        assert [Path(file).parent for file in load.files] == [
            tmp_path / folder / "landing/fake/rows"
        ]
        assert [found.name for found in tmp_path.iterdir()] == [folder]

    def test_a_load_that_is_not_where_it_is_looked_for_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        elsewhere = fsspec.filesystem("file"), str(tmp_path / "elsewhere")
        monkeypatch.setattr(places, "opened", lambda url: elsewhere)
        with pytest.raises(ConnectorError, match=r"was written, and .* is not there"):
            extract("fake", "rows", DAY, NEXT)

    def test_nothing_of_an_extract_stays_in_scratch(self, data: Path) -> None:
        extract("fake", "rows", DAY, NEXT)
        assert list((data / "tmp").iterdir()) == []

    def test_pages_of_many_tables_keep_their_order(self, server: ScriptedServer) -> None:
        server.pages = [[{"id": number}] for number in range(45)]
        extract("fake", "rows", DAY, NEXT)
        table = landed_table("fake", "rows")
        assert table["page_index"].to_pylist() == list(range(45))
        assert [row["id"] for row in landed_rows("fake", "rows", "data")] == list(range(45))


class TestRowGroups:
    """DuckDB reads a row group at once, so its size is what bounds the memory of base."""

    def test_large_pages_are_few_in_a_row_group(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes = _row_groups(monkeypatch, [2**20] * 30)
        assert sum(pages for pages, _ in sizes) == 30
        assert max(size for _, size in sizes) < ROW_GROUP + 2**16
        # And no fewer than fit: a row group of its own for each page would cost a seek for each.
        assert min(pages for pages, _ in sizes[:-1]) > 1

    def test_a_page_larger_than_a_row_group_may_be_has_one_of_its_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes = _row_groups(monkeypatch, [1000, 3 * ROW_GROUP, 1000])
        assert [pages for pages, _ in sizes] == [1, 1, 1]

    def test_small_pages_share_row_groups_and_all_share_a_file(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert len(_row_groups(monkeypatch, [1000] * 200)) == 10
        assert len(landed_files("fake", "rows")) == 1


def _row_groups(monkeypatch: pytest.MonkeyPatch, sizes: list[int]) -> list[tuple[int, int]]:
    """Pages and bytes of each row group that an extract of pages of these sizes lands."""
    pages = [Page(b"x" * size, 1, NEXT, "made") for size in sizes]
    made = Vendor("fake", (Stream("rows", lambda client, window: iter(pages)),), _no_client)
    monkeypatch.setattr(connectors.landing, "vendors", lambda: {"fake": made})
    extract("fake", "rows", DAY, NEXT)
    found = []
    for path in landed_files("fake", "rows"):
        file = pq.ParquetFile(path)
        for number in range(file.num_row_groups):
            bodies = file.read_row_group(number, ["page"])["page"]
            found.append((len(bodies), bodies.nbytes))
    return found


@pytest.mark.usefixtures("fake")
def test_a_long_pull_tells_after_a_page_what_came_so_far(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connectors.landing, "SECONDS_PER_NOTICE", 0.0)
    caplog.set_level(logging.INFO, "connectors")
    extract("fake", "rows", DAY, NEXT)
    told = [record.getMessage() for record in caplog.records if "so far" in record.getMessage()]
    assert [text.rpartition(",")[0] for text in told] == [
        "fake/rows: so far 1 pages, 2 rows",
        "fake/rows: so far 2 pages, 3 rows",
    ]


def test_a_pull_without_any_page_is_still_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Vendor("fake", (Stream("rows", lambda client, window: iter(())),), _no_client)
    monkeypatch.setattr(connectors.landing, "vendors", lambda: {"fake": silent})
    landed = extract("fake", "rows", DAY, NEXT)
    assert (landed.pages, landed.rows) == (0, 0)
    (row,) = landed_table("fake", "rows").to_pylist()
    assert (row["page"], row["pulled_at"]) == (None, NEXT)
    assert finished_loads("fake") == {landed.load_id}


def _no_client(settings: VendorSettings) -> None:
    return None


@pytest.mark.usefixtures("fake")
class TestSecrets:
    def test_a_token_that_the_vendor_repeats_is_not_landed(
        self, server: ScriptedServer, data: Path
    ) -> None:
        quoted = TOKEN.replace("/", "%2F").replace("+", "%2B")
        escaped = TOKEN.replace("/", "\\/")
        text = f'{{"data":[],"a":"{TOKEN}","b":"x?access_token={quoted}","c":"{escaped}"}}'
        server.script.append(Answer(body=text.encode()))
        extract("fake", "rows", DAY, NEXT)
        assert landed_table("fake", "rows")["page"].to_pylist() == [
            '{"data":[],"a":"***","b":"x?access_token=***","c":"***"}'
        ]
        for path in data.rglob("*"):
            assert not path.is_file() or TOKEN.encode() not in path.read_bytes()

    def test_a_token_in_a_link_is_not_landed_with_the_request(self, server: ScriptedServer) -> None:
        link = f"{server.url}/rows?page=1&token={TOKEN}"
        server.script.append(
            Answer(body=json.dumps({"data": [], "links": {"next": link}}).encode())
        )
        server.script.append(Answer(body=b'{"data":[]}'))
        extract("fake", "rows", DAY, NEXT)
        requests = landed_table("fake", "rows")["request"].to_pylist()
        assert requests[1] == f"GET {server.url}/rows?page=1&token=***"

    def test_no_error_and_no_log_shows_the_token(
        self,
        server: ScriptedServer,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("RUNTIME__LOG_LEVEL", "DEBUG")
        caplog.set_level(logging.DEBUG)
        says = json.dumps({"error": {"message": f"bad token {TOKEN}"}}).encode()
        server.script.extend([Answer(503, says), Answer(403, says)])
        with pytest.raises(ConnectorError) as caught:
            extract("fake", "rows", DAY, NEXT)
        shown = "".join(capfd.readouterr()) + caplog.text + _chain(caught.value)
        assert "bad token ***" in shown
        assert TOKEN not in shown


def _chain(error: BaseException | None) -> str:
    """What a traceback would print of an error and all its causes."""
    text = ""
    while error is not None:
        text += f"{error!r} {error}\n"
        error = error.__cause__ or error.__context__
    return text


class TestBadDisk:
    def test_a_landing_that_cannot_be_written_is_named(
        self, fake: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_text("in the way")
        monkeypatch.setenv("THROUGHLINE_LANDING_URL", (tmp_path / "file/landing").as_uri())
        with pytest.raises(ConnectorError) as caught:
            extract("fake", "rows", DAY, NEXT)
        assert "landing at file://" in str(caught.value)
        assert "cannot be written" in str(caught.value)
        assert "free the disk" in str(caught.value)

    @pytest.mark.parametrize("kilobytes", [8, 64])
    def test_a_full_disk_is_one_sentence_and_nothing_counts(
        self, data: Path, kilobytes: int
    ) -> None:
        # A limit on the size of files is what a process can be given without a disk of its own.
        done = _in_a_process(
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes} * 1024,) * 2)"
        )
        assert done.returncode == 3, done.stderr
        assert "cannot be written" in done.stdout, done.stdout
        assert "free the disk" in done.stdout
        assert finished_loads("fake") == set()


class TestKilled:
    def test_a_killed_extract_counts_for_nothing_and_the_next_fetches_all_of_it(
        self, fake: Vendor, server: ScriptedServer
    ) -> None:
        server.pages = [[{"id": number}] for number in range(90)]
        process = _start(f"SERVER = {server.url!r}", "PAUSE = 0.05")
        while len(server.seen) < 25 and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert finished_loads("fake") == set()
        extract("fake", "rows", DAY, NEXT)
        assert [row["id"] for row in landed_rows("fake", "rows", "data")] == list(range(90))

    def test_files_of_an_unfinished_load_are_beside_and_not_among_the_others(
        self, fake: Vendor, data: Path
    ) -> None:
        folder = data / "landing/fake/rows"
        folder.mkdir(parents=True)
        (folder / "1767000000.5.0a1b2c3d4e.parquet").write_bytes(b"half a file")
        landed = extract("fake", "rows", DAY, NEXT)
        assert finished_loads("fake") == {landed.load_id}

    def test_half_written_files_of_dlts_own_do_not_stop_the_next_extract(
        self, fake: Vendor, data: Path
    ) -> None:
        extract("fake", "rows", DAY, NEXT)
        (data / "landing/fake/init").write_text("")
        for schema in (data / "landing/fake/_dlt_version").iterdir():
            schema.write_bytes(schema.read_bytes()[:99])
        assert extract("fake", "rows", DAY, NEXT).load_id in finished_loads("fake")

    def test_two_first_extracts_at_once_both_land(
        self, fake: Vendor, server: ScriptedServer
    ) -> None:
        processes = [_start(f"SERVER = {server.url!r}") for _ in range(2)]
        for process in processes:
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
        assert len(finished_loads("fake")) == 2


def test_memory_does_not_grow_with_the_pages() -> None:
    peaks = [_peak(pages) for pages in (20, 200)]
    assert peaks[1] < peaks[0] + 60, f"{peaks} MiB for 20 and 200 pages of 512 KiB"


def _peak(pages: int) -> int:
    done = _in_a_process(f"PAGES, SIZE = {pages}, 2**19")
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


# Pages of random text, which does not compress, through the real landing.
_PROGRAM = """
import os, resource, signal, sys, time
from datetime import UTC, datetime, timedelta
import connectors.landing as landing
from connectors.stream import ConnectorError, Page, Stream, Vendor
PAGES, SIZE, SERVER, PAUSE = 60, 2**14, "", 0.0
{settings}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def made(client, window):
    for number in range(PAGES):
        yield Page(os.urandom(SIZE // 2).hex().encode(), 1, window.end, "made")

def fetched(settings):
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
    from connectors.client import http_client
    return http_client(
        settings, base_url=SERVER, auth=BearerTokenAuth("t"),
        paginator=JSONLinkPaginator("links.next"), pause=lambda response: PAUSE,
    )

def read(client, window):
    return client.pages("/rows", rows="data")

rows = Stream("rows", read if SERVER else made)
fake = Vendor("fake", (rows,), fetched if SERVER else lambda settings: None)
landing.vendors = lambda: {{"fake": fake}}
day = datetime(2026, 1, 1, tzinfo=UTC)
try:
    landing.extract("fake", "rows", day, day + timedelta(days=1))
except ConnectorError as error:
    print(error)
    sys.exit(3)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def _start(*settings: str) -> subprocess.Popen[str]:
    program = _PROGRAM.format(settings="\n".join(settings))
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _in_a_process(*settings: str) -> subprocess.CompletedProcess[str]:
    process = _start(*settings)
    output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)
