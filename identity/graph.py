"""The graph of identifiers: components, and where to cut them.

Numbers only: nodes are 0 … n - 1, edges are parallel arrays. No database, no identifiers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

Nodes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


class Graph:
    """Edges between numbered nodes, some of which may be taken out.

    Attributes:
        node_count: how many nodes there are.
        left: one end of each edge, shape (edges,).
        right: the other end.
        strength: how much each edge says, shape (edges,), whole numbers above 0.
        is_kept: whether an edge still counts, shape (edges,).
        labels: each node's component, shape (nodes,).
    """

    def __init__(self, node_count: int, left: Nodes, right: Nodes, strength: Nodes) -> None:
        self.node_count = node_count
        self.left, self.right, self.strength = left, right, strength
        self.is_kept: Mask = np.ones(len(left), dtype=np.bool_)
        self.labels: Nodes = np.empty(0, dtype=np.int32)
        self.label()

    def label(self) -> None:
        """Find the components of the edges that are kept."""
        if not self.node_count:
            # scipy refuses a graph of nothing.
            return
        all_kept = bool(self.is_kept.all())
        left = self.left if all_kept else self.left[self.is_kept]
        right = self.right if all_kept else self.right[self.is_kept]
        ones = np.ones(len(left), dtype=np.int8)
        links = coo_array((ones, (left, right)), shape=(self.node_count, self.node_count))
        self.labels = connected_components(links, directed=False)[1]

    def edges_of(self, components: Nodes) -> npt.NDArray[np.int64]:
        """The kept edges of some components, by number."""
        inside = np.isin(self.labels[self.left], components) & self.is_kept
        return np.flatnonzero(inside)

    def larger_than(self, most: int) -> Nodes:
        """The components of more than so many nodes."""
        return np.flatnonzero(np.bincount(self.labels) > most).astype(np.int32)

    def are_together(self, one: int, other: int) -> bool:
        """Whether two nodes are in one component."""
        return bool(self.labels[one] == self.labels[other])

    def part(self, one: int, other: int) -> npt.NDArray[np.int64]:
        """Take out the weakest set of edges without which two nodes are apart.

        Returns:
            The edges taken out, by number; `label` has not been called since.
        """
        edges = self.edges_of(self.labels[one : one + 1])
        nodes = np.unique(np.concatenate([self.left[edges], self.right[edges]]))
        left = np.searchsorted(nodes, self.left[edges])
        right = np.searchsorted(nodes, self.right[edges])
        source = int(np.searchsorted(nodes, one))
        target = int(np.searchsorted(nodes, other))
        size = (len(nodes), len(nodes))
        units = self.strength[edges]
        both_ways = (np.concatenate([left, right]), np.concatenate([right, left]))
        capacity = csr_array(coo_array((np.concatenate([units, units]), both_ways), shape=size))
        flow = maximum_flow(capacity, source, target).flow
        left_over = csr_array(capacity - flow)
        left_over.eliminate_zeros()
        reached = np.zeros(len(nodes), dtype=np.bool_)
        reached[breadth_first_order(left_over, source, return_predecessors=False)] = True
        cut: npt.NDArray[np.int64] = edges[reached[left] != reached[right]]
        self.is_kept[cut] = False
        return cut

    def shrink(self, most: int) -> npt.NDArray[np.int64]:
        """Take the weakest edges out of what is too large, level by level, until nothing is.

        All edges of one strength go at once, so that no order of theirs decides who stays.

        Returns:
            The edges taken out, by number; `label` has been called since.
        """
        edges = self.edges_of(self.larger_than(most))
        if not len(edges):
            return edges
        ends = np.concatenate([self.left[edges], self.right[edges]])
        nodes, places = np.unique(ends, return_inverse=True)
        left, right = np.split(places.astype(np.int32), 2)
        part = Graph(len(nodes), left, right, self.strength[edges])
        while len(large := part.larger_than(most)):
            inside = part.edges_of(large)
            component = part.labels[part.left[inside]]
            weakest = np.full(component.max() + 1, np.iinfo(np.int32).max, dtype=np.int32)
            np.minimum.at(weakest, component, part.strength[inside])
            part.is_kept[inside[part.strength[inside] == weakest[component]]] = False
            part.label()
        taken: npt.NDArray[np.int64] = edges[~part.is_kept]
        self.is_kept[taken] = False
        self.label()
        return taken

    def path(self, one: int, other: int) -> list[int]:
        """A shortest way from node to node over kept edges, as nodes; empty where there is none."""
        if not self.are_together(one, other):
            return []
        edges = self.edges_of(self.labels[one : one + 1])
        ones = np.ones(len(edges), dtype=np.int8)
        ends = (self.left[edges], self.right[edges])
        links = csr_array(coo_array((ones, ends), shape=(self.node_count, self.node_count)))
        before = breadth_first_order(links, one, directed=False)[1]
        way = [other]
        while way[-1] != one:
            way.append(int(before[way[-1]]))
        return way[::-1]
