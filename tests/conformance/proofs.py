"""What proves that a connector speaks its vendor's API: the types a vendor's module fills in.

Belongs here: exchanges, proofs, deviations, where descriptions lie and how a vendor's module is
found. Does not belong here: how a description is read (openapi, discovery, graphql_schema) and
any vendor (its module beside this one).
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SPECS = REPOSITORY.parent / "shared" / "specs"
PROOFS = ("request", "response", "paths", "sdk")
# Why no path leads through the answers of some endpoints.
NOT_LANDED = "base reads nothing of it: the answer says what to ask for next and is not landed"


@dataclass(frozen=True)
class Exchange:
    """One question of a connector and the sandbox's answer, as they went over the wire.

    Attributes:
        endpoint: the path with its ids as names, e.g. `/v2/lists/{list_id}/members`.
        path: below the vendor's host, e.g. `/v2/lists/4f1c/members`.
        raw_query: as it was sent, still encoded.
        headers: the request's, by name as it was sent; `header` finds one by any case.
        content: the request's body as it was sent; empty where there was none.
        answer: the response's body. A vendor without HTTP has `READ` for a method and the file's
            text here.
        is_landed: whether the answer is landed, for base to read; the others are read for what to
            ask next.
    """

    vendor: str
    stream: str
    method: str
    endpoint: str
    path: str
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    status: int = 200
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    is_landed: bool = True

    @property
    def query(self) -> list[tuple[str, str]]:
        """Names and values, decoded, in order; a name may come more than once."""
        return parse_qsl(self.raw_query, keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The request's header, whatever its case."""
        found = {key.lower(): value for key, value in self.headers.items()}
        return found.get(name.lower())

    def answer_header(self, name: str) -> str | None:
        """The response's header, whatever its case."""
        found = {key.lower(): value for key, value in self.answer_headers.items()}
        return found.get(name.lower())

    @cached_property
    def body(self) -> Any:
        """The request's JSON body; None where there was none."""
        return json.loads(self.content) if self.content else None

    @cached_property
    def json(self) -> Any:
        """The response's JSON body."""
        return json.loads(self.answer)

    @property
    def place(self) -> str:
        """`METHOD endpoint`."""
        return f"{self.method} {self.endpoint}"

    def __str__(self) -> str:
        query = f"?{self.raw_query}" if self.raw_query else ""
        return f"{self.method} {self.path}{query} {self.content.decode(errors='replace')}".strip()


@dataclass(frozen=True)
class Deviation:
    """One place where the vendor's server differs from the vendor's file.

    Attributes:
        place: a JSON pointer into the description (`~1` for a slash, `-` as the last part appends
            to a list), or for another kind of description words that its reader knows.
        change: a merge patch (RFC 7396) for that place: members are replaced, None removes one.
        source: where it is known from.
    """

    place: str
    change: Any
    source: str


Check = Callable[[Exchange], list[str]]


@dataclass(frozen=True)
class Proofs:
    """How one vendor's connector is proven. Each function returns what is wrong, in sentences.

    A proof that is None has a reason. A reason under `<proof>:<stream>` or
    `<proof>:<METHOD endpoint>` excuses these exchanges only: they are not given to that proof.

    Attributes:
        request: the question against the vendor's own description.
        response: the simulated answer against it; no key that the vendor does not know.
        paths: (stream, JSON path that base reads) → whether the vendor's rows have it. A path is
            below the row, `?` left out, `[0]` for an item: `line_items[0].uid`.
        sdk: the vendor's own SDK reads the answer and, where it has a call, asks the same.
        sources: proof → the description it is held against, short: it stands in the table.
        reasons: proof, or `<proof>:<stream or METHOD endpoint>` → why there is none.
        calls: stream, or `METHOD endpoint` → the SDK's call whose request was found equal to ours.
        overlay: the deviations of server from file.
    """

    request: Check | None = None
    response: Check | None = None
    paths: Callable[[str, str], list[str]] | None = None
    sdk: Check | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)
    overlay: tuple[Deviation, ...] = ()

    def reason(self, proof: str, stream: str, endpoint: str = "") -> str | None:
        """Why this proof is not made for a stream or its endpoint; None where it is made."""
        for key in (f"{proof}:{endpoint}", f"{proof}:{stream}"):
            if key in self.reasons:
                return self.reasons[key]
        return self.reasons.get(proof, "") if getattr(self, proof) is None else None

    def call(self, stream: str, endpoint: str) -> str | None:
        """The SDK's call that asks the same; None where the SDK reads the answer only."""
        return self.calls.get(endpoint) or self.calls.get(stream)


def has_module(vendor: str) -> bool:
    """Whether the vendor has a module here."""
    return importlib.util.find_spec(f"{__package__}.{vendor}") is not None


def proofs_of(vendor: str) -> Proofs:
    """The vendor's proofs."""
    found: Proofs = importlib.import_module(f"{__package__}.{vendor}").PROOFS
    return found


@cache
def load(name: str) -> Any:
    """A vendor's JSON description from the shared folder beside the repository.

    The folder is no part of the repository: where it is absent, the test that asks skips.
    """
    return json.loads(described_in(name).read_text())


def described_in(name: str) -> Path:
    """The file of a description, for those that are no plain JSON; skips as `load` does."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the vendor's description {name} is not in ../shared/specs")
    return path
