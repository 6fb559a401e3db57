"""What is shown while a run works."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable

import pytest
from rich.console import Console

from orchestration import progress as module
from orchestration.progress import Progress

LANDING = logging.getLogger("connectors.landing")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> tuple[Progress, Callable[[str], str]]:
    """A progress off the terminal that speaks at once, and a wait for words in what it says."""
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.1)
    out = io.StringIO()

    def line_with(words: str) -> str:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [line for line in out.getvalue().splitlines() if words in line]
            if found:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not said:\n{out.getvalue()}")

    return Progress(Console(file=out, width=200)), line_with


def test_a_long_pull_tells_what_came_so_far_and_not_just_the_time(
    told: tuple[Progress, Callable[[str], str]],
) -> None:
    progress, line_with = told
    with progress.listening("connectors"), progress.working("klaviyo__events"):
        LANDING.info("%s: so far %s", "klaviyo/events", "40 pages, 4,000 rows, 3.1 MiB")
        assert "4,000 rows" in line_with("klaviyo__events (klaviyo/events: so far")
        LANDING.warning("klaviyo answered 429;\nagain in 30 s")
        assert "again in 30 s" in line_with("(klaviyo answered 429;")


def test_what_was_said_long_ago_is_not_how_things_stand(
    told: tuple[Progress, Callable[[str], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, line_with = told
    monkeypatch.setattr(module, "NOTE_SECONDS", 0.0)
    with progress.listening("connectors"), progress.working("marts"):
        LANDING.info("klaviyo/events: so far 40 pages")
        assert "so far" not in line_with("marts")


def test_the_log_has_all_of_it_and_the_logger_is_left_as_it_was(
    told: tuple[Progress, Callable[[str], str]], capsys: pytest.CaptureFixture[str]
) -> None:
    progress, _ = told
    source = logging.getLogger("connectors")
    before = (source.level, list(source.handlers))
    with progress.listening("connectors"):
        LANDING.info("square/orders: so far 1 pages")
        LANDING.info("square/orders: so far 2 pages")
    assert capsys.readouterr().err.count("connectors.landing square/orders: so far") == 2
    assert (source.level, list(source.handlers)) == before
