"""Each connector speaks its vendor's API: every exchange of a full run, by the vendor's own word.

One test per vendor, stream and proof: the cells of docs/conformance.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import vendors
from tests.conformance.proofs import PROOFS, Exchange, Proofs, has_module, proofs_of
from tests.conformance.table import DOCUMENT, document, section
from tests.dbt_project.declared_columns import read_paths

PROVEN = [name for name in vendors() if has_module(name)]
BASE = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "base"
Recorded = Callable[[str], list[Exchange]]


def cells(proof: str) -> list[tuple[str, str]]:
    """The vendors and streams for which a proof is made."""
    return [
        (name, stream.name)
        for name in PROVEN
        for stream in vendors()[name].streams
        if proofs_of(name).reason(proof, stream.name) is None
    ]


@pytest.mark.parametrize("vendor", vendors())
def test_every_vendor_has_its_proofs(vendor: str) -> None:
    assert has_module(vendor), (
        f"tests/conformance/{vendor}.py is missing: define PROOFS there (see proofs.py), each"
        " proof against the vendor's own description or with the reason why there is none"
    )


@pytest.mark.parametrize("vendor", PROVEN)
def test_every_proof_has_a_source_or_a_reason(vendor: str) -> None:
    proofs: Proofs = proofs_of(vendor)
    streams = {stream.name for stream in vendors()[vendor].streams}
    for proof in PROOFS:
        reasons = [proofs.reason(proof, stream) for stream in streams]
        assert "" not in reasons, f"{vendor} has neither {proof} nor a reason"
        assert proof in proofs.sources or None not in reasons, f"{vendor}: whence is {proof}?"
    named = {reason.partition(":")[2] for reason in proofs.reasons} | set(proofs.calls)
    assert {name for name in named - {""} if " " not in name} <= streams
    assert all(deviation.source for deviation in proofs.overlay)


def test_the_table_in_the_documents_is_as_the_proofs_are(exchanges: Recorded) -> None:
    text = DOCUMENT.read_text()
    recorded = {vendor: exchanges(vendor) for vendor in PROVEN}
    stale = [vendor for vendor, found in recorded.items() if section(vendor, found) not in text]
    assert stale == [], "run `make conformance` and look at docs/conformance.md"
    assert text == document(recorded), "run `make conformance`"


@pytest.mark.parametrize("vendor", PROVEN)
def test_calls_and_reasons_are_of_endpoints_that_were_asked(
    vendor: str, exchanges: Recorded
) -> None:
    """A stream that asks several endpoints names the SDK's call for each."""
    proofs, recorded = proofs_of(vendor), exchanges(vendor)
    places = {each.place for each in recorded}
    named = {reason.partition(":")[2] for reason in proofs.reasons} | set(proofs.calls)
    assert {name for name in named if " " in name} <= places
    for stream in {name for name in proofs.calls if " " not in name}:
        asked = {each.place for each in recorded if each.stream == stream} - set(proofs.calls)
        assert len(asked) == 1, f"calls: {stream} asks {sorted(asked)}: name a call for each"


@pytest.mark.parametrize("vendor", PROVEN)
def test_paths_are_proven_of_what_is_landed_and_of_nothing_else(
    vendor: str, exchanges: Recorded
) -> None:
    landed = {each.stream for each in exchanges(vendor) if each.is_landed}
    proven = {stream for name, stream in cells("paths") if name == vendor}
    assert proven <= landed, "paths of streams of which nothing is landed"
    for stream in landed:
        reads = read_paths(BASE / vendor / f"base_{vendor}__{stream}.sql")
        assert reads, f"base reads nothing of {stream}, which is landed"
    if exchanges(vendor):
        assert landed == {stream.name for stream in vendors()[vendor].streams}


@pytest.mark.parametrize(
    ("vendor", "stream", "place", "is_landed"),
    [
        ("mailchimp", "sent_to", "GET /3.0/campaigns", False),
        ("mailchimp", "sent_to", "GET /3.0/reports/{campaign}/sent-to", True),
        ("shopify", "orders", "GET /bulk-results/{operation}.jsonl", True),
        ("meta_ads", "ad_performance", "POST /v26.0/act_{account}/insights", False),
        ("meta_ads", "ad_performance", "GET /v26.0/{run}", False),
        ("meta_ads", "ad_performance", "GET /v26.0/{run}/insights", True),
        ("square", "orders", "GET /v2/locations", False),
        ("square", "orders", "POST /v2/orders/search", True),
    ],
)
def test_what_is_only_read_to_ask_on_is_told_from_what_is_landed(
    vendor: str, stream: str, place: str, is_landed: bool, exchanges: Recorded
) -> None:
    found = [each for each in exchanges(vendor) if (each.stream, each.place) == (stream, place)]
    assert found, f"the run asked no {place}"
    assert {each.is_landed for each in found} == {is_landed}


def given(exchanges: list[Exchange], proof: str, stream: str) -> list[Exchange]:
    """The exchanges of a stream that this proof is made for."""
    return [
        each
        for each in exchanges
        if each.stream == stream
        and proofs_of(each.vendor).reason(proof, stream, each.place) is None
    ]


def check(exchanges: list[Exchange], judge: Callable[[Exchange], list[str]]) -> None:
    """Fails with each problem once, and how often it was met."""
    assert exchanges, "the run made no exchange of this stream"
    counted: Counter[str] = Counter()
    example: dict[str, str] = {}
    for exchange in exchanges:
        for problem in judge(exchange):
            counted[problem] += 1
            example.setdefault(problem, str(exchange)[:300])
    if counted:
        lines = [f"{n} times: {p}\n    {example[p]}" for p, n in counted.most_common(20)]
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize(("vendor", "stream"), cells("request"))
def test_every_request_is_as_the_vendor_describes(
    vendor: str, stream: str, exchanges: Recorded
) -> None:
    judge = proofs_of(vendor).request
    assert judge is not None
    check(given(exchanges(vendor), "request", stream), judge)


@pytest.mark.parametrize(("vendor", "stream"), cells("response"))
def test_every_answer_of_the_sandbox_is_as_the_vendor_describes(
    vendor: str, stream: str, exchanges: Recorded
) -> None:
    judge = proofs_of(vendor).response
    assert judge is not None
    check(given(exchanges(vendor), "response", stream), judge)


@pytest.mark.parametrize(("vendor", "stream"), cells("paths"))
def test_every_path_that_base_reads_is_described(vendor: str, stream: str) -> None:
    judge = proofs_of(vendor).paths
    assert judge is not None
    read = read_paths(BASE / vendor / f"base_{vendor}__{stream}.sql")
    assert read
    assert [problem for path in read for problem in judge(stream, path)] == []


@pytest.mark.parametrize(("vendor", "stream"), cells("sdk"))
def test_the_vendors_sdk_reads_the_answers_and_asks_the_same(
    vendor: str, stream: str, exchanges: Recorded
) -> None:
    judge = proofs_of(vendor).sdk
    assert judge is not None
    check(given(exchanges(vendor), "sdk", stream), judge)
