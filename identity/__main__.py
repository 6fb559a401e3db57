"""`python -m identity`: explain, split, join and report from the command line.

    explain ONE OTHER                      why they are one person, or what keeps them apart
    split ONE OTHER --by WHO --why REASON  they are two persons, whatever the rules say
    join ONE OTHER --by WHO --why REASON   they are one
    report --truth FILE                    how right the persons are, held against who is who
    report --records FILE…                 how right probable persons are, on records of your own

Arguments and printing belong here. Decisions count from the next night on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.settings import SettingError, data_folder, load_env_file
from identity import decisions, explain, labelled, matching, report

# What a list of who is who says of each identifier.
TRUTH = ("identifier_type", "identifier_value", "person_id", "persons")


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0, or 1 where it could not be done; the reason is printed.
    """
    parser = argparse.ArgumentParser(prog="python -m identity")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("explain", decisions.SPLIT, decisions.JOIN):
        command = commands.add_parser(name)
        command.add_argument("one", help="type:value, as in email:ada@example.com")
        command.add_argument("other")
        if name != "explain":
            command.add_argument("--by", default="", help="who decides")
            command.add_argument("--why", default="", help="the reason, for whoever asks later")
    scored = commands.add_parser("report")
    held_against = scored.add_mutually_exclusive_group(required=True)
    held_against.add_argument(
        "--truth",
        type=Path,
        nargs="?",
        const=Path(),
        help="Parquet: identifier_type, identifier_value, person_id (null: nobody's own), persons;"
        " by default what python -m sandbox truth exports",
    )
    held_against.add_argument(
        "--records",
        type=Path,
        nargs="+",
        help="CSV: identifier_id, person_id, given_name, birth_date, …, or FEBRL's columns",
    )
    asked = parser.parse_args(arguments)
    try:
        load_env_file()
        if asked.command == "report":
            told = _matched(asked.records) if asked.records else _reported(asked.truth)
            print("\n".join(told))
        elif asked.command == "explain":
            print("\n".join(_explained(asked.one, asked.other)))
        else:
            path = decisions.decisions_file()
            made = decisions.decision(asked.command, asked.one, asked.other, asked.by, asked.why)
            decisions.add(path, made)
            print(
                f"{path}: {made.kind} {made.one} and {made.other}. It counts from the next night."
            )
    except (decisions.DecisionError, SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _reported(truth: Path) -> list[str]:
    built = data_folder() / "build" / "warehouse.duckdb"
    if truth == Path():
        truth = data_folder() / "truth" / "identifier.parquet"
    _there(built, "run make nightly first")
    _there(truth, "give --truth a file")
    who = _truth(truth)
    with _opened(built) as con:
        shared = report.merges_over_shared(con, who)
        return [
            f"{truth.name}, {who.num_rows:,} identifiers",
            f"persons joined over what several use: {shared}",
            *report.lines(report.scores(con, who)),
        ]


def _matched(paths: list[Path]) -> list[str]:
    for path in paths:
        _there(path, "give --records files")
    records = labelled.read(paths)
    with labelled.build_file(records) as con:
        matching.match(con)
        _, probable = report.scores(con, labelled.truth(records), is_every_pair=True)
        names = " and ".join(path.name for path in paths)
        return [f"{names}, {len(records):,} records", *report.lines([probable])]


def _there(path: Path, remedy: str) -> None:
    if not path.exists():
        raise decisions.DecisionError(f"{path} is not there: {remedy}")


def _truth(path: Path) -> pa.Table:
    try:
        return pq.read_table(path, columns=list(TRUTH))
    except (OSError, pa.ArrowException) as error:
        needed = f"Parquet with the columns {', '.join(TRUTH)}"
        told = f"{error}".splitlines()[0]
        raise decisions.DecisionError(f"{path} is no truth, which is {needed}: {told}") from error


@contextmanager
def _opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            yield con
    except duckdb.IOException as error:
        told = f"{error}".splitlines()[0]
        raise decisions.DecisionError(f"{file} cannot be opened: {told}") from error
    except duckdb.CatalogException as error:
        told = f"{error}".splitlines()[0]
        raise decisions.DecisionError(
            f"{file} has not what is asked for, run make nightly first: {told}"
        ) from error


def _explained(one: str, other: str) -> list[str]:
    published = data_folder() / "published" / "warehouse.duckdb"
    _there(published, "run make nightly first")
    with _opened(published) as con:
        return explain.explain(con, one, other)


if __name__ == "__main__":
    sys.exit(main())
