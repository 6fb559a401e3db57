"""Settings come from the environment, and secrets leave by no way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.settings import (
    SettingError,
    VendorSettings,
    data_folder,
    landing_url,
    profile,
)


def test_a_missing_setting_is_named_as_the_environment_calls_it() -> None:
    with pytest.raises(SettingError, match="set SOURCES__SQUARE__ACCESS_TOKEN"):
        VendorSettings("square")["access_token"]


def test_a_setting_of_spaces_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__SQUARE__ACCESS_TOKEN", "  ")
    settings = VendorSettings("square")
    assert settings.missing(("access_token",)) == ["SOURCES__SQUARE__ACCESS_TOKEN"]
    assert settings.get("access_token", "none") == "none"


def test_what_is_set_is_listed_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__SQUARE__ACCESS_TOKEN", "EAAA-secret-value")
    settings = VendorSettings("square", ("access_token",))
    assert list(settings) == ["access_token"]
    assert "EAAA-secret-value" not in repr(settings)


def test_secrets_are_taken_out_of_a_text_in_every_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__X__TOKEN", 'a/b+c|d"e-and-more')
    settings = VendorSettings("x", ("token",))
    texts = ['a/b+c|d"e-and-more', "a%2Fb%2Bc%7Cd%22e-and-more", 'a\\/b+c|d\\"e-and-more']
    assert [settings.redact(f"<{text}>") for text in texts] == ["<***>"] * 3


def test_the_longer_of_two_secrets_is_taken_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__X__SHORT", "secret-part")
    monkeypatch.setenv("SOURCES__X__LONG", "secret-part-and-rest")
    settings = VendorSettings("x", ("short", "long"))
    assert settings.redact("secret-part-and-rest, secret-part") == "***, ***"


def test_an_unknown_profile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert profile() == "sandbox"
    monkeypatch.setenv("THROUGHLINE_PROFILE", "prod")
    with pytest.raises(SettingError, match="'sandbox' or to 'production'"):
        profile()


def test_landing_is_below_the_data_folder_unless_it_is_set(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data_folder() == data.resolve()
    assert landing_url() == (data.resolve() / "landing").as_uri()
    monkeypatch.setenv("THROUGHLINE_LANDING_URL", "s3://bucket/landing")
    assert landing_url() == "s3://bucket/landing"


@pytest.mark.parametrize("mark", ["%", "#", "?"])
def test_a_data_folder_whose_name_dlt_or_dbt_misreads_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mark: str
) -> None:
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path / f"our {mark}"))
    with pytest.raises(SettingError, match=re.escape(f"our {mark} has a '{mark}' in its path")):
        data_folder()
