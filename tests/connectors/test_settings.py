"""Settings come from the environment, and secrets leave by no way."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import connectors
from connectors import command
from connectors.settings import (
    ENV_FILE,
    SettingError,
    VendorSettings,
    data_folder,
    landing_url,
    load_env_file,
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


class TestEnvFile:
    @pytest.fixture(autouse=True)
    def _environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = tmp_path / "settings"
        monkeypatch.setenv(ENV_FILE, str(self.file))
        for name in ("SOURCES__SHOP__API_KEY", "THROUGHLINE_DATA"):
            # Set first, so that what the file sets is undone as well.
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)

    def test_it_fills_in_what_the_environment_does_not_say(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.file.write_text(
            "# ours\n\nSOURCES__SHOP__API_KEY=from the file\nTHROUGHLINE_PROFILE=x\n"
        )
        monkeypatch.setenv("THROUGHLINE_PROFILE", "sandbox")
        load_env_file()
        assert VendorSettings("shop")["api_key"] == "from the file"
        assert profile() == "sandbox"

    def test_the_first_name_counts_where_an_editor_put_a_mark_before_it(self) -> None:
        self.file.write_text("SOURCES__SHOP__API_KEY=Jürgen\n", encoding="utf-8-sig")
        load_env_file()
        assert VendorSettings("shop")["api_key"] == "Jürgen"

    @pytest.mark.parametrize(
        "line", ["SOURCES__SHOP__API_KEY: s3cret", "SOURCES__SHOP__API_KEY", "='"]
    )
    def test_a_line_that_sets_nothing_is_named_and_not_shown(self, line: str) -> None:
        self.file.write_text(f"A=1\n{line}\n")
        with pytest.raises(SettingError, match=r"settings, line 2: write it as NAME=value") as told:
            load_env_file()
        assert "s3cret" not in f"{told.value}"

    def test_another_encoding_is_named(self) -> None:
        self.file.write_bytes("SOURCES__SHOP__API_KEY=Jürgen".encode("cp1252"))
        with pytest.raises(SettingError, match="settings is not UTF-8"):
            load_env_file()

    def test_a_file_that_is_named_must_be_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(SettingError, match=r"settings cannot be read \(No such file"):
            load_env_file()
        monkeypatch.setenv(ENV_FILE, "")
        load_env_file()

    @pytest.mark.parametrize(
        "called",
        [
            "data_quality loads",
            "identity explain email:a@example.com email:b@example.com",
            "identity report --truth",
            "orchestration rollback",
            "sandbox build",
        ],
    )
    def test_every_command_looks_where_it_says(
        self, called: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").touch()
        self.file.write_text(f"THROUGHLINE_DATA={tmp_path}/file/of the company\n")
        module, *arguments = called.split()
        main = importlib.import_module(f"{module}.__main__").main
        assert main(arguments) != 0
        told = capsys.readouterr()
        assert f"{tmp_path}/file/of the company" in (told.out + told.err).replace("\n", "")

    def test_a_vendor_alone_reads_it_as_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.file.write_text("SOURCES__KLAVIYO__API_KEY: s3cret\n")
        dates = ["--from", "2026-01-01", "--to", "2026-01-02"]
        assert command.main(connectors.vendors()["klaviyo"], dates) == 1
        assert "line 1: write it as NAME=value" in capsys.readouterr().err
