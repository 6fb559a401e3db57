"""Files have no API: what a feed's file must look like is declared by the feed itself."""

from __future__ import annotations

from tests.conformance.proofs import PROOFS as KINDS
from tests.conformance.proofs import Proofs

PROOFS = Proofs(
    reasons=dict.fromkeys(KINDS, "a file that a person puts there: no vendor describes it")
)
