"""From likely pairs to probable persons, without chains of weak links.

Numbers only: customers are 0 … n - 1, pairs are parallel arrays. A link joins two groups only where
the pairs between them, all of them, are for it on the whole; a chain has no say over its ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from identity.graph import Graph

Floats = npt.NDArray[np.float64]
Nodes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

# A person has a handful of customer records that nothing certain links; more is a bad value.
MOST_CUSTOMERS = 50
# Of the pairs between two groups, so much is for one person on average.
LEAST_MEAN = 0.75
# In bits: who is about as likely one as the other is neither.
TIE = 3.0

QUARANTINED = f"quarantine: a probable person of more than {MOST_CUSTOMERS} customers"
OUTVOTED = "the others of the one side speak against the other"
UNDECIDED = "as likely one of two others, who are not the same"


@dataclass
class Clusters:
    """Who is probably one person.

    Attributes:
        labels: each customer's group, named after its first member, shape (customers,).
        refused: pair → why it was not followed.
    """

    labels: Nodes
    refused: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pairs:
    """Pairs of customers, each once.

    Attributes:
        left: the one, shape (pairs,).
        right: the other.
        bits: for one person, as the logarithm of the odds to base 2.
        forbidden: why the two are never joined, or nothing.
        informed: whether both have told what tells persons of one household apart.
    """

    left: Nodes
    right: Nodes
    bits: Floats
    forbidden: list[str]
    informed: Mask

    def order(self) -> npt.NDArray[np.intp]:
        """The likeliest first; of equals always the same."""
        return np.lexsort((self.right, self.left, -self.bits))


def bounded_components(count: int, pairs: Pairs, most: int = MOST_CUSTOMERS) -> Clusters:
    """Who hangs together at all, in groups of no more than so many.

    Args:
        count: how many customers there are.
        pairs: those that are likely enough to be followed.
        most: where more hang together, the weakest links go.
    """
    found = Clusters(_components(count, pairs.left, pairs.right))
    sizes = np.bincount(found.labels, minlength=count)
    is_large = sizes[found.labels] > most
    if not is_large.any():
        return found
    found.labels[is_large] = np.flatnonzero(is_large)
    members = {int(node): [int(node)] for node in np.flatnonzero(is_large)}
    for number in pairs.order():
        ends = int(pairs.left[number]), int(pairs.right[number])
        one, other = (int(found.labels[end]) for end in ends)
        if not is_large[ends[0]] or one == other:
            continue
        if len(members[one]) + len(members[other]) > most:
            found.refused[ends] = QUARANTINED
            continue
        members[min(one, other)] += members.pop(max(one, other))
        found.labels[members[min(one, other)]] = min(one, other)
    return found


def _components(count: int, left: Nodes, right: Nodes) -> Nodes:
    labels = Graph(count, left, right, np.ones(len(left), dtype=np.int32)).labels
    firsts = np.full(count, count, dtype=np.int32)
    np.minimum.at(firsts, labels, np.arange(count, dtype=np.int32))
    named: Nodes = firsts[labels]
    return named


def cluster(count: int, pairs: Pairs, least_bits: float) -> Clusters:
    """Who is probably one person.

    Args:
        count: how many customers there are.
        pairs: every pair within each group of `bounded_components`.
        least_bits: a pair of at least so many bits is a link.
    """
    found = Clusters(np.arange(count, dtype=np.int32))
    for members, numbers in _groups(count, pairs):
        _cluster_group(found, members, pairs, numbers, least_bits)
    return found


def _groups(count: int, pairs: Pairs) -> Iterator[tuple[Nodes, npt.NDArray[np.intp]]]:
    """Each group's customers and the numbers of its pairs."""
    labels = _components(count, pairs.left, pairs.right)[pairs.left]
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    for numbers in np.split(order, cuts):
        if len(numbers):
            ends = np.concatenate([pairs.left[numbers], pairs.right[numbers]])
            yield np.unique(ends), numbers


def _cluster_group(
    found: Clusters,
    members: Nodes,
    pairs: Pairs,
    numbers: npt.NDArray[np.intp],
    least_bits: float,
) -> None:
    size = len(members)
    left = np.searchsorted(members, pairs.left[numbers])
    right = np.searchsorted(members, pairs.right[numbers])
    bits = np.full((size, size), -np.inf)
    bits[left, right] = bits[right, left] = pairs.bits[numbers]
    informed = np.zeros((size, size), dtype=np.bool_)
    informed[left, right] = informed[right, left] = pairs.informed[numbers]
    why = {
        (int(one), int(other)): pairs.forbidden[number]
        for one, other, number in zip(left, right, numbers, strict=True)
    }
    forbidden = np.zeros((size, size), dtype=np.bool_)
    for (one, other), reason in why.items():
        forbidden[one, other] = forbidden[other, one] = bool(reason)
    is_link = bits >= least_bits
    groups = _merge(bits, forbidden, informed, is_link)
    undecided = _undecided(bits, is_link, groups)
    if len(undecided):
        # Whom only they held together is not together without them.
        is_open = is_link.copy()
        is_open[undecided] = is_open[:, undecided] = False
        groups = _merge(bits, forbidden, informed, is_open)
    for one, other in zip(*np.nonzero(np.triu(is_link, 1)), strict=True):
        if groups[one] == groups[other]:
            continue
        is_undecided = one in undecided or other in undecided
        reason = why[int(one), int(other)] or (UNDECIDED if is_undecided else OUTVOTED)
        found.refused[int(members[one]), int(members[other])] = reason
    found.labels[members] = members[groups]


def _merge(bits: Floats, forbidden: Mask, informed: Mask, is_link: Mask) -> npt.NDArray[np.intp]:
    """Join groups by their likeliest link, where the pairs between them are for it on average.

    Where some of these have told all, one of them must be a link: who leaves the birth date out
    fits father and son.
    """
    size = len(bits)
    likely = 1 / (1 + np.exp2(-np.clip(bits, -100, 100)))
    groups = np.arange(size)
    ones, others = np.nonzero(np.triu(is_link, 1))
    for number in np.lexsort((others, ones, -bits[ones, others])):
        one, other = groups[ones[number]], groups[others[number]]
        between = np.ix_(groups == one, groups == other)
        if one == other or forbidden[between].any() or likely[between].mean() < LEAST_MEAN:
            continue
        if informed[between].any() and not is_link[between][informed[between]].any():
            continue
        groups[groups == max(one, other)] = min(one, other)
    return groups


def _undecided(bits: Floats, is_link: Mask, groups: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Who is linked into one group and about as well into another, which is kept apart from it."""
    is_inside = groups[:, None] == groups[None, :]
    np.fill_diagonal(is_inside, False)
    linked = np.where(is_link, bits, -np.inf)
    inside = np.where(is_inside, linked, -np.inf).max(axis=1)
    outside = np.where(groups[:, None] != groups[None, :], linked, -np.inf).max(axis=1)
    return np.flatnonzero((inside > -np.inf) & (outside >= inside - TIE))
