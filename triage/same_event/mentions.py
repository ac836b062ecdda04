"""What an entry names: roads, estates and villages, its object, and numbers with their unit.

Names are those that `triage.text.places` reads; numbers are written alike: 三号线
and 3号线. That two names are one place is decided by containment here, elsewhere by characters.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from triage.same_event.entry import Entry
from triage.text.elements import ElementExtractor

READ = 300
"""Characters of the detail in which names are looked for: a text takes under a millisecond."""
_KINDS = {"place.road": "road", "place.estate": "estate", "place.community": "community"}
_NUMBER = re.compile(
    r"([A-Za-z]{0,2}[0-9]{1,4}|[零〇一二三四五六七八九十百]{1,5})\s*"
    r"(号线|号楼|路车?|[栋幢座]|单元|号|期|[组社]|中学?|小学?|高速|[省国县]道)"
)
_UNITS = {
    "号楼": "栋",
    "幢": "栋",
    "座": "栋",
    "社": "组",
    "路车": "路",
    "中学": "中",
    "小学": "小",
}
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_NOT_A_NAME = re.compile(r"^[A-Za-z]?[0-9]*[市区县]")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What one entry names.

    `places` are (kind, name), each once; `numbers` (unit, value) of the title, `all_numbers` of
    title and detail; `object` may be "".
    """

    places: tuple[tuple[str, str], ...] = ()
    numbers: frozenset[tuple[str, str]] = frozenset()
    all_numbers: frozenset[tuple[str, str]] = frozenset()
    object: str = ""


def mentions(entry: Entry, extractor: ElementExtractor | None) -> Mentions:
    """Return what an entry names; without an extractor only its numbers."""
    text = f"{entry.title}\n{entry.detail[:READ]}"
    here = numbers(entry.title or entry.detail[:READ])
    if extractor is None:
        return Mentions((), here, numbers(text))
    found = extractor.extract(text)
    places = {
        (_KINDS[span.type], _NOT_A_NAME.sub("", text[span.start : span.end]))
        for span in found.spans
        if span.type in _KINDS
    }
    named = tuple(sorted(place for place in places if len(place[1]) > 1))
    return Mentions(named, here, numbers(text), found.elements.object or "")


def numbers(text: str) -> frozenset[tuple[str, str]]:
    """Return the numbers of a text as (unit, value): {("号线", "3")} for 三号线."""
    return frozenset(
        (_UNITS.get(match[2], match[2]), _value(match[1])) for match in _NUMBER.finditer(text)
    )


def shared_places(one: Mentions, other: Mentions) -> list[tuple[str, str]]:
    """Return the names that both have, as (this one's, that one's); one may contain the other."""
    return [
        (mine, theirs)
        for _, mine in one.places
        for _, theirs in other.places
        if mine in theirs or theirs in mine
    ]


def clashing_places(one: Mentions, other: Mentions) -> list[tuple[str, str]]:
    """Return a pair of names of one kind where both have some of it and share none."""
    mine, theirs = _by_kind(one), _by_kind(other)
    return [
        (mine[kind][0], theirs[kind][0])
        for kind in sorted(mine.keys() & theirs.keys())
        if not any(a in b or b in a for a in mine[kind] for b in theirs[kind])
    ]


def clashing_numbers(one: Mentions, other: Mentions) -> list[tuple[str, str]]:
    """Return numbers of one unit, written as in 3号线, where titles have some and share none."""
    mine, theirs = _values(one), _values(other)
    return [
        (f"{min(mine[unit])}{unit}", f"{min(theirs[unit])}{unit}")
        for unit in sorted(mine.keys() & theirs.keys())
        if not mine[unit] & theirs[unit]
    ]


def _by_kind(one: Mentions) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for kind, name in one.places:
        found[kind].append(name)
    return found


def _values(one: Mentions) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for unit, value in one.numbers:
        found[unit].add(value)
    return found


def _value(written: str) -> str:
    """Return a number in plain digits: 二十八 and 28 are 28, 一〇二 is 102, K2 stays k2."""
    if written[-1].isdigit() and written[-1].isascii():
        return written.lower()
    if "十" not in written and "百" not in written:
        return "".join(str(_DIGITS[char]) for char in written)
    total, digit = 0, 1 if written[0] == "十" else 0
    for char in written:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return str(total + (digit if written[-1] not in "十百" else 0))
