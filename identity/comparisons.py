"""What of two records is compared, and what agreement says: the model before anything is learned.

Comparisons, their levels and the probabilities they start from belong here; learning and scoring
belong to matching_model.py, what a contradiction does to matching.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# A level is the first of its comparison that holds; levels are numbered from the last, which is 0,
# and -1 is "not known of both". From this one on a name or a date is the same but for its writing.
SIMILAR = 2


@dataclass(frozen=True)
class Level:
    """One degree of agreement.

    Attributes:
        words: what it says, for people.
        sql: when it holds, of columns that end in _l and _r; the last level has none.
        m: how often it holds for two records of one person, where nothing else is known.
        u: the same for records of two persons.
        frequency_of: the column whose rare values say more than its common ones.
        h: the same as m for two persons of one household, where it is not as for one person.
        like: the level that says as much of a household; a slip is as likely in one as in a person.
    """

    words: str
    sql: str
    m: float
    u: float
    frequency_of: str = ""
    h: float | None = None
    like: str = ""

    @property
    def is_slip_of_both(self) -> bool:
        """Whether it says what another level says, for strangers too."""
        return bool(self.like and self.frequency_of)


@dataclass(frozen=True)
class Comparison:
    """What is compared, from the closest agreement to none.

    Attributes:
        name: of the comparison, as its columns are called.
        columns: what it needs of a record.
        unknown: when nothing can be said, in SQL.
        levels: closest first; the last one is "differs".
        is_learned: whether m is learned; what was joined by it already says nothing on the rest.
    """

    name: str
    columns: tuple[str, ...]
    unknown: str
    levels: tuple[Level, ...]
    is_learned: bool = True

    def as_settings(self) -> dict[str, Any]:
        """The comparison as Splink's settings have it."""
        levels: list[dict[str, Any]] = [
            {
                "sql_condition": self.unknown,
                "label_for_charts": f"{self.name} unknown",
                "is_null_level": True,
            }
        ]
        for level in self.levels:
            settings: dict[str, Any] = {
                "sql_condition": level.sql or "ELSE",
                "label_for_charts": level.words,
                "m_probability": level.m,
                "u_probability": level.u,
                "fix_m_probability": not self.is_learned,
            }
            if level.frequency_of:
                settings |= {
                    "tf_adjustment_column": level.frequency_of,
                    "tf_minimum_u_value": LEAST_FREQUENCY,
                    "disable_tf_exact_match_detection": True,
                }
            levels.append(settings)
        return {
            "output_column_name": self.name,
            "comparison_levels": levels,
            "comparison_description": self.name,
        }


# A value seen once among few records is not as rare as it looks.
LEAST_FREQUENCY = 1e-5


def _missing(column: str) -> str:
    return f"({column}_l is null or {column}_r is null)"


def _typos(one: str, other: str, most: int = 1) -> str:
    """So few slips apart. Counting them is slow, so it is done where they look alike at all."""
    return (
        f"(case when jaro_winkler_similarity({one}, {other}) >= 0.8"
        f" then damerau_levenshtein({one}, {other}) <= {most} else false end)"
    )


def _alike(one: str, other: str, likeness: float, typos: int = 1) -> str:
    return (
        f"(jaro_winkler_similarity({one}, {other}) >= {likeness}"
        f" or (least(length({one}), length({other})) >= 4 and {_typos(one, other, typos)}))"
    )


def _near(column: str, likeness: float, typos: int = 1) -> str:
    return _alike(f"{column}_l", f"{column}_r", likeness, typos)


def _within(column: str) -> str:
    """One is a word of the other: Anna and Anna Maria, Berg and Berg-Larsen."""
    return (
        f"(contains(' ' || {column}_l || ' ', ' ' || {column}_r || ' ')"
        f" or contains(' ' || {column}_r || ' ', ' ' || {column}_l || ' '))"
    )


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


_GIVEN_AS_SURNAME = _alike("given_name_l", "surname_r", 0.9)
_SURNAME_AS_GIVEN = _alike("surname_l", "given_name_r", 0.9)
_SWAPPED = f"({_GIVEN_AS_SURNAME} and {_SURNAME_AS_GIVEN})"
_HALF_SWAPPED = f"({_GIVEN_AS_SURNAME} or {_SURNAME_AS_GIVEN})"
_SAME_HOUSE = "house_number_l = house_number_r"
_DAY_MONTH_SWAPPED = (
    "(substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4)"
    " and substr(birth_date_l, 5, 2) = substr(birth_date_r, 7, 2)"
    " and substr(birth_date_l, 7, 2) = substr(birth_date_r, 5, 2))"
)
_SAME_DIGITS = (
    "regexp_replace(email_l, '[^0-9]', '', 'g') = regexp_replace(email_r, '[^0-9]', '', 'g')"
)

COMPARISONS = (
    Comparison(
        "given_name",
        ("given_name", "surname"),
        _missing("given_name"),
        (
            Level("same given name", _equal("given_name"), 0.75, 0.005, "given_name", 0.01),
            Level(
                "given name and surname swapped",
                _SWAPPED,
                0.01,
                0.00001,
                "given_name",
                like="same given name",
            ),
            Level("similar given name", _near("given_name", 0.9), 0.15, 0.005, h=0.01),
            Level(
                "given name shortened or loosely alike",
                f"{_within('given_name')} or (least(length(given_name_l), length(given_name_r)) = 1"
                " and left(given_name_l, 1) = left(given_name_r, 1))"
                " or jaro_winkler_similarity(given_name_l, given_name_r) >= 0.75",
                0.06,
                0.02,
                h=0.03,
            ),
            # Which of the two it is nobody can tell: a family has one in common.
            Level(
                "one name in the place of the other",
                _HALF_SWAPPED,
                0.01,
                0.0005,
                like="another given name",
            ),
            Level("another given name", "", 0.03, 0.97, h=0.9499),
        ),
    ),
    Comparison(
        "surname",
        ("given_name", "surname"),
        _missing("surname"),
        (
            # Names that are swapped are one slip, which the given name counts.
            Level("same surname", f"{_equal('surname')} or {_SWAPPED}", 0.76, 0.002, "surname"),
            Level("similar surname", _near("surname", 0.9), 0.15, 0.004),
            Level(
                "surname shortened or loosely alike",
                f"{_within('surname')} or jaro_winkler_similarity(surname_l, surname_r) >= 0.8",
                0.04,
                0.01,
            ),
            Level("another surname", "", 0.05, 0.98),
        ),
    ),
    Comparison(
        "birth_date",
        ("birth_date",),
        _missing("birth_date"),
        (
            Level("same birth date", _equal("birth_date"), 0.85, 0.0001, "birth_date", 0.01),
            Level(
                "birth date with one typo",
                f"{_typos('birth_date_l', 'birth_date_r')} or {_DAY_MONTH_SWAPPED}",
                0.1,
                0.002,
                h=0.002,
            ),
            Level(
                "birth date with two typos",
                _typos("birth_date_l", "birth_date_r", 2),
                0.03,
                0.02,
                h=0.02,
            ),
            Level("another birth date", "", 0.02, 0.9779, h=0.968),
        ),
    ),
    Comparison(
        "address",
        ("street", "house_number"),
        _missing("street"),
        (
            Level(
                "same street and house number",
                f"{_equal('street')} and {_SAME_HOUSE}",
                0.5,
                0.00005,
                "address",
            ),
            Level(
                "similar street, same house number",
                f"({_near('street', 0.9, 2)} or {_within('street')}) and {_SAME_HOUSE}",
                0.2,
                0.0001,
            ),
            Level(
                "same or similar street, another house number or none",
                f"{_near('street', 0.9, 2)} or {_within('street')}",
                0.1,
                0.003,
            ),
            Level("another street", "", 0.2, 0.997),
        ),
    ),
    Comparison(
        "place",
        ("postal_code", "city"),
        f"{_missing('postal_code')} and {_missing('city')}",
        (
            Level(
                "same place and postal code",
                f"{_equal('postal_code')} and {_equal('city')}",
                0.6,
                0.002,
                "postal_code",
            ),
            Level("same postal code", _equal("postal_code"), 0.12, 0.002, "postal_code"),
            Level(
                "same place, similar postal code",
                f"{_near('city', 0.9)} and {_typos('postal_code_l', 'postal_code_r')}",
                0.08,
                0.002,
            ),
            Level("same or similar place", _near("city", 0.9), 0.08, 0.02),
            Level("another place", "", 0.12, 0.97),
        ),
    ),
    # Persons who share a phone or an e-mail have been joined before, so that those left rarely do:
    # only a slip of the pen says something here.
    Comparison(
        "phone",
        ("phone",),
        _missing("phone"),
        (
            Level("same phone", _equal("phone"), 0.05, 0.00005, "phone"),
            Level(
                "phone with one typo",
                _typos("phone_l", "phone_r"),
                0.05,
                0.0001,
            ),
            Level("another phone", "", 0.9, 0.99985),
        ),
        is_learned=False,
    ),
    Comparison(
        "email",
        ("email",),
        _missing("email"),
        (
            Level("same e-mail", _equal("email"), 0.05, 0.00005, "email"),
            Level(
                "e-mail with one typo",
                f"{_typos('email_l', 'email_r')} and {_SAME_DIGITS}",
                0.05,
                0.00005,
            ),
            Level("another e-mail", "", 0.9, 0.9999),
        ),
        is_learned=False,
    ),
)
