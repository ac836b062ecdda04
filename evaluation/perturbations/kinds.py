"""The kinds of noise that are measured: a name, what it does, and how much of it.

Rates are shares of the Chinese characters; 5 % is what a good recogniser gets wrong on a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from evaluation.perturbations.editing import Edit
from evaluation.perturbations.speech import misheard
from evaluation.perturbations.telling import shuffled, told_again, with_chatter
from evaluation.perturbations.typos import mistyped
from evaluation.perturbations.wording import in_dialect, in_traditional, unpunctuated
from evaluation.truth import Example

RATES = (0.02, 0.05, 0.1)


@dataclass(frozen=True, slots=True)
class Noise:
    """One kind of noise; `rate` is None where it changes all there is to change."""

    name: str
    title: str
    edit: Edit
    rate: float | None = None

    def apply(self, examples: Sequence[Example], seed: int) -> list[Example]:
        """Return the examples with titles and texts edited; labels stay, no text becomes empty."""
        rng = np.random.default_rng([seed, crc32(self.name.encode())])
        return [
            replace(
                example,
                title=self.edit(example.title, rng) if example.title else "",
                text=self.edit(example.text, rng) or example.text,
            )
            for example in examples
        ]


def kinds() -> list[Noise]:
    """Return all kinds of noise.

    Raises
    ------
    MissingExtraError
        pypinyin is not installed.
    """
    return [
        *(Noise(f"asr_{rate:.0%}", "语音识别同音错字", misheard(rate), rate) for rate in RATES),
        Noise("accent_5%", "带口音的识别错字", misheard(0.05, with_accent=True), 0.05),
        *(Noise(f"typos_{rate:.0%}", "打字错误", mistyped(rate), rate) for rate in RATES),
        Noise("dialect", "重庆话", in_dialect),
        Noise("traditional", "繁体字", in_traditional),
        Noise("unpunctuated", "没有标点", unpunctuated),
        Noise("chatter", "三倍长：夹杂闲话", with_chatter),
        Noise("told_again", "三倍长：反复讲述", told_again),
        Noise("shuffled", "句子乱序", shuffled),
    ]
