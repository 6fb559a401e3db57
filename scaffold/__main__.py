"""`python -m scaffold NAME`: put a connector's files in place, to be made the vendor's own."""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).resolve().parent / "template"
SUFFIX = ".template"
EXAMPLE = ".env.example"
UNION = Path("dbt_project/models/intermediate/campaigns/int_campaigns__unioned.sql")
MARK = "REPLACE"


class NameRefusedError(ValueError):
    """The name cannot be a vendor's; the message says why."""


def checked(name: str, repository: Path) -> str:
    """The name, if a vendor can have it.

    Raises:
        NameRefusedError: it is no name in snake_case, or taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
        raise NameRefusedError(f"{name!r} is no vendor's name: write it like linkedin_ads")
    for path, _ in files(name):
        if (repository / path).exists():
            raise NameRefusedError(
                f"{path} is there already: choose another name, or remove it first"
            )
    for taken in ("connectors", "sandbox"):
        if (repository / taken / f"{name}.py").exists():
            raise NameRefusedError(f"{taken}/{name}.py is there already: choose another name")
    return name


def files(name: str) -> list[tuple[Path, str]]:
    """Where each file of a vendor goes, and what it holds."""
    title = " ".join(word.capitalize() for word in name.split("_"))
    words = {"@name@": name, "@NAME@": name.upper(), "@Title@": title}

    def filled(text: str) -> str:
        for placeholder, word in words.items():
            text = text.replace(placeholder, word)
        return text

    return [
        (
            Path(filled(str(path.relative_to(TEMPLATE)).removesuffix(SUFFIX))),
            filled(path.read_text(encoding="utf-8")),
        )
        for path in sorted(TEMPLATE.rglob(f"*{SUFFIX}"))
    ]


def create(name: str, repository: Path) -> list[Path]:
    """Write a vendor's files, list its settings and take its campaigns into their union.

    Returns:
        What was written.
    """
    checked(name, repository)
    written = []
    for path, text in files(name):
        target = repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(path)
    example = repository / EXAMPLE
    example.write_text(
        f"{example.read_text(encoding='utf-8')}#SOURCES__{name.upper()}__ACCESS_TOKEN=\n",
        encoding="utf-8",
    )
    union = repository / UNION
    union.write_text(
        with_member(union.read_text(encoding="utf-8"), f"int_campaigns__{name}"), encoding="utf-8"
    )
    return written


def with_member(union: str, model: str) -> str:
    """A union's SQL with one more model at its end.

    Raises:
        ValueError: the SQL is not as unions are written here.
    """
    last = re.search(r"    select \* from \{\{ ref\('int_\w+'\) \}\}\n(?=\))", union)
    if last is None:
        raise ValueError(f"{UNION} has no union that ends as it should")
    line = f"    union all\n    select * from {{{{ ref('{model}') }}}}\n"
    return union[: last.end()] + line + union[last.end() :]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scaffold", description=__doc__)
    parser.add_argument("name", help="the vendor's, in snake_case: pinterest, linkedin_ads")
    name = parser.parse_args(arguments).name
    try:
        written = create(name, REPOSITORY)
    except NameRefusedError as error:
        print(f"Nothing was written: {error}.", file=sys.stderr)
        return 2
    marks = {path: (REPOSITORY / path).read_text(encoding="utf-8").count(MARK) for path in written}
    for path in written:
        print(f"  {path}" + (f"  ({marks[path]} to {MARK.lower()})" if marks[path] else ""))
    print(
        f"{len(written)} files, a line in {EXAMPLE} and one in {UNION.name}. They pass their tests"
        " as they are: tests/connectors, tests/sandbox, tests/conformance and tests/conventions.\n"
        f"Next: put the vendor's own in place of each {MARK}, its description first; the streams it"
        " has; then an int_<domain>__<vendor>.sql and one line in int_<domain>__unioned.sql for"
        " each further domain it feeds. CONTRIBUTING.md goes through it."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
