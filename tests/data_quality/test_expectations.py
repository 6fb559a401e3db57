from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from data_quality.expectations import Judge, _expectation, _raised, gxe
from data_quality.findings import Finding
from data_quality.suite import Rule, not_negative, suites
from tests.data_quality.conftest import START, Night, ad_rows, event_rows, next_ad_night


def registered(night: Night):
    night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()
    return load


def test_an_expectation_that_raises_is_a_critical_failure(night: Night) -> None:
    (rule,) = not_negative("no_such_column")

    (check,) = Judge().rows(registered(night), [rule], [pd.DataFrame({"a": [1]})])

    assert not check.is_passed
    assert check.severity == "critical"
    assert "the check itself failed" in check.message
    assert "no_such_column" in check.message


def test_an_expectation_that_raises_and_yet_calls_itself_a_success_is_none(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the library does over SQL on DuckDB."""
    load = registered(night)
    judge = Judge()
    validate = judge._validate

    def raising(*arguments):
        results = validate(*arguments)
        for result in results:
            result.success = True
            result.exception_info = {
                "metric": {"raised_exception": True, "exception_message": "no such function"}
            }
        return results

    monkeypatch.setattr(judge, "_validate", raising)
    finding = Finding("volume", "rows", 1, 0, None, "warning", "few rows")

    (row_check,) = judge.rows(load, not_negative("a"), [pd.DataFrame({"a": [1]})])
    (load_check,) = judge.load(load, [finding])

    for check in (row_check, load_check):
        assert not check.is_passed
        assert check.severity == "critical"
        assert "no such function" in check.message


@pytest.mark.parametrize(
    "info",
    [
        {"raised_exception": True, "exception_message": "boom"},
        {"m1": {"raised_exception": False}, "m2": {"raised_exception": True}},
    ],
)
def test_both_shapes_of_exception_info_are_understood(info) -> None:
    assert _raised(type("Result", (), {"exception_info": info}))


def test_no_exception_is_none() -> None:
    info = {"raised_exception": False, "exception_message": None}

    assert _raised(type("Result", (), {"exception_info": info})) == ""


def test_each_result_belongs_to_its_own_rule_whatever_the_order(night: Night) -> None:
    rules = [*not_negative("a"), *not_negative("b"), *not_negative("c")]
    frame = pd.DataFrame({"a": [1, 2], "b": [-1, 2], "c": [-1, -2]})

    checks = Judge().rows(registered(night), rules, [frame])

    assert [check.is_passed for check in checks] == [True, False, False]
    assert [next(iter(check.figures.values())) for check in checks] == [0, 1, 2]


def test_every_rule_of_every_suite_names_an_expectation_of_the_library() -> None:
    rules: list[Rule] = [
        rule for streams in suites().values() for suite in streams.values() for rule in suite.rules
    ]

    assert rules
    assert {rule.expectation for rule in rules if not hasattr(gxe, rule.expectation)} == set()


def test_an_expectation_is_configured_as_the_librarys_own(night: Night) -> None:
    load = registered(night)
    rules = [
        rule for streams in suites().values() for suite in streams.values() for rule in suite.rules
    ]

    for rule in rules:
        ours = _expectation(rule, load)
        library = getattr(gxe, rule.expectation)(**ours.dict(exclude_defaults=True)).configuration

        assert ours.configuration.kwargs == library.kwargs
        assert ours.configuration.severity == library.severity == rule.severity
        assert ours.configuration.type == f"{library.type}_settled"


def test_a_configuration_is_put_together_once(night: Night) -> None:
    """Each time costs a tenth of a millisecond, and the library asks 80 times."""
    (rule,) = not_negative("a")
    expectation = _expectation(rule, registered(night))

    assert expectation.configuration is expectation.configuration


def test_data_docs_show_each_load_that_was_judged(month: Night) -> None:
    month.pull("klaviyo", "events", event_rows(START))
    next_ad_night(month, START + timedelta(days=31))
    month.judge()

    docs = month.folder / "docs"
    index = (docs / "index.html").read_text()
    for suite in ("raw_klaviyo.events", "load_klaviyo.events", "raw_google_ads.ad_performance"):
        assert suite in index
    pages = list((docs / "validations").rglob("*.html"))
    assert len(pages) == 4, "only what this run judged, so that building stays quick"


def test_data_docs_stay_where_nothing_was_judged(night: Night) -> None:
    night.pull("google_ads", "ad_performance", ad_rows(START))
    night.judge()
    before = (night.folder / "docs" / "index.html").stat().st_mtime_ns

    night.judge()

    assert (night.folder / "docs" / "index.html").stat().st_mtime_ns == before


def test_a_finding_may_have_one_limit_only(night: Night) -> None:
    high = Finding("volume", "rows", 5, None, 3, "warning", "too many")
    low = replace(high, figure="others", highest=None, lowest=7)

    checks = Judge().load(registered(night), [high, low])

    assert [check.message for check in checks] == ["too many", "too many"]
