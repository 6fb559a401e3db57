"""What the doctor says of a vendor: in plain words, with a remedy, without a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import connectors
import sandbox
from connectors import google
from connectors.doctor import Diagnosis, examine
from connectors.settings import REPOSITORY
from connectors.stream import ApiVersion, Vendor

from .conftest import TOKEN, Answer, ScriptedServer, fake_vendor

TODAY = date(2026, 1, 2)
# The scripted server's clock.
NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)
DAYS = 3
START = datetime(2026, 1, 1, tzinfo=UTC)
SANDBOX_NOW = START + timedelta(days=DAYS, hours=3)
SETTINGS = sandbox.environment(1, REPOSITORY)


def asked(vendor: Vendor, now: datetime = NOW, today: date = TODAY) -> Diagnosis:
    return examine(vendor, now=now, today=today)


class TestAnyVendor:
    def test_one_that_answers_is_well_after_one_question(
        self, fake: Vendor, server: ScriptedServer
    ) -> None:
        diagnosis = asked(fake)
        assert (diagnosis.findings, diagnosis.is_broken) == ((), False)
        assert str(diagnosis).startswith("answers in ")
        assert [seen.path for seen in server.seen] == ["/rows"]

    def test_one_whose_question_has_many_pages_is_asked_for_the_first(
        self, fake: Vendor, server: ScriptedServer
    ) -> None:
        probed = replace(fake, probe=lambda client: client.pages("/rows", rows="data"))
        assert asked(probed).findings == ()
        assert [seen.path for seen in server.seen] == ["/rows"]

    def test_one_without_any_setting_is_left_out(self) -> None:
        assert asked(fake_vendor()).is_left_out

    def test_one_that_is_half_configured_is_told_which_key_is_missing(
        self, fake: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (finding,) = asked(replace(fake, required=("token", "account_id"))).findings
        assert finding.what == "missing key"
        assert "SOURCES__FAKE__ACCOUNT_ID is not set" in str(finding)

    @pytest.mark.parametrize(
        ("status", "what", "remedy"),
        [
            (401, "credential refused", "renew this vendor's credential"),
            (403, "wrong scope", "the right to read"),
            (404, "not found", "account ids and base URL"),
            (410, "version gone", "upgrade the connector"),
            (400, "refused", "the vendor's message"),
        ],
    )
    def test_a_refusal_is_told_in_words_with_a_remedy(
        self, fake: Vendor, server: ScriptedServer, status: int, what: str, remedy: str
    ) -> None:
        body = b'{"error": {"message": "no, %s"}}' % TOKEN.encode()
        server.script.extend([Answer(status, body=body)] * 2)
        diagnosis = asked(fake)
        (finding,) = diagnosis.findings
        assert (finding.what, diagnosis.is_broken) == (what, True)
        assert f"HTTP {status}" in finding.detail
        assert remedy in finding.remedy
        assert TOKEN not in str(diagnosis)

    def test_one_that_fails_is_the_vendors_fault(
        self, fake: Vendor, server: ScriptedServer
    ) -> None:
        server.script.extend([Answer(503)] * 5)
        assert [finding.what for finding in asked(fake).findings] == ["failing vendor"]

    def test_a_used_up_limit_is_a_warning(self, fake: Vendor, server: ScriptedServer) -> None:
        server.script.extend([Answer(429)] * 5)
        diagnosis = asked(fake)
        assert [finding.what for finding in diagnosis.findings] == ["limit used up"]
        assert not diagnosis.is_broken

    def test_a_limit_is_used_up_whatever_the_status_that_says_so(
        self, fake: Vendor, server: ScriptedServer
    ) -> None:
        error = {"code": 403, "message": "No.", "errors": [{"reason": "quotaExceeded"}]}
        server.script.append(Answer(403, json.dumps({"error": error}).encode()))
        diagnosis = asked(fake_vendor(inspect=google.inspect))
        assert [finding.what for finding in diagnosis.findings] == ["limit used up"]
        assert not diagnosis.is_broken

    def test_a_host_that_does_not_answer_is_named(
        self, fake: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__FAKE__BASE_URL", "http://127.0.0.1:9")
        (finding,) = asked(fake).findings
        assert finding.what == "unreachable"
        assert "127.0.0.1:9" in finding.detail
        assert "SOURCES__FAKE__BASE_URL" in finding.remedy

    def test_a_defect_of_a_connector_stops_nobody_and_shows_no_secret(self, fake: Vendor) -> None:
        def probe(client: Any) -> Any:
            raise RuntimeError(f"cannot use {TOKEN}")

        (finding,) = asked(replace(fake, probe=probe)).findings
        assert finding.what == "cannot be asked"
        assert "cannot use ***" in finding.detail

    @pytest.mark.parametrize(
        ("minutes", "said"),
        [(0, None), (4, None), (-7, "7 minutes behind"), (90, "90 minutes ahead")],
    )
    def test_a_clock_that_is_wrong_is_a_warning(
        self, fake: Vendor, minutes: int, said: str | None
    ) -> None:
        diagnosis = asked(fake, now=NOW + timedelta(minutes=minutes))
        told = [finding.detail for finding in diagnosis.findings if finding.what == "clock skew"]
        assert told == ([f"this machine is {said}"] if said else [])
        assert not diagnosis.is_broken

    @pytest.mark.parametrize(
        ("days", "what"),
        [
            (200, None),
            (91, None),
            (90, "version near its sunset"),
            (1, "version near its sunset"),
            (0, "version past its sunset"),
            (-30, "version past its sunset"),
        ],
    )
    def test_a_version_is_warned_of_from_ninety_days_on(
        self, fake: Vendor, days: int, what: str | None
    ) -> None:
        version = ApiVersion("v7", TODAY + timedelta(days=days), "https://vendor.example/versions")
        diagnosis = asked(replace(fake, version=version))
        assert [finding.what for finding in diagnosis.findings] == ([what] if what else [])
        assert not diagnosis.is_broken
        assert "v7" in str(diagnosis)


@pytest.fixture(scope="module")
def vendors_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Running]:
    with sandbox.running(
        tmp_path_factory.mktemp("sandbox"),
        people=40,
        days=DAYS,
        start=START.date(),
        now=SANDBOX_NOW,
    ) as running:
        yield running


@pytest.fixture
def at_the_sandbox(vendors_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in vendors_side.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "5")
    vendors_side.clear_faults()
    return vendors_side


def diagnosis_of(name: str) -> Diagnosis:
    return asked(connectors.vendors()[name], now=SANDBOX_NOW)


class TestEachVendor:
    @pytest.mark.parametrize("name", connectors.vendors())
    def test_answers_its_question_and_has_nothing_wrong(
        self, at_the_sandbox: sandbox.Running, name: str
    ) -> None:
        diagnosis = diagnosis_of(name)
        assert diagnosis.findings == ()
        assert "answers in" in str(diagnosis)

    @pytest.mark.parametrize("name", connectors.vendors())
    def test_is_asked_a_cheap_question(self, at_the_sandbox: sandbox.Running, name: str) -> None:
        before = len(at_the_sandbox.requests)
        diagnosis_of(name)
        seen = at_the_sandbox.requests[before:]
        assert len(seen) <= 6
        asked = [(each["method"], each["path"], each["stream"]) for each in seen]
        assert len(set(asked)) == len(asked), "no question is paged through"

    @pytest.mark.parametrize("name", connectors.vendors())
    def test_says_which_version_of_its_api_is_spoken(self, name: str) -> None:
        vendor = connectors.vendors()[name]
        # Files have no API; everything else has a version, and a page that says how long it lives.
        has_api = f"SOURCES__{name.upper()}__BASE_URL" in SETTINGS
        assert (vendor.version is not None) == has_api
        assert vendor.version is None or vendor.version.source.startswith("https://")

    @pytest.mark.parametrize(
        "setting",
        [name for name in SETTINGS if name.endswith(("_TOKEN", "_KEY"))],
    )
    def test_a_wrong_credential_is_refused_in_words(
        self, at_the_sandbox: sandbox.Running, monkeypatch: pytest.MonkeyPatch, setting: str
    ) -> None:
        monkeypatch.setenv(setting, "wrong")
        diagnosis = diagnosis_of(setting.split("__")[1].lower())
        assert diagnosis.is_broken
        assert diagnosis.findings[0].what == "credential refused"


class TestTokens:
    """Meta and Square tell when a token ends and what it is for."""

    SETTINGS = (
        "SOURCES__META_ADS__ACCESS_TOKEN",
        "SOURCES__META_SOCIAL__ACCESS_TOKEN",
        "SOURCES__SQUARE__ACCESS_TOKEN",
    )

    @pytest.mark.parametrize("setting", SETTINGS)
    @pytest.mark.parametrize(
        ("until", "what", "is_broken"),
        [
            ("2026-01-03", "expired token", True),
            ("2026-01-10", "expiring token", False),
            ("2026-06-01", None, False),
        ],
    )
    def test_the_end_of_a_token_is_told_in_time(
        self,
        at_the_sandbox: sandbox.Running,
        monkeypatch: pytest.MonkeyPatch,
        setting: str,
        until: str,
        what: str | None,
        is_broken: bool,
    ) -> None:
        monkeypatch.setenv(setting, f"secret-token-until-{until}")
        diagnosis = diagnosis_of(setting.split("__")[1].lower())
        assert [finding.what for finding in diagnosis.findings] == ([what] if what else [])
        assert diagnosis.is_broken is is_broken
        assert until in str(diagnosis)
        assert "secret-token" not in str(diagnosis)

    @pytest.mark.parametrize(
        ("setting", "scope"),
        list(zip(SETTINGS, ("ads_read", "read_insights", "ORDERS_READ"), strict=True)),
    )
    def test_a_right_that_is_missing_is_named(
        self,
        at_the_sandbox: sandbox.Running,
        monkeypatch: pytest.MonkeyPatch,
        setting: str,
        scope: str,
    ) -> None:
        monkeypatch.setenv(setting, f"secret-token-without-{scope}")
        (finding,) = diagnosis_of(setting.split("__")[1].lower()).findings
        assert (finding.what, finding.is_broken) == ("wrong scope", True)
        assert scope in finding.detail

    def test_a_token_that_may_not_ask_about_itself_is_no_fault(
        self, at_the_sandbox: sandbox.Running
    ) -> None:
        at_the_sandbox.fault("meta_ads", "debug_token", "error", status=400)
        diagnosis = diagnosis_of("meta_ads")
        assert diagnosis.findings == ()
        assert "its token's end is not told" in str(diagnosis)

    def test_a_key_without_one_of_the_scopes_is_found_by_asking_each_endpoint(
        self, at_the_sandbox: sandbox.Running
    ) -> None:
        at_the_sandbox.fault("klaviyo", "events", "error", status=403)
        assert [finding.what for finding in diagnosis_of("klaviyo").findings] == ["wrong scope"]
