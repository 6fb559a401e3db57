"""Groups of customers: chains of weak links, ties and bounds."""

from __future__ import annotations

import numpy as np

from identity.clusters import QUARANTINED, UNDECIDED, Pairs, bounded_components, cluster


def pairs(
    *rows: tuple[int, int, float],
    forbidden: dict[int, str] | None = None,
    informed: tuple[int, ...] = (),
) -> Pairs:
    left, right, bits = zip(*rows, strict=True)
    reasons = [(forbidden or {}).get(number, "") for number in range(len(rows))]
    return Pairs(
        np.array(left, dtype=np.int32),
        np.array(right, dtype=np.int32),
        np.array(bits),
        reasons,
        np.array([number in informed for number in range(len(rows))]),
    )


def test_a_chain_has_no_say_over_its_ends() -> None:
    chain = pairs((0, 1, 9.0), (1, 2, 5.0), (0, 2, -9.0))
    found = cluster(3, chain, 4.0)
    assert found.labels.tolist() == [0, 0, 2]
    assert list(found.refused) == [(1, 2)]


def test_one_doubtful_pair_among_many_does_not_break_a_person() -> None:
    rows = [(one, other, 9.0) for one in range(5) for other in range(one + 1, 5)]
    rows[3] = (0, 4, -2.0)
    assert cluster(5, pairs(*rows), 4.0).labels.tolist() == [0, 0, 0, 0, 0]


def test_who_is_as_likely_one_as_the_other_is_neither() -> None:
    found = cluster(3, pairs((0, 1, 9.0), (0, 2, 8.0), (1, 2, -20.0)), 4.0)
    assert found.labels.tolist() == [0, 1, 2]
    assert found.refused == {(0, 1): UNDECIDED, (0, 2): UNDECIDED}


def test_who_leaves_out_what_tells_two_apart_joins_them_only_if_the_others_do() -> None:
    rows = [(0, 1, 9.0), (0, 2, 9.0), (1, 2, 3.0)]
    assert cluster(3, pairs(*rows), 4.0).labels.tolist() == [0, 0, 0]
    found = cluster(3, pairs((0, 1, 15.0), *rows[1:], informed=(2,)), 4.0)
    assert found.labels.tolist() == [0, 0, 2]
    assert cluster(3, pairs(*rows, informed=(0, 1, 2)), 4.0).labels.tolist() == [0, 0, 0]


def test_what_is_forbidden_is_not_joined_by_a_third_either() -> None:
    rows = [(0, 1, 9.0), (0, 2, 19.0), (1, 2, 19.0)]
    found = cluster(3, pairs(*rows, forbidden={0: "decided"}), 4.0)
    assert found.labels[0] != found.labels[1]
    assert found.refused[0, 1] == "decided"


def test_a_group_that_explodes_is_cut_at_its_weakest_links() -> None:
    rows = [(number, number + 1, 9.0 - (number == 3)) for number in range(7)]
    found = bounded_components(9, pairs(*rows), most=4)
    assert found.labels.tolist() == [0, 0, 0, 0, 4, 4, 4, 4, 8]
    assert found.refused == {(3, 4): QUARANTINED}


def test_nobody_is_nobody() -> None:
    none = Pairs(*[np.empty(0, np.int32)] * 2, np.empty(0), [], np.empty(0, np.bool_))
    assert bounded_components(0, none).labels.tolist() == []
    assert cluster(2, none, 4.0).labels.tolist() == [0, 1]
