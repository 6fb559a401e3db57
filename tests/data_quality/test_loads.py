from __future__ import annotations

import pytest

from data_quality import loads
from data_quality.loads import LoadError
from tests.data_quality.conftest import Night


@pytest.fixture
def held(night: Night) -> Night:
    night.land("klaviyo", "events", ["{}"])
    night.register()
    night.con.execute("update ops.loads set status = 'held', reason = 'half of it is missing'")
    return night


def test_a_released_load_is_accepted_next_and_says_who_did_it_and_why_it_was_held(
    held: Night,
) -> None:
    other = held.land("klaviyo", "profiles", ["{}"])
    held.register()
    loads.decide(held.con, other, "accepted", "gate", None)

    loads.release(held.con, held.load_ids[0], "operator ada")

    (load,) = loads.find(held.con, "load_id = ?", [held.load_ids[0]])
    assert (load.status, load.accepted_seq, load.decided_by) == ("accepted", 2, "operator ada")
    assert "half of it is missing" in (load.reason or "")


def test_a_discarded_load_is_out_and_never_comes_back(held: Night) -> None:
    loads.discard(held.con, held.load_ids[0], "operator ada")

    assert held.status(held.load_ids[0]) == "discarded"
    assert held.register() == []
    assert loads.held(held.con) == []
    with pytest.raises(LoadError, match="is discarded, not held back"):
        loads.release(held.con, held.load_ids[0], "operator ada")


def test_only_a_held_load_can_be_decided_on(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ["{}"])
    night.register()

    with pytest.raises(LoadError, match="is landed, not held back"):
        loads.discard(night.con, load_id, "operator ada")


def test_an_unknown_load_is_named_beside_those_that_wait(held: Night) -> None:
    with pytest.raises(LoadError, match=rf"no load 7\.7\. Held back: {held.load_ids[0]}"):
        loads.release(held.con, "7.7", "operator ada")


def test_releasing_a_load_that_could_not_be_read_looks_at_its_files_again(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ["{}"])
    (path,) = (night.folder / "landing/klaviyo/events").glob("*.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    night.register()
    # Base has taken note of a load without files.
    night.con.execute("insert into ops.model_loads values ('base_klaviyo__events', ?)", [load_id])

    loads.release(night.con, load_id, "operator ada")
    night.register()
    assert night.status(load_id) == "held"

    path.write_bytes(whole)
    loads.release(night.con, load_id, "operator ada")
    night.register()

    assert night.status(load_id) == "landed"
    assert night.con.execute("select count(*) from ops.model_loads").fetchall() == [(0,)]


def test_a_decision_that_fails_half_way_leaves_the_load_as_it_was(held: Night) -> None:
    def decide() -> None:
        loads.decide(held.con, held.load_ids[0], "accepted", "gate", None)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        loads.in_transaction(held.con, decide)

    assert held.status(held.load_ids[0]) == "held"


def test_a_window_of_whole_days_reads_as_days(held: Night) -> None:
    (load,) = loads.held(held.con)

    assert str(load) == "klaviyo/events [2026-01-05, 2026-01-06)"
