"""Groups of requests for the fairness report: length, style, place, dialect, and who is concerned.

Who is concerned is told by words in the masked text (`data/groups.toml`); a person who does not say
so is in no group, so these are groups of wording, not of people.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import cast

import numpy as np

from evaluation.breakdown import length_name
from evaluation.metrics import Flags
from evaluation.perturbations.wording import dialect_words
from evaluation.truth import Example

UNSAID = "unsaid"
"""Style of requests that do not say theirs."""
STRONG = 3
"""Words of the dialect from which a text is strongly dialectal."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some of n requests, and those they are compared with; both bool (n,)."""

    kind: str
    name: str
    inside: Flags
    outside: Flags

    @property
    def key(self) -> str:
        """How reasons and reports name the group."""
        return f"{self.kind}:{self.name}"


def groups_of(examples: Sequence[Example]) -> list[Group]:
    """Return all groups with a request in them; a request of which nothing is known is in none."""
    areas = _areas()
    kinds: dict[str, list[str | None]] = {
        "length": [length_name(example) for example in examples],
        "style": [example.style or UNSAID for example in examples],
        "area": [areas.get(example.district or "") for example in examples],
        "district": [example.district for example in examples],
        "dialect": [_dialect(example) for example in examples],
    }
    found = [group for kind, values in kinds.items() for group in _split(kind, values)]
    for name, pattern in _people().items():
        inside = np.array([bool(pattern.search(e.title + e.text)) for e in examples])
        if inside.any():
            found.append(Group("people", name, inside, ~inside))
    return found


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Return what people call the groups of wording."""
    return {name: str(part["title"]) for name, part in _table()["people"].items()}


def districts() -> list[str]:
    """Return the names of the districts that the areas list, sorted; the shortest names left out.

    A name of two characters (忠县) may be part of another word.
    """
    return sorted(name for name in _areas() if len(name) > 2)


def _split(kind: str, values: Sequence[str | None]) -> list[Group]:
    column = np.array([value or "" for value in values])
    known = column != ""
    names = sorted(set(column[known].tolist()))
    if len(names) < 2:
        return []
    return [Group(kind, name, column == name, known & (column != name)) for name in names]


def _dialect(example: Example) -> str:
    count = dialect_words(example.text)
    return "none" if not count else "some" if count < STRONG else "strong"


@lru_cache(maxsize=1)
def _people() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile("|".join(map(re.escape, part["words"])))
        for name, part in _table()["people"].items()
    }


@lru_cache(maxsize=1)
def _areas() -> dict[str, str]:
    areas = cast(Mapping[str, Sequence[str]], _table()["areas"])
    return {district: area for area, districts in areas.items() for district in districts}


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads(files("evaluation").joinpath("data", "groups.toml").read_text("utf-8"))
