"""Speech heard wrongly: characters become others of the same sound, the common ones more often.

A recogniser writes words that exist and sound alike; it knows no tones for certain. With an accent
it also mixes up what the speakers of Chongqing do not keep apart. Words left out or added are not
made here.
"""

from __future__ import annotations

import numpy as np

from evaluation.perturbations.editing import Edit, draw, han_positions
from evaluation.perturbations.sounds import (
    accented,
    by_accented_syllable,
    by_syllable,
    syllables,
)


def misheard(rate: float, *, with_accent: bool = False) -> Edit:
    """Return the edit that replaces a share `rate` of the Chinese characters by homophones.

    Characters that have no homophone are left out of the count.
    """
    choices = by_accented_syllable() if with_accent else by_syllable()

    def edit(text: str, rng: np.random.Generator) -> str:
        characters, sounds = list(text), syllables(text)
        if with_accent:
            sounds = [accented(sound) for sound in sounds]
        places = np.array(
            [
                place
                for place in han_positions(text).tolist()
                if sounds[place] in choices and len(choices[sounds[place]].characters) > 1
            ],
            np.int64,
        )
        for place in draw(places, rate, rng).tolist():
            characters[place] = choices[sounds[place]].other_than(characters[place], rng)
        return "".join(characters)

    return edit
