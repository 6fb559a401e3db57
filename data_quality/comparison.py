"""One figure at two places, and whether they agree.

Plain data only: what is compared stands as chains beside the suites; reconciliation.py compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Comparison:
    """One measure of one day at two places.

    Attributes:
        name: what is compared.
        day: None where it is not told by day.
        left_at: where the left value stands, the earlier place.
        right_at: where the right value stands.
        is_blocking: whether a difference stops publication.
        part: of which part of the day, such as an account; empty for the whole.
        may_lack: what share of the left value the right one may be short of.
    """

    name: str
    vendor: str
    stream: str
    day: date | None
    left_at: str
    right_at: str
    left: Decimal
    right: Decimal
    is_blocking: bool = True
    part: str = ""
    may_lack: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        """Right less left."""
        return self.right - self.left

    @property
    def is_equal(self) -> bool:
        """Whether both agree to the last digit, or the right one lacks no more than it may."""
        return self.left == self.right or 0 < -self.difference <= self.left * self.may_lack

    @property
    def is_wrong(self) -> bool:
        """Whether publication must stop."""
        return self.is_blocking and not self.is_equal

    def __str__(self) -> str:
        day = f" {self.day}" if self.day else ""
        part = f" of {self.part}" if self.part else ""
        return (
            f"{self.vendor}/{self.stream}{day}{part}: {self.name}"
            f" {_plain(self.left)} in {self.left_at},"
            f" {_plain(self.right)} in {self.right_at} ({_plain(self.difference, '+')})"
        )


def _plain(value: Decimal, sign: str = "") -> str:
    text = f"{value:{sign},f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
