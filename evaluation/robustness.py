"""How much noise costs: the same requests, clean and noisy, paired, by kind of noise.

Noise is seeded and made anew for every run; labels stay those of the clean request. Figures only,
no text. A difference is noisy less clean, so a loss is negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.bootstrap import RESAMPLES, Interval, difference
from evaluation.outcomes import (
    ABSTAIN,
    ASSURED,
    ASSURED_RIGHT,
    CALM_LEFT,
    CONFIDENCE,
    DECISIONS,
    TOPIC,
    UNIT,
    URGENT_FOUND,
    Figures,
    Said,
    figures_of,
    mean_of,
    predict,
)
from evaluation.paired import LEVEL_OF_INTERVAL
from evaluation.perturbations.kinds import Noise
from evaluation.rounding import ends, rounded
from evaluation.truth import Example, fingerprint
from triage.pipeline import Pipeline
from triage.request import Json, Prediction

MEASURED = (
    *DECISIONS,
    URGENT_FOUND,
    CALM_LEFT,
    ABSTAIN,
    f"{TOPIC}_{CONFIDENCE}",
    f"{UNIT}_{CONFIDENCE}",
    ASSURED,
    ASSURED_RIGHT,
)
AIM, LIMIT = "asr_5%", 0.03
"""What is to be reached: at this noise no decision loses more than this."""


def measure_noise(
    pipeline: Pipeline,
    examples: Sequence[Example],
    kinds: Sequence[Noise],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    on_rows: Callable[[int], object] = lambda rows: None,
) -> dict[str, Json]:
    """Return the figures of one set of requests: clean, and by kind of noise."""
    clean = predict(pipeline, examples, on_rows)
    before = figures_of(pipeline, examples, clean)
    everything = np.arange(len(examples))
    found: dict[str, Json] = {}
    for noise in kinds:
        noisy = noise.apply(examples, seed)
        answers = predict(pipeline, noisy, on_rows)
        after = figures_of(pipeline, examples, answers)
        found[noise.name] = {
            "title": noise.title,
            "rate": noise.rate,
            "length": rounded(_length(noisy) / _length(examples)),
            "changed": _changed(clean, answers),
            "figures": {name: _paired(before, after, name, resamples) for name in MEASURED},
        }
    return {
        "n": len(examples),
        "examples_sha256": fingerprint(examples),
        "clean": {name: rounded(mean_of(before[name])(everything)) for name in MEASURED},
        "kinds": found,
    }


def aim_of(sets: Mapping[str, Mapping[str, Any]]) -> dict[str, Json]:
    """Return whether the aim is reached, and the largest loss of a decision on any set."""
    losses = [
        (loss, name, decision)
        for name, part in sets.items()
        for decision in DECISIONS
        if (loss := _loss(part, decision)) is not None
    ]
    worst = max(losses, default=None)
    return {
        "kind": AIM,
        "limit": LIMIT,
        "reached": worst is not None and worst[0] <= LIMIT,
        "worst": None
        if worst is None
        else {"loss": rounded(worst[0]), "set": worst[1], "decision": worst[2]},
    }


def _loss(part: Mapping[str, Any], decision: str) -> float | None:
    if AIM not in part["kinds"]:
        return None
    change = part["kinds"][AIM]["figures"][decision]["difference"]
    return -change if isinstance(change, float) else None


def _paired(before: Figures, after: Figures, name: str, resamples: int) -> Json:
    a, b = mean_of(before[name]), mean_of(after[name])
    n = len(before[name])
    found: Interval = difference(b, a, n, resamples=resamples, level=LEVEL_OF_INTERVAL)
    return {
        "noisy": rounded(b(np.arange(n))),
        "difference": rounded(found.value),
        "interval": ends(found),
    }


def _changed(clean: Sequence[Prediction], noisy: Sequence[Prediction]) -> Json:
    """Return the share of requests whose decision is another, right or wrong."""
    pairs = [(Said.of(a), Said.of(b)) for a, b in zip(clean, noisy, strict=True)]
    return {
        name: rounded(float(np.mean([getattr(a, name) != getattr(b, name) for a, b in pairs])))
        for name in (*DECISIONS, "level", "acceptance")
    }


def _length(examples: Sequence[Example]) -> int:
    return sum(len(example.title) + len(example.text) for example in examples)
