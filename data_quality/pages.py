"""Reading landed pages again, by another path than base: rows, keys and days as they came.

Here belongs the SQL that turns the files of a load into rows of text. It shares nothing with the
models on purpose, so that a row that base loses is missed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from data_quality.suite import Pages

KEY = "landed_key"
DAY = "landed_at"
# SQL of a naive UTC moment from how vendors write one; null where it is none.
TIMES = {
    "iso": "try_cast({} as timestamptz) at time zone 'UTC'",
    "rfc2822": "try_strptime({}, '%a, %d %b %Y %H:%M:%S %z') at time zone 'UTC'",
    "epoch_ms": "epoch_ms(try_cast({} as bigint))",
    "basic_date": "try_strptime({}, '%Y%m%d')",
}
REQUEST = "request:"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _shape(paths: Sequence[str]) -> dict[str, Any]:
    """{"a": {"b": "VARCHAR"}} for ["a.b"]: every scalar is read as text."""
    shape: dict[str, Any] = {}
    for path in paths:
        *parents, leaf = path.split(".")
        node = shape
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = "VARCHAR"
    return shape


def _field(pages: Pages, path: str) -> str:
    if path.startswith(REQUEST):
        return f"nullif(regexp_extract(request, {_quoted(path.removeprefix(REQUEST))}, 1), '')"
    if pages.form == "tsv":
        return f"nullif(string_split(entry, chr(9))[{int(path)}], '')"
    if pages.columns:
        return f"entry[{_quoted(path)}]"
    return "entry." + ".".join(f'"{part}"' for part in path.split("."))


def _key(pages: Pages) -> str:
    """One text of all parts; null where one of them is missing. Days are written as in base."""
    parts = [
        f"cast(cast({TIMES[pages.time].format(_field(pages, path))} as date) as varchar)"
        if path == pages.day and pages.time == "basic_date"
        else _field(pages, path)
        for path in pages.key
    ]
    return " || '|' || ".join(parts)


def _entries(pages: Pages, paths: Sequence[str]) -> str:
    """SQL of the list of rows of a page: null where the page is not what the vendor promised."""
    if pages.form == "tsv":
        return "list_filter(string_split(page, chr(10)), lambda line: trim(line, chr(13)) <> '')"
    if pages.columns:
        return _named_entries(pages)
    shape = _shape(paths)
    if pages.rows is None:
        parsed = f"try(from_json(page, {_quoted(json.dumps(shape))}))"
        return f"case when {parsed} is not null then [{parsed}] end"
    keys = pages.rows.split(".")
    page_shape: Any = [shape]
    for key in reversed(keys):
        page_shape = {key: page_shape}
    parsed = f"try(from_json(page, {_quoted(json.dumps(page_shape))}))"
    entries = ".".join([parsed, *(f'"{key}"' for key in keys)])
    return entries if pages.rows_required else f"coalesce({entries}, {_EMPTY})"


# A page that is no JSON at all is no empty one, and stops nobody.
_EMPTY = "case when try(json_type(page)) = 'OBJECT' then [] end"


def _named_entries(pages: Pages) -> str:
    """SQL of the list of rows as maps from the names of their columns to the values."""
    named, valued = [{"name": "VARCHAR"}], [{"value": "VARCHAR"}]
    shape: dict[str, Any] = {name: named for name in pages.columns}
    is_bare = "" in pages.columns.values()
    row: Any = ["VARCHAR"] if is_bare else {name: valued for name in pages.columns.values()}
    shape |= {f"{pages.rows}": [row]}
    parsed = f"try(from_json(page, {_quoted(json.dumps(shape))}))"
    names = [f'list_transform({parsed}."{each}", lambda c: c.name)' for each in pages.columns]
    values = [
        f'list_transform(r."{each}", lambda v: v.value)' if each else "r"
        for each in pages.columns.values()
    ]
    # A page whose lists differ in length is none.
    rows = f"""try(list_transform(
        {parsed}."{pages.rows}", lambda r: map({" || ".join(names)}, {" || ".join(values)})
    ))"""
    if pages.rows_required:
        return rows
    return f'case when {parsed}."{pages.rows}" is null then {_EMPTY} else {rows} end'


def landed_rows(pages: Pages, fields: Mapping[str, str] | None = None, files: str = "?") -> str:
    """SQL of one row per landed row: load_id, page_index, row_index, pulled_at, key, time, fields.

    A page that is not what the vendor promised is one row with is_readable = false.

    Args:
        pages: where the rows stand.
        fields: column name → path of what else to read, as text.
        files: how the query names its one parameter, the list of files.
    """
    fields = fields or {}
    paths = [*pages.key, *([pages.day] if pages.day else []), *fields.values()]
    extra = "".join(
        f",\n            {_field(pages, path)} as {name}" for name, path in fields.items()
    )
    moment = "cast(null as timestamp)"
    if pages.day:
        moment = TIMES[pages.time].format(_field(pages, pages.day))
    # It is as long as some pages, so it is carried along only where it is read.
    request = "request," if any(path.startswith(REQUEST) for path in paths) else ""
    return f"""
        select
            load_id,
            page_index,
            row_index,
            pulled_at,
            is_readable,
            {_key(pages)} as {KEY},
            {moment} as {DAY}{extra}
        from (
            select
                load_id,
                page_index,
                pulled_at,
                {request}
                entries is not null as is_readable,
                unnest(coalesce(entries, [null])) as entry,
                generate_subscripts(coalesce(entries, [null]), 1) as row_index
            from (
                select
                    regexp_extract(filename, '([0-9]+[.][0-9]+)[.][^/]+[.]parquet$', 1) as load_id,
                    page_index,
                    pulled_at at time zone 'UTC' as pulled_at,
                    {request}
                    {_entries(pages, paths)} as entries
                from read_parquet({files}, filename = true)
                where page is not null
            )
        )
    """
