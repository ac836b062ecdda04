"""Chinese characters by how they sound: toneless syllables, and how common each character is.

Readings come from pypinyin (in context, so 银行 and 行走 differ), frequencies from
`data/characters.toml`, counted in texts of citizen requests. Needs the extra `measure`.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from triage.errors import MissingExtraError

_MERGERS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
"""Initials that speakers of Chongqing do not keep apart; the first is heard as the second."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Characters of one sound with their probabilities, the likeliest first."""

    characters: tuple[str, ...]
    weights: NDArray[np.float64]

    def other_than(self, char: str, rng: np.random.Generator) -> str:
        """Draw another character of the sound by its frequency; `char` where there is none."""
        others = [index for index, one in enumerate(self.characters) if one != char]
        if not others:
            return char
        weights = self.weights[others]
        return self.characters[others[int(rng.choice(len(others), p=weights / weights.sum()))]]


def syllables(text: str) -> list[str]:
    """Return the toneless syllable of every character; a character without one is its own.

    Raises
    ------
    MissingExtraError
        pypinyin is not installed.
    """
    library = _library()
    found: list[str] = library.lazy_pinyin(text, errors=list)
    if len(found) != len(text):  # a reading of several syllables, as of 瓩
        found = [library.lazy_pinyin(char, errors=list)[0] for char in text]
    return found


def accented(syllable: str) -> str:
    """Return the syllable as an ear hears it that does not know the accent: zh = z, ing = in."""
    if syllable == "hu":  # 湖 is said fu, 花 stays hua
        return "fu"
    for long, short in _MERGERS:
        if re.fullmatch(f"{long}(?=[aeiouvü]).*", syllable):
            syllable = short + syllable[len(long) :]
            break
    return re.sub(r"(?<=[ie])ng$", "n", syllable)


@lru_cache(maxsize=1)
def by_syllable() -> dict[str, Choices]:
    """Return the characters of every toneless syllable."""
    return _choices(lambda syllable: syllable)


@lru_cache(maxsize=1)
def by_accented_syllable() -> dict[str, Choices]:
    """Return the characters of every syllable as an accent leaves it."""
    return _choices(accented)


def _choices(key: Callable[[str], str]) -> dict[str, Choices]:
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for char, count in _frequencies().items():
        found[key(syllables(char)[0])].append((char, count))
    return {
        sound: Choices(tuple(char for char, _ in row), np.array([n for _, n in row], np.float64))
        for sound, row in found.items()
    }


def _frequencies() -> dict[str, int]:
    """Return occurrences per million of every character, the commonest first."""
    text = files("evaluation.perturbations").joinpath("data", "characters.toml").read_text("utf-8")
    counts: dict[str, str] = tomllib.loads(text)["per_million"]
    return {char: int(count) for count, row in counts.items() for char in row}


def _library() -> ModuleType:
    try:
        import pypinyin
    except ImportError as error:
        raise MissingExtraError(
            "同音字需要 pypinyin：请运行 pip install 'citizen-triage[measure]'"
        ) from error
    module: ModuleType = pypinyin
    return module
