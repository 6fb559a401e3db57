"""The process a run lives in: telemetry off, folders made, Dagster's home set up.

What must be true before Dagster is imported belongs here; it therefore imports none of it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from connectors.settings import SettingError, data_folder

TELEMETRY_OFF = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

# Dagster has no environment variable for it: its instance's file says so.
DAGSTER_YAML = """\
# Written by orchestration/environment.py at each start.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    # Every pool is for something that only one step at a time may open.
    default_limit: 1
    granularity: op
"""


def switch_off_telemetry() -> None:
    """Set every tool's switch; a process started from here inherits them."""
    os.environ.update(TELEMETRY_OFF)


def build_file() -> Path:
    """The private DuckDB file that a run writes.

    Its name is the published file's as well: a view holds the name of the database it was made in.
    """
    return data_folder() / "build" / "warehouse.duckdb"


def published_folder() -> Path:
    """Where analysts find `warehouse.duckdb`."""
    return data_folder() / "published"


def logs_folder() -> Path:
    """Logs of the sandbox and of dbt."""
    return data_folder() / "logs"


def prepare() -> Path:
    """Make the data folder and point Dagster and dbt at it.

    Returns:
        The data folder.

    Raises:
        SettingError: the folder cannot be written.
    """
    data = data_folder()
    home = data / "dagster"
    try:
        for folder in (home, data / "build", data / "dbt", published_folder(), logs_folder()):
            folder.mkdir(parents=True, exist_ok=True)
        _write_if_other(home / "dagster.yaml", DAGSTER_YAML)
        probe = data / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SettingError(
            f"The data folder {data} cannot be written ({error.strerror}):"
            " make it writable or set THROUGHLINE_DATA to another one."
        ) from error
    # dagster-dbt looks for `dbt` there, and dbt_on_a_leash for this interpreter.
    own = str(Path(sys.executable).parent)
    if own not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = own + os.pathsep + os.environ["PATH"]
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["THROUGHLINE_DATA"] = str(data)
    os.environ["THROUGHLINE_BUILD_DB"] = str(build_file())
    os.environ["DBT_TARGET_PATH"] = str(data / "dbt")
    os.environ["DBT_LOG_PATH"] = str(logs_folder())
    # At dbt's own level, debug, a night writes some hundred thousand lines that nobody reads.
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "info")
    return data


def _write_if_other(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
