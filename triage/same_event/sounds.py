"""Names that sound the same: 佳禾苑 and 家和苑 are one place, typed or heard by two people.

The table gives the characters of GB 2312 their commonest toneless syllable (from pypinyin, MIT); a
character that is not in it sounds like nothing else. Accents (zh = z) are not folded: names of
places are short, and folding makes strangers of one sound.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

LEAST = 3
"""Characters of a name that may be known by its sound: 新华 and 兴华 are two, 佳禾苑 is one."""


def sound_alike(one: str, other: str) -> bool:
    """Say whether two names of some length differ in writing and not in sound."""
    if len(one) < LEAST or len(one) != len(other) or one == other:
        return False
    return sounded(one) == sounded(other)


def sounded(text: str) -> str:
    """Return a text with every character replaced by the first of its sound; of equal length."""
    return text.translate(_table())


@cache
def _table() -> dict[int, str]:
    path = files("triage.same_event") / "data" / "sounds.csv"
    rows = [row["characters"] for row in csv.DictReader(path.read_text("utf-8").splitlines())]
    return {ord(char): same[0] for same in rows for char in same}
