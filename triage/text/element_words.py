"""One automaton for everything elements are found by: place names, objects, cues of a demand.

Built once, it reads a text in linear time; of overlapping words of one role the longest stays. The
text is read as UTF-16 halves: nodes of 256 branches instead of 5,000 make the scan twice as fast.
What a hit means is decided elsewhere. Method: Aho and Corasick, CACM 18 (1975).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple, TypeAlias

import ahocorasick

from triage.text.pii import WORDS

PlaceHit: TypeAlias = tuple[int, int, str]
ObjectHit: TypeAlias = tuple[int, int, float]
CueHit: TypeAlias = "tuple[int, int, Cue]"

BLOCKED = -9.0
"""Weight of a word that is never an object, kept so that nothing is read out of its middle."""
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Cue(NamedTuple):
    """A word that opens or marks a demand: how telling it is, and where it does not count."""

    kind: str
    weight: float
    not_before: re.Pattern[str] | None
    not_after: re.Pattern[str] | None


@dataclass(slots=True)
class Hits:
    """Hits by role, each list in text order, none inside another of its list."""

    places: list[PlaceHit]
    objects: list[ObjectHit]
    cues: list[CueHit]


class ElementWords:
    """The automaton over all words; safe to share between threads once built."""

    def __init__(
        self, places: dict[str, str], objects: dict[str, float], cues: dict[str, Cue]
    ) -> None:
        self._automaton = ahocorasick.Automaton()
        by_role: tuple[Mapping[str, object], ...] = (places, objects, cues)
        for word in {**places, **objects, **cues}:
            roles = tuple((role, of[word]) for role, of in enumerate(by_role) if word in of)
            self._automaton.add_word(_halves(word), (len(word), roles))
        self._automaton.make_automaton()

    def scan(self, text: str) -> Hits:
        """Return the hits of `text`, offsets in its characters; empty lists for no text."""
        kept: tuple[list[PlaceHit], list[ObjectHit], list[CueHit]] = ([], [], [])
        for last, (length, roles) in self._automaton.iter(_halves(text)):
            if not last & 1:  # ends in the middle of a character
                continue
            end = (last + 1) >> 1
            start = end - length
            for role, what in roles:
                hits = kept[role]
                # This hit ends last so far: what lies inside it goes, unless it lies inside.
                while hits and hits[-1][0] >= start:
                    hits.pop()
                if not hits or hits[-1][1] < end:
                    hits.append((start, end, what))
        return Hits(*kept)


def _halves(text: str) -> str:
    """Write each character as two of Latin-1; beyond the basic plane all become one stand-in."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    if len(encoded) != 2 * len(text):
        encoded = _ASTRAL.sub("\ue000", text).encode("utf-16-be", "surrogatepass")
    return encoded.decode("latin-1")


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a package data file of this folder."""
    text = files("triage.text").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def load_objects() -> dict[str, float]:
    """Return word → log-odds that it is what a request is about (fitted, see the data's card)."""
    weights = {row["word"]: float(row["weight"]) for row in rows("objects.csv")}
    return weights | {f"<{word}": BLOCKED for word in WORDS.values()}


def load_cues() -> dict[str, Cue]:
    """Return the cue words of a demand."""
    return {
        row["word"]: Cue(
            row["kind"],
            float(row["weight"]),
            _pattern(row["not_before"], end=True),
            _pattern(row["not_after"], end=False),
        )
        for row in rows("demand_cues.csv")
    }


def _pattern(alternatives: str, *, end: bool) -> re.Pattern[str] | None:
    if not alternatives:
        return None
    return re.compile(f"(?:{alternatives})$" if end else f"(?:{alternatives})")


def short_forms(names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (kind, name), and 石柱 for the 石柱县 that a catalogue names as an alias."""
    for kind, name in names:
        yield kind, name
        if kind == "district" and len(name) == 3 and name[-1] in "区县":
            yield "district_short", name[:-1]
