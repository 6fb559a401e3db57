"""What dbt does at every call for nobody here, left out.

It parses everything anew, which takes longer than many a layer, where any setting of its profile is
another than before: the path in a data folder that was moved, the limit of memory. Nothing in this
project reads the profile while it is parsed but the names of database and schema.

It writes every event as a line of its log, and then throws away those of a level that no log has:
some ten of a model's, a sixth of what a model of few rows costs.
"""

from __future__ import annotations

import logging
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.logger import _log_level_map

_fire_event = EventManager.fire_event


def take() -> None:
    """Let dbt, in this process, do without."""
    DuckDBCredentials._connection_keys = _names  # type: ignore[method-assign]
    EventManager.fire_event = _fire_where_read  # type: ignore[method-assign, assignment]


def _names(_: DuckDBCredentials) -> tuple[str, ...]:
    return ("database", "schema")


def _fire_where_read(
    manager: EventManager,
    event: BaseEvent,
    level: EventLevel | None = None,
    node: Any = None,
    force_warn_or_error_handling: bool = False,
) -> None:
    """Warnings may become errors, so that only what is below them may be left out."""
    number = _log_level_map[level or event.level_tag()]
    read = [_log_level_map[log.level] for log in manager.loggers]
    if number >= logging.INFO or any(lowest <= number for lowest in read):
        _fire_event(manager, event, level, node, force_warn_or_error_handling)
