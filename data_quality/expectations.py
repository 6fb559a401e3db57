"""Great Expectations: running a suite on a load, and the pages that show what it found.

Everything that knows the library belongs here, so that the seconds its import takes are paid only
by who judges. What is expected stands in suites/ and findings.py.
"""

from __future__ import annotations

import gc
import os
import shutil
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import pandas as pd

from data_quality.findings import Finding
from data_quality.loads import Load
from data_quality.suite import WINDOW, Rule
from data_quality.verdict import Check

# What the import makes stays: the collector need not look for garbage in it, now or later.
gc.disable()
with warnings.catch_warnings():
    # The library imports modules that Python has deprecated; nothing here can be done about it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )
    from great_expectations.validator.v1_validator import Validator

gc.freeze()
gc.enable()

SITE = "throughline"


class Judge:
    """One context for all loads of a run."""

    def __init__(self) -> None:
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        # One asset for all loads: with each that is added the library writes down all that it has.
        asset = self._context.data_sources.add_pandas("landing").add_dataframe_asset("loads")
        self._loads = asset.add_batch_definition_whole_dataframe("load")
        self._suites: dict[str, gx.ExpectationSuite] = {}

    def rows(
        self, load: Load, rules: Sequence[Rule], frames: Iterable[pd.DataFrame]
    ) -> list[Check]:
        """Judge the new rows of a load; a rule holds if it holds in every slice of them."""
        checks: list[Check] = []
        for frame in frames:
            # Made anew for each slice: the library binds an expectation to one suite.
            expectations = [_expectation(rule, load) for rule in rules]
            results = self._validate(f"raw_{load.vendor}.{load.stream}", load, expectations, frame)
            now = [_row_check(rule, result) for rule, result in zip(rules, results, strict=True)]
            checks = [_both(*pair) for pair in zip(checks, now, strict=True)] if checks else now
        return checks

    def load(self, load: Load, findings: Sequence[Finding]) -> list[Check]:
        """Judge the figures of a load as a whole."""
        frame = pd.DataFrame([{finding.figure: finding.value for finding in findings}])
        expectations = [
            # Of one row the same as its values, and much less work than a look at each value.
            _named("ExpectColumnMaxToBeBetween")(
                column=finding.figure,
                min_value=finding.lowest,
                max_value=finding.highest,
                severity=finding.severity,
                notes=finding.says,
            )
            for finding in findings
        ]
        results = self._validate(f"load_{load.vendor}.{load.stream}", load, expectations, frame)
        return [
            Check(
                f"{finding.check}: {finding.figure}",
                finding.severity if not _raised(result) else "critical",
                result.success and not _raised(result),
                {finding.figure: finding.value, **finding.beside},
                _raised(result) or ("" if result.success else finding.says),
            )
            for finding, result in zip(findings, results, strict=True)
        ]

    def _validate(
        self,
        name: str,
        load: Load,
        expectations: Sequence[Any],
        frame: pd.DataFrame,
    ) -> list[Any]:
        suite = gx.ExpectationSuite(name=name, expectations=list(expectations))
        # The library sorts results by type; what was expected is known by its id.
        for expectation in suite.expectations:
            expectation.id = str(uuid4())
        validator = Validator(self._loads, "SUMMARY", {"dataframe": frame})
        found = validator.validate_expectation_suite(suite)
        self._note(suite, found, f"{load.load_id} {load.window}")
        by_id = {getattr(result.expectation_config, "id", None): result for result in found.results}
        return [by_id[expectation.id] for expectation in suite.expectations]

    def _note(self, suite: Any, found: Any, run_name: str) -> None:
        """Keep what Data Docs show: each result, and the last suite of a name."""
        run = gx.RunIdentifier(run_name=run_name)
        found.meta |= {"run_id": run, "validation_time": run.run_time}
        self._suites[suite.name] = suite
        key = ExpectationSuiteIdentifier(name=suite.name)
        self._context.validation_results_store.store_validation_results(
            found, ValidationResultIdentifier(key, run, found.batch_id), key
        )

    def build_pages(self, folder: Path) -> None:
        """Write Data Docs of what this run judged, in place of those of the run before."""
        if not self._suites:
            return
        for suite in self._suites.values():
            self._context.suites.add(suite)
        draft = folder.with_name(f"{folder.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        self._context.add_data_docs_site(
            SITE,
            {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,  # type: ignore[typeddict-unknown-key]
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(draft),
                },
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        self._context.build_data_docs(site_names=[SITE])
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)


class _Settled:
    """An expectation that stays as it was made: its configuration is put together once.

    The library does so some 80 times for each that is judged, which takes half of the time.
    """

    _settled: Any

    @property
    def configuration(self) -> Any:
        """What the library's own says."""
        if self._settled is None:
            self._settled = super().configuration  # type: ignore[misc]
        return self._settled


@cache
def _named(expectation: str) -> Any:
    """The library's expectation of this name, settled."""
    bases = (_Settled, getattr(gxe, expectation))
    return type(f"{expectation}Settled", bases, {"_settled": PrivateAttr(None)})


def _expectation(rule: Rule, load: Load) -> Any:
    arguments = dict(rule.arguments)
    if WINDOW in arguments.values():
        assert load.window_start
        assert load.window_end
        assert load.pulled_at
        before, after = (timedelta(days=days) for days in rule.slack_days)
        arguments["min_value"] = load.window_start - before
        arguments["max_value"] = max(load.window_end, load.pulled_at) + after
    if len(rule.columns) == 2:
        smaller, larger = rule.columns
        arguments |= {"column_A": larger, "column_B": smaller}
    else:
        arguments["column"] = rule.columns[0]
    return _named(rule.expectation)(severity=rule.severity, **arguments)


def _row_check(rule: Rule, result: Any) -> Check:
    raised = _raised(result)
    bad = result.result.get("unexpected_count") or 0
    rows = result.result.get("element_count") or 0
    message = ""
    if not result.success:
        message = f"{bad:,} of {rows:,} new rows have {rule.says}{_examples(result)}"
    return Check(
        f"{rule.check}: {', '.join(rule.columns)}",
        "critical" if raised else rule.severity,
        result.success and not raised,
        {f"broken.{rule.check}.{'.'.join(rule.columns)}": bad},
        raised or message,
    )


def _examples(result: Any) -> str:
    seen = [value for value in result.result.get("partial_unexpected_list") or [] if value]
    shown = dict.fromkeys(str(value) for value in seen)
    return f" (such as {', '.join(list(shown)[:3])})" if shown else ""


def _both(one: Check, other: Check) -> Check:
    figures = {name: value + other.figures[name] for name, value in one.figures.items()}
    worst = one if not one.is_passed else other
    return Check(one.name, worst.severity, worst.is_passed, figures, worst.message)


def _raised(result: Any) -> str:
    """Why an expectation could not be judged; the library may call that a success."""
    return next(
        (
            f"the check itself failed: {' '.join(message.split())[:300]}"
            for message in _exceptions(result.exception_info or {})
        ),
        "",
    )


def _exceptions(info: dict[str, Any]) -> Iterator[str]:
    """Messages of raised exceptions: the library nests them per metric, or does not."""
    if info.get("raised_exception"):
        yield str(info.get("exception_message") or "without a message")
    for nested in info.values():
        if isinstance(nested, dict):
            yield from _exceptions(nested)
