"""The drop area: which feeds and files lie there, and each file's pages once its shape is right.

Here belongs the way through the folder. What a declaration may say belongs in feed.py, what makes
a file readable in shape.py, and what has been read before in landed.py.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from connectors import places
from connectors.files.domains import DOMAINS
from connectors.files.feed import DECLARATION, Feed, FeedError, declared_domain, read_declaration
from connectors.files.landed import READ, REFUSED
from connectors.files.shape import ShapeError, read_pieces
from connectors.settings import VendorSettings, data_folder
from connectors.stream import ConnectorError, Page, Pages

UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", "~")
log = logging.getLogger(__name__)

Versions = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class File:
    """One file of a feed as the folder lists it."""

    feed: str
    name: str
    path: str
    size: int
    modified_at: datetime

    @property
    def mark(self) -> str:
        """Changes whenever the file does; cheap, as nothing is opened."""
        return f"{self.size} {self.modified_at:%Y-%m-%dT%H:%M:%S.%f}"

    @property
    def label(self) -> str:
        """How a person finds it."""
        return f"{self.feed}/{self.name}" if self.feed else self.name

    def request(self, verb: str, facts: dict[str, Any]) -> str:
        """What is landed beside a page of this file."""
        said = json.dumps({"feed": self.feed, "file": self.name, **facts}, ensure_ascii=False)
        return f"{verb} {quote(self.label)} {said}"


class Refused(Exception):  # noqa: N818 - a verdict, not a defect
    """A file, or a feed as a whole, that is held back; the reason says what to do."""

    def __init__(self, file: File, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{file.label}: {reason}")


@dataclass
class Spool:
    """A file's checked pages on the local disk, and what they are as a whole."""

    text: IO[bytes]
    pieces: list[tuple[int, int]] = field(default_factory=list)
    version: str = ""

    @property
    def rows(self) -> int:
        """Records in all pages."""
        return sum(rows for _, rows in self.pieces)


@dataclass
class Drop:
    """The drop area at `SOURCES__FILES__URL`."""

    settings: VendorSettings

    def __post_init__(self) -> None:
        """Open the folder's filesystem; nothing is read yet."""
        url = self.settings.get("url") or (data_folder() / "drop").as_uri()
        self._filesystem, self._root = places.opened(url)
        self._filesystem.invalidate_cache()

    def pages(self, domain: str, known: Versions) -> Pages:
        """The pages of every file of a domain that is not known, and a notice per held-back one.

        Args:
            domain: only feeds that map to it; a feed whose domain cannot be told shows in each.
            known: the last version of each file that was read before.

        Yields:
            Pages of whole files only; a notice is a page without a body.

        Raises:
            ConnectorError: the folder itself cannot be read.
        """
        for feed, files in self._feeds(domain):
            if isinstance(feed, Refused):
                yield _notice(feed)
                continue
            for file in files:
                try:
                    yield from self._file_pages(feed, file, known)
                except Refused as refused:
                    yield _notice(refused)

    def declared(self) -> list[str]:
        """Feeds whose declaration can be read; no file is opened.

        Raises:
            ConnectorError: the folder cannot be read, or a feed's declaration cannot.
        """
        names = []
        for feed, _ in self._feeds(None):
            if isinstance(feed, Refused):
                reason, _, remedy = f"{feed}".partition(" Remedy: ")
                raise ConnectorError(reason, remedy=remedy)
            names.append(feed.name)
        return names

    def check(self) -> Iterator[tuple[str, str]]:
        """Each feed or file, and what is wrong with it or how many records it has."""
        for feed, files in self._feeds(None):
            if isinstance(feed, Refused):
                yield feed.file.label, feed.reason
                continue
            for file in files:
                try:
                    with self._spooled(feed, file) as spool:
                        yield file.label, f"fine, {spool.rows} records"
                except Refused as refused:
                    yield file.label, refused.reason

    def _file_pages(self, feed: Feed, file: File, known: Versions) -> Pages:
        reading = feed.reading()
        seen = known.get((feed.name, file.name), {})
        is_read_alike = seen.get("reading") == reading
        if is_read_alike and seen.get("mark") == file.mark:
            return
        with self._spooled(feed, file) as spool:
            if is_read_alike and seen.get("version") == spool.version:
                return
            if not feed.declaration.accept_copies:
                _refuse_copy(feed, file, spool, known)
            log.info("files: %s/%s has %s records", feed.name, file.name, spool.rows)
            facts = {
                "version": spool.version,
                "mark": file.mark,
                "reading_id": reading["id"],
                "reading": reading,
            }
            known[feed.name, file.name] = facts
            first = 0
            for number, (size, rows) in enumerate(spool.pieces):
                has_header = number == 0 and feed.has_header_line
                said = {"first_row": first, "header_lines": int(has_header), **facts}
                yield Page(spool.text.read(size), rows, file.modified_at, file.request(READ, said))
                first += rows

    @contextmanager
    def _spooled(self, feed: Feed, file: File) -> Iterator[Spool]:
        """The file's pages, all checked before the first one is used.

        Raises:
            Refused: the file's shape is wrong, or it changes while it is read.
        """
        self._refuse_name(feed, file)
        self._wait_until_settled(file)
        scratch = data_folder() / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(prefix="files-", dir=scratch) as folder,
            (Path(folder) / "pages").open("w+b") as text,
        ):
            spool = Spool(text)
            digest = hashlib.sha256()
            try:
                for body, rows in read_pieces(self._fetch(file, Path(folder)), feed):
                    text.write(body)
                    digest.update(body)
                    spool.pieces.append((len(body), rows))
            except ShapeError as error:
                raise Refused(file, str(error)) from error
            except (FileNotFoundError, PermissionError) as error:
                raise _unreadable(file, error) from error
            if self._look(file).mark != file.mark:
                raise Refused(
                    file, "it changed while it was read. Remedy: none, the next night reads it"
                )
            spool.pieces = spool.pieces or [(0, 0)]
            spool.version = digest.hexdigest()[:32]
            text.seek(0)
            yield spool

    def _feeds(self, domain: str | None) -> Iterator[tuple[Feed | Refused, list[File]]]:
        if not self._filesystem.isdir(self._root):
            if self.settings.get("url"):
                raise ConnectorError(
                    f"there is no folder {self.settings['url']}",
                    remedy="create it, or correct SOURCES__FILES__URL.",
                )
            return
        for entry in self._list(self._root):
            name = _name(entry)
            if entry["type"] != "directory":
                stray = Refused(
                    _file("", entry), f"it lies in no feed's folder. Remedy: {_HOW_TO_DECLARE}"
                )
                yield stray, []
                continue
            files = [_file(name, found) for found in self._list(entry["name"], files_only=True)]
            declaration = next((file for file in files if file.name == DECLARATION), None)
            if declaration is None:
                refused = _file(name, {**entry, "name": f"{entry['name']}/{DECLARATION}"})
                yield Refused(refused, f"it is missing. Remedy: {_HOW_TO_DECLARE}"), []
                continue
            try:
                text = self._filesystem.cat_file(declaration.path).decode("utf-8", errors="replace")
            except (FileNotFoundError, PermissionError) as error:
                yield _unreadable(declaration, error), []
                continue
            try:
                feed = read_declaration(name, text)
            except FeedError as error:
                said = declared_domain(text)
                if domain is None or said == domain or said not in DOMAINS:
                    yield Refused(declaration, f"{error}"), []
                continue
            if domain in (None, feed.domain.name):
                rest = [file for file in files if file.name != DECLARATION]
                yield feed, sorted(rest, key=lambda file: (file.modified_at, file.name))

    def _list(self, folder: str, files_only: bool = False) -> list[dict[str, Any]]:
        entries = [self._followed(entry) for entry in self._filesystem.ls(folder, detail=True)]
        kept = [
            entry
            for entry in entries
            if entry["name"].rstrip("/") != folder.rstrip("/")
            and not _name(entry).startswith((".", "_"))
            and not _name(entry).endswith(UNFINISHED)
            and not (files_only and entry["type"] == "directory")
        ]
        return sorted(kept, key=_name)

    def _followed(self, entry: dict[str, Any]) -> dict[str, Any]:
        """A link as what it points to: a listing tells of the link itself."""
        if entry.get("islink"):
            try:
                return dict(self._filesystem.info(entry["name"]))
            except FileNotFoundError:
                return entry | {"type": "file"}
        return entry

    def _look(self, file: File) -> File:
        self._filesystem.invalidate_cache()
        try:
            return _file(file.feed, self._filesystem.info(file.path))
        except FileNotFoundError:
            return _file(file.feed, {"name": file.path, "size": -1})

    def _refuse_name(self, feed: Feed, file: File) -> None:
        pattern = feed.declaration.files
        if pattern and not fnmatch(file.name, pattern):
            raise Refused(
                file,
                f"its name is not like {pattern}. Remedy: take it out, or correct files in"
                f" {DECLARATION}",
            )

    def _wait_until_settled(self, file: File) -> None:
        """A file that was written this moment may not be whole yet."""
        age = (datetime.now(UTC) - file.modified_at).total_seconds()
        settled = float(self.settings.get("settle_seconds", "2"))
        if 0 <= age < settled:
            time.sleep(settled - age)

    def _fetch(self, file: File, folder: Path) -> Path:
        if "file" in self._filesystem.protocol:
            return Path(file.path)
        local = folder / file.name
        with self._filesystem.open(file.path, "rb") as source, local.open("wb") as target:
            shutil.copyfileobj(source, target, 2**20)
        return local


_HOW_TO_DECLARE = (
    f"write its folder's {DECLARATION}; connectors/files/templates holds examples to copy"
)


def _refuse_copy(feed: Feed, file: File, spool: Spool, known: Versions) -> None:
    for (feed_name, name), seen in known.items():
        is_same = feed_name == feed.name and seen["version"] == spool.version
        if is_same and name != file.name and spool.rows:
            raise Refused(
                file,
                f"it holds exactly what {name} held, which was read before. Remedy: delete it, or"
                f" set accept_copies: true in {DECLARATION} if both are meant",
            )


def _unreadable(file: File, error: OSError) -> Refused:
    return Refused(
        file, f"it cannot be read ({error.strerror or error}). Remedy: correct its rights or link"
    )


def _notice(refused: Refused) -> Page:
    """A held-back file as a page without a body: base shows it in quarantine with its reason."""
    log.warning("files: held back %s", refused)
    file = refused.file
    return Page(None, 0, file.modified_at, file.request(REFUSED, {"reason": refused.reason}))


def _name(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rsplit("/", 1)[-1]


def _file(feed: str, entry: dict[str, Any]) -> File:
    return File(feed, _name(entry), entry["name"], int(entry.get("size") or 0), _modified(entry))


def _modified(entry: dict[str, Any]) -> datetime:
    """Each filesystem has its own word and type for it."""
    for word in ("mtime", "LastModified", "last_modified", "updated", "modified", "created"):
        value = entry.get(word)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, datetime):
            return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    return datetime(1970, 1, 1, tzinfo=UTC)
