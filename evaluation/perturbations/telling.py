"""The same matter told at greater length or in another order: chatter, repetition, shuffling."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

import numpy as np

TIMES = 3
"""How long a request becomes, in lengths of its own."""
_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*|[。！？；!?;\n]+")
_PART = re.compile(r"[^，,、\s]+[，,、\s]*|[，,、\s]+")


def with_chatter(text: str, rng: np.random.Generator) -> str:
    """Put harmless sentences between the request's own until it is three times as long."""
    parts, lines = sentences(text), _chatter()["lines"]
    added = 0
    while added < (TIMES - 1) * len(text):
        line = lines[int(rng.integers(len(lines)))]
        parts.insert(int(rng.integers(len(parts) + 1)), line)
        added += len(line)
    return "".join(parts)


def told_again(text: str, rng: np.random.Generator) -> str:
    """Tell the request three times, with a word between; nothing is drawn."""
    return f"{text}{_chatter()['again'][0]}{text}{_chatter()['again'][1]}{text}"


def shuffled(text: str, rng: np.random.Generator) -> str:
    """Put the sentences in another order; the clauses where there is only one sentence."""
    parts = sentences(text)
    return "".join(parts[index] for index in rng.permutation(len(parts)).tolist())


def sentences(text: str) -> list[str]:
    """Return the sentences with the marks that end them; the clauses of a single sentence."""
    parts = _SENTENCE.findall(text)
    return parts if len(parts) > 1 else _PART.findall(text)


@lru_cache(maxsize=1)
def _chatter() -> dict[str, list[str]]:
    text = files("evaluation.perturbations").joinpath("data", "chatter.toml").read_text("utf-8")
    return tomllib.loads(text)
