"""The plain baseline of likeness: cosine of character 1–2-gram TF-IDF.

It reads the title twice and 400 characters of the detail. Sublinear counts, smoothed idf over the
pool, unit length: scikit-learn's TfidfVectorizer, against which it is tested. It is measured in
every run, so that figures are compared on the same pairs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt

from triage.same_event.entry import Entry

READ = 400
_SPACES = re.compile(r"\s\s+")
Vector = Mapping[str, float]


def text_of(entry: Entry) -> str:
    """Return what the baseline reads."""
    return f"{entry.title} {entry.title} {entry.detail[:READ]}"


def vectors(texts: Sequence[str]) -> list[Vector]:
    """Return the weights of all n-grams of each text, of unit length."""
    counted = [_grams(text) for text in texts]
    frequency = Counter(gram for grams in counted for gram in grams)
    n = len(texts)
    idf = {gram: log((1 + n) / (1 + count)) + 1 for gram, count in frequency.items()}
    found: list[Vector] = []
    for grams in counted:
        weights = {gram: (1 + log(count)) * idf[gram] for gram, count in grams.items()}
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        found.append({gram: weight / length for gram, weight in weights.items()})
    return found


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two such vectors, in [0, 1]."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * many.get(gram, 0.0) for gram, weight in few.items())


def _grams(text: str) -> Counter[str]:
    text = _SPACES.sub(" ", text.lower())
    return Counter([*text, *(text[at : at + 2] for at in range(len(text) - 1))])
