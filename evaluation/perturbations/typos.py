"""Mistakes of typing: two characters swapped, one left out, one twice, or a key hit beside its own.

Chinese is typed by sound, so a key beside the right one gives a character of another syllable.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from evaluation.perturbations.editing import Edit, draw, han_positions
from evaluation.perturbations.sounds import by_syllable, syllables

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KINDS = 4


def mistyped(rate: float) -> Edit:
    """Return the edit that puts a mistake at a share `rate` of the Chinese characters."""

    def edit(text: str, rng: np.random.Generator) -> str:
        characters, sounds = list(text), syllables(text)
        for place in draw(han_positions(text), rate, rng).tolist():
            kind = int(rng.integers(KINDS))
            if kind == 0 and place + 1 < len(text):
                pair = characters[place : place + 2]
                characters[place : place + 2] = pair[::-1]
            elif kind == 1:
                characters[place] = ""
            elif kind == 2:
                characters[place] *= 2
            else:
                characters[place] = _beside(characters[place], sounds[place], rng)
        return "".join(characters)

    return edit


def _beside(char: str, sound: str, rng: np.random.Generator) -> str:
    near = _neighbours().get(sound, ())
    if not near:
        return char
    return by_syllable()[near[int(rng.integers(len(near)))]].other_than(char, rng)


@lru_cache(maxsize=1)
def _neighbours() -> dict[str, tuple[str, ...]]:
    """Return by syllable those that one neighbouring key makes of it."""
    keys = {
        key: {row[other] for other in (index - 1, index + 1) if 0 <= other < len(row)}
        for row in _ROWS
        for index, key in enumerate(row)
    }
    known = by_syllable()
    return {
        sound: tuple(
            sorted(
                typed
                for place, key in enumerate(sound)
                for other in keys.get(key, ())
                if (typed := sound[:place] + other + sound[place + 1 :]) in known
            )
        )
        for sound in known
    }
