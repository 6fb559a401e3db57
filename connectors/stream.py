"""What a connector is made of: vendor, stream, window, page, and the error that names all four.

Here belong the plain data types that a vendor's folder and the landing share. No I/O.

Two kinds of streams read a window differently. What happened (events, days of an ad) is asked for
by the window as it is. Entities that change, asked for by when they were last updated, are asked
for by `window.with_late_updates()`: the pull comes hours after the window's end, and what changed
in between has no older version any more that would lie inside. Cut off at the window's end, it
would be missing from this pull altogether.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.client import Client
    from connectors.settings import VendorSettings


# A night is pulled hours after its window's end; a day later the next night's window begins there.
LATE_UPDATES = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A half-open span of time, [start, end), in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive times and empty spans before any vendor is asked."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window's bounds carry their time zone")
        if self.start >= self.end:
            raise ValueError(f"a window ends after it starts: {self}")

    def __str__(self) -> str:
        return f"{utc(self.start)}/{utc(self.end)}"

    def split(self, longest: timedelta) -> Iterator[Window]:
        """The window in pieces that are no longer than that, in order."""
        start = self.start
        while start < self.end:
            end = min(start + longest, self.end)
            yield Window(start, end)
            start = end

    def halves(self, shortest: timedelta) -> tuple[Window, ...]:
        """The window in two, cut at a multiple of `shortest` from its start.

        Args:
            shortest: what the vendor can still tell apart.

        Returns:
            The earlier and the later half; nothing where it is not longer than `shortest`.
        """
        steps = (self.end - self.start) // shortest
        middle = self.start + max(steps // 2, 1) * shortest
        if middle >= self.end:
            return ()
        return Window(self.start, middle), Window(middle, self.end)

    def with_late_updates(self) -> Window:
        """The window by which entities are asked for that were updated in it, or since.

        A vendor shows an entity's last version only. One that changed in the window and again
        before the pull is found by its newer version, which lies beyond the window's end.
        """
        return Window(self.start, self.end + LATE_UPDATES)

    def dates(self) -> tuple[date, date]:
        """The first and the last day of which a part lies in the window."""
        last = self.end - timedelta(microseconds=1)
        return self.start.astimezone(UTC).date(), last.astimezone(UTC).date()

    def days(self) -> Days:
        """The days of which a part lies in the window, for reports by day."""
        return Days(*self.dates())


@dataclass(frozen=True)
class Days:
    """Days in a row, the last one included, as reports by day are asked for."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse an empty span before any vendor is asked."""
        if self.first > self.last:
            raise ValueError(f"days end after they begin: {self.first} to {self.last}")

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def split(self, longest: int) -> Iterator[Days]:
        """These days in spans of no more than so many, in order."""
        for start in range(0, len(self), longest):
            first = self.first + timedelta(days=start)
            yield Days(first, min(first + timedelta(days=longest - 1), self.last))

    def halves(self) -> tuple[Days, ...]:
        """The earlier and the later half; nothing where it is one day."""
        return tuple(self.split((len(self) + 1) // 2)) if len(self) > 1 else ()


def utc(moment: datetime) -> str:
    """The moment as every vendor reads it, `2026-02-01T00:00:00Z`; no finer than it has to be."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Page:
    """One response of a vendor, verbatim.

    `rows` is the count of its envelope, for progress only; `pulled_at` is the vendor's clock.
    `body` is UTF-8; None where the vendor had no page to offer for the whole window.
    """

    body: bytes | None
    rows: int
    pulled_at: datetime
    request: str


Pages = Iterator[Page]


@dataclass(frozen=True)
class Stream:
    """One table's worth of a vendor.

    Attributes:
        name: the landing table and the dbt source table.
        pages: asks the vendor for a window; a pure function of (client, window).
        lookback_days: how far the vendor restates its past; a night pulls that far back.
        cadence: `nightly` or `hourly`.
    """

    name: str
    pages: Callable[[Client, Window], Pages]
    lookback_days: int = 0
    cadence: str = "nightly"


@dataclass(frozen=True)
class ApiVersion:
    """The version of a vendor's API that its connector speaks.

    Attributes:
        name: as the vendor writes it.
        sunset: the day from which the vendor no longer answers; None where none is announced.
        source: where the vendor says so.
    """

    name: str
    sunset: date | None
    source: str


@dataclass(frozen=True)
class Credential:
    """What a vendor tells about the credential in use.

    Attributes:
        expires_at: when it ends; None where it does not, or the vendor does not tell.
        scopes: the rights it has, as the vendor names them; None where the vendor does not tell.
    """

    expires_at: datetime | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class Vendor:
    """One API: its streams and what it takes to speak to it.

    Attributes:
        required: the settings without which it is not configured.
        secrets: those among its settings that must never show.
        connect: makes the client from the settings.
        version: the API version in use; None where there is none, as with files.
        probe: the cheapest question that proves credential and rights; by default the first
            page of the first stream. Of its pages the first few are asked for.
        credential: what the vendor tells about the credential, where its API offers it.
        scopes: the rights that the streams need, as `credential` names them.
        concurrency: how many streams may be pulled at once within the vendor's limits.
    """

    name: str
    streams: tuple[Stream, ...]
    connect: Callable[[VendorSettings], Client]
    required: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    version: ApiVersion | None = None
    probe: Callable[[Client], Pages] | None = None
    credential: Callable[[Client], Credential] | None = None
    scopes: tuple[str, ...] = ()
    concurrency: int = 2

    def stream(self, name: str) -> Stream:
        """The stream of that name.

        Raises:
            KeyError: there is none; the message lists those there are.
        """
        for stream in self.streams:
            if stream.name == name:
                return stream
        known = ", ".join(stream.name for stream in self.streams)
        raise KeyError(f"{self.name} has no stream {name!r}; it has {known}")


class ConnectorError(Exception):
    """A stream could not be pulled: vendor, stream, window, status and remedy in one sentence.

    Attributes:
        status: the HTTP status of the answer.
        means: the HTTP status that says it best, where the vendor says it otherwise (such as with
            200 or 400 and a code of its own).
    """

    def __init__(
        self,
        reason: str,
        *,
        remedy: str = "",
        status: int | None = None,
        means: int | None = None,
        vendor: str = "",
        stream: str = "",
        window: Window | None = None,
    ) -> None:
        self.reason, self.remedy = reason, remedy
        self.status, self.means = status, means or status
        self.vendor, self.stream, self.window = vendor, stream, window
        super().__init__(reason)

    def at(self, vendor: str, stream: str, window: Window) -> ConnectorError:
        """The same error, told of which vendor, stream and window it is."""
        self.vendor, self.stream, self.window = vendor, stream, window
        return self

    def __str__(self) -> str:
        place = f"{self.vendor}/{self.stream} {self.window}: " if self.vendor else ""
        status = f"HTTP {self.status}: " if self.status else ""
        remedy = f" Remedy: {self.remedy}" if self.remedy else ""
        return f"{place}{status}{self.reason}{remedy}"


class CursorExpiredError(ConnectorError):
    """The vendor no longer knows the cursor: the window is read from its start again."""
