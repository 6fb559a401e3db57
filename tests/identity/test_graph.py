"""Components and cuts on small graphs, against what a person sees in them and against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from identity.graph import Graph


def graph(node_count: int, edges: list[tuple[int, int, float]]) -> Graph:
    ends = np.array([edge[:2] for edge in edges], dtype=np.int32).reshape(-1, 2)
    strength = np.array([edge[2] * 10 for edge in edges], dtype=np.int32)
    return Graph(node_count, ends[:, 0], ends[:, 1], strength)


def test_nodes_without_edges_are_components_of_their_own() -> None:
    assert len(set(graph(3, []).labels)) == 3
    assert len(graph(0, []).labels) == 0


def test_two_are_parted_at_the_weakest_link_of_the_chain() -> None:
    chain = graph(4, [(0, 1, 0.5), (1, 2, 0.1), (2, 3, 0.5)])
    assert list(chain.part(0, 3)) == [1]
    chain.label()
    assert chain.are_together(0, 1)
    assert chain.are_together(2, 3)
    assert not chain.are_together(1, 2)


def test_parting_cuts_every_way_round() -> None:
    ring = graph(4, [(0, 1, 0.5), (1, 2, 0.2), (2, 3, 0.5), (3, 0, 0.1)])
    assert sorted(ring.part(0, 2)) == [1, 3]
    ring.label()
    assert not ring.are_together(0, 2)


def test_parting_leaves_other_components_alone() -> None:
    two = graph(4, [(0, 1, 0.5), (2, 3, 0.5)])
    two.part(0, 1)
    two.label()
    assert two.are_together(2, 3)


@pytest.mark.parametrize("seed", range(20))
def test_a_cut_is_as_weak_as_any_that_parts_the_two(seed: int) -> None:
    chance = np.random.default_rng(seed)
    pairs = {tuple(sorted(pair)) for pair in chance.integers(0, 12, (30, 2)) if pair[0] != pair[1]}
    edges = [(int(a), int(b), float(chance.integers(1, 9)) / 10) for a, b in sorted(pairs)]
    judged = graph(12, edges)
    truth = nx.Graph()
    truth.add_nodes_from(range(12))
    truth.add_weighted_edges_from(edges, weight="capacity")
    if not judged.are_together(0, 11):
        assert not nx.has_path(truth, 0, 11)
        return
    cut = judged.part(0, 11)
    judged.label()
    assert not judged.are_together(0, 11)
    assert judged.strength[cut].sum() / 10 == pytest.approx(nx.minimum_cut_value(truth, 0, 11))


def test_a_path_goes_over_links_that_are_there() -> None:
    found = graph(5, [(0, 1, 1), (1, 2, 1), (2, 3, 1), (0, 3, 1)])
    assert found.path(0, 2) in ([0, 1, 2], [0, 3, 2])
    assert found.path(0, 4) == []
    assert found.path(2, 2) == [2]


def test_what_is_too_large_is_told() -> None:
    assert list(graph(4, [(0, 1, 1), (1, 2, 1)]).larger_than(2)) == [0]


def test_what_is_too_large_loses_its_weakest_links_and_keeps_the_others() -> None:
    strong = [(0, 1, 0.9), (2, 3, 0.9), (4, 5, 0.9)]
    judged = graph(8, [*strong, (1, 2, 0.2), (3, 4, 0.2), (6, 7, 0.1)])
    assert sorted(judged.shrink(4)) == [3, 4]
    assert [judged.are_together(*pair) for pair in [(0, 1), (2, 3), (4, 5), (6, 7), (1, 2)]] == [
        *[True] * 4,
        False,
    ]


def test_where_even_the_strongest_links_are_too_many_none_counts() -> None:
    judged = graph(4, [(0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9)])
    assert sorted(judged.shrink(3)) == [0, 1, 2]
    assert len(set(judged.labels)) == 4
