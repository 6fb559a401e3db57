from __future__ import annotations

import pytest

from data_quality.drift import Drift
from data_quality.figures import Figures
from data_quality.findings import _drift
from data_quality.silence import is_improbable
from data_quality.suite import Pages, StreamSuite
from data_quality.thresholds import DEFAULTS


@pytest.mark.parametrize(
    ("rows", "share", "expected"),
    [(60, 1.0, True), (1, 1.0, False), (2, 0.99, False), (4, 0.99, True), (40, 0.02, False)],
)
def test_emptiness_is_an_alarm_only_where_chance_does_not_explain_it(rows, share, expected) -> None:
    assert is_improbable(rows, share, DEFAULTS) is expected


def changed(*drift: Drift) -> str:
    suite = StreamSuite("events", Pages(), ("id",))
    finding = _drift(suite, Figures(drift=list(drift)))
    return finding.says if finding.value else ""


def test_a_new_field_is_told_once_most_rows_have_it() -> None:
    assert "attributes.mood is new" in changed(
        Drift("attributes.mood", "new", None, "string", 1, 9)
    )
    assert changed(Drift("attributes.mood", "new", None, "string", 0.1, 900)) == ""


def test_a_field_is_gone_only_if_a_small_night_does_not_explain_it() -> None:
    assert "age is gone" in changed(Drift("age", "vanished", "number", None, 0.6, 200))
    assert changed(Drift("age", "vanished", "number", None, 0.6, 5)) == ""


def test_a_number_that_became_a_text_is_told_with_both_types() -> None:
    message = changed(Drift("price", "retyped", "number", "string", 1, 9))

    assert "price turned from number into string" in message
