"""Invented places and persons, each from a number, so that one number always gives the same.

A township has eight estates, eight roads and so on, so that requests meet at the same places. Names
are put together from `data/words.toml`; a likeness to real ones is accidental.
"""

from __future__ import annotations

from functools import cache

from triage.simulate.records import Requester
from triage.simulate.tables import words

_STEMS, _WORDS = words()
_SURNAMES, _GIVEN = _WORDS["persons"]["surnames"], _WORDS["persons"]["given"]
_KINDS = tuple(_WORDS["suffixes"])
PLACES_EACH = 8
TEST_PREFIX = "154"
"""No operator has this range of mobile numbers; masking knows it as a telephone all the same."""
NO_PLACE = ("", "")


@cache  # 1,031 townships × 10 kinds × 8, at most
def place(kind: str, township: int, which: int) -> tuple[str, str]:
    """Return the full name of a place and how people call it for short.

    Parameters
    ----------
    kind : a kind of `words.toml`, or "none"
    township : index of the township
    which : 0 to 7
    """
    if kind == "none":
        return NO_PLACE
    number = _KINDS.index(kind)
    suffixes = _WORDS["suffixes"][kind]
    stem = _STEMS[(township * 31 + number * 7 + which * 11) % len(_STEMS)]
    suffix = suffixes[(township * 3 + number + which) % len(suffixes)]
    short = stem + suffix[:1] if kind in {"village", "river"} else stem
    return stem + suffix, short


def requester(number: int) -> Requester:
    """Return the person of a number."""
    surname = _SURNAMES[number % len(_SURNAMES)]
    given = _GIVEN[number // 131 % len(_GIVEN)]
    return Requester(surname + given, f"{TEST_PREFIX}{number * 7919 % 100_000_000:08d}")


def room(number: int) -> str:
    """Return a building, unit and room, such as 3栋2单元1204."""
    building, unit, floor, door = number % 12, number // 12 % 3, number // 36 % 30, number % 4
    return f"{building + 1}栋{unit + 1}单元{floor + 1}0{door + 1}"


FACTS = _WORDS["facts"]
SHIFTS = {slot: 5 + 4 * position for position, slot in enumerate(FACTS)}
"""Where in a fact's number each slot is read, so that the slots do not go together."""
