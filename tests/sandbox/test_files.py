"""The agency's weekly report appears in the drop area week by week, to be read as declared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.files.feed import read_declaration
from connectors.files.shape import ShapeError, read_pieces
from sandbox.files_feeds import FEEDS, SandboxFeed
from tests.sandbox.asking import at

FEED, DECLARATION = FEEDS[0].name, FEEDS[0].declaration
START = datetime(2026, 1, 1, tzinfo=UTC)


def weeks(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "drop" / FEED).glob("week_*.csv"))


def test_a_week_appears_on_the_tuesday_after_it_and_never_goes(tmp_path: Path) -> None:
    person = tmp_path / "drop" / "mine" / "feed.yml"
    person.parent.mkdir(parents=True)
    person.write_text("mine")
    with at(tmp_path, "2026-01-06T00:00") as shop:
        assert weeks(tmp_path) == []
        shop.set_clock(datetime(2026, 1, 6, 6, tzinfo=UTC))
        assert weeks(tmp_path) == ["week_2025-12-29.csv"]
        (file,) = (tmp_path / "drop" / FEED).glob("week_*.csv")
        assert file.stat().st_mtime == datetime(2026, 1, 6, 6, tzinfo=UTC).timestamp()
        shop.fault("files", "offline_activity", "truncated", times=1)
        shop.set_clock(datetime(2026, 1, 21, 3, tzinfo=UTC))
        assert len(weeks(tmp_path)) == 3
        _read_as_declared(tmp_path / "drop" / FEED)
    assert person.read_text() == "mine"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_every_feeds_declaration_can_be_read(feed: SandboxFeed) -> None:
    assert read_declaration(feed.name, feed.declaration).domain.name == feed.domain


def _read_as_declared(folder: Path) -> None:
    feed = read_declaration(FEED, DECLARATION)
    first, second, third = sorted(folder.glob("week_*.csv"))
    assert sum(rows for _, rows in read_pieces(first, feed)) > 3
    assert sum(rows for _, rows in read_pieces(third, feed)) > 3
    with pytest.raises(ShapeError):
        list(read_pieces(second, feed))
