"""Settings from the environment: where data lives, which profile runs, each vendor's credentials.

Only reading and checking belongs here. Every name is listed in `.env.example`.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

REPOSITORY = Path(__file__).resolve().parent.parent
ENV_FILE = "THROUGHLINE_ENV_FILE"


class SettingError(ValueError):
    """A setting is missing or cannot be read; the message names it and the remedy."""


def load_env_file() -> None:
    """Take settings from `.env`; what the environment already says wins.

    `THROUGHLINE_ENV_FILE` names another file; where it is empty, none is read.

    Raises:
        SettingError: the file is not there though it is named, or a line of it cannot be read.
    """
    named = os.environ.get(ENV_FILE)
    path = REPOSITORY / ".env" if named is None else Path(named)
    if named == "" or (named is None and not path.exists()):
        return
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    try:
        # Editors put a mark before the first name when they save UTF-8.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingError(f"{path} is not UTF-8: save it as such.") from error
    except OSError as error:
        raise SettingError(f"{path} cannot be read ({error.strerror}).") from error
    for line in parse_stream(io.StringIO(text)):
        if line.error or (line.key is not None and line.value is None):
            # What stands there may be a secret.
            raise SettingError(f"{path}, line {line.original.line}: write it as NAME=value.")
    for name, value in dotenv_values(stream=io.StringIO(text)).items():
        os.environ.setdefault(name, value or "")


def data_folder() -> Path:
    """The folder that holds everything a run writes (`THROUGHLINE_DATA`, default `data/`).

    Raises:
        SettingError: its path holds what dlt 1.31 (%) or dbt-duckdb 1.11 (# and ?) misreads.
    """
    folder = Path(os.environ.get("THROUGHLINE_DATA") or REPOSITORY / "data").resolve()
    misread = [mark for mark in "%#?" if mark in str(folder)]
    if misread:
        raise SettingError(
            f"The data folder {folder} has a {misread[0]!r} in its path, which dlt and dbt take for"
            " something else: set THROUGHLINE_DATA to another one."
        )
    return folder


def profile() -> str:
    """`sandbox` (vendors on loopback) or `production` (the vendors' own hosts).

    Raises:
        SettingError: `THROUGHLINE_PROFILE` holds another word.
    """
    name = os.environ.get("THROUGHLINE_PROFILE") or "sandbox"
    if name not in ("sandbox", "production"):
        raise SettingError(
            f"THROUGHLINE_PROFILE is {name!r}: set it to 'sandbox' or to 'production'."
        )
    return name


def landing_url() -> str:
    """Where pages land: any fsspec URL (`THROUGHLINE_LANDING_URL`, default a local folder)."""
    return os.environ.get("THROUGHLINE_LANDING_URL") or (data_folder() / "landing").as_uri()


def _in_json(text: str) -> str:
    """As vendors write it that escape slashes, too."""
    return json.dumps(text)[1:-1].replace("/", "\\/")


def _variable(vendor: str, name: str) -> str:
    return f"SOURCES__{vendor.upper()}__{name.upper()}"


@dataclass(frozen=True)
class VendorSettings(Mapping[str, str]):
    """One vendor's settings as dlt names them: `SOURCES__<VENDOR>__<NAME>`.

    Values never show in a repr, a log or an error; `redact` takes the secret ones out of a text.
    """

    vendor: str
    secret_names: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        value = os.environ.get(_variable(self.vendor, name), "").strip()
        if not value:
            raise SettingError(
                f"{self.vendor} is not configured: set {_variable(self.vendor, name)}"
                " in the environment or in .env."
            )
        return value

    def __iter__(self) -> Iterator[str]:
        prefix = _variable(self.vendor, "")
        return (key[len(prefix) :].lower() for key in os.environ if key.startswith(prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def secrets(self) -> list[str]:
        """The values that must appear in no text, longest first, also as URLs and JSON write them.

        A value of fewer than 8 characters is no secret that anybody issues, and would be found in
        texts that have nothing to do with it.
        """
        values = {self.get(name) for name in self.secret_names}
        written = {form for value in values for form in (value, quote(value, ""), _in_json(value))}
        return sorted((form for form in written if len(form) >= 8), key=len, reverse=True)

    def redact(self, text: str) -> str:
        """The text with every secret of this vendor replaced by `***`."""
        for secret in self.secrets():
            text = text.replace(secret, "***")
        return text

    def missing(self, required: tuple[str, ...]) -> list[str]:
        """The environment variables among the required ones that are not set."""
        return [_variable(self.vendor, name) for name in required if not self.get(name, "")]

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        """The setting, or the default where it is not set or empty."""
        return os.environ.get(_variable(self.vendor, name), "").strip() or default
