"""Pairs to learn from before any judgement: paraphrases, and requests seen from two sides.

Title and detail of one request tell one event, and so do two halves of it; those of a near
neighbour tell another that looks like it (near by TF-IDF of characters, near-duplicates left out).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from training.encoder.shared_texts import NEAR
from triage.errors import UnusableFile
from triage.same_event.cross_encoder import words_of
from triage.same_event.entry import Entry

NEIGHBOURS = 16
DRAWN = 3
"""Neighbours that a request is told from, each time it is looked at."""
TWO_EVENTS = 0.02
"""Target for a neighbour: a few are of one event after all."""
_LEAST_PARTS = 4
_PARTS = re.compile(r"(?<=[。！？；!?;\n])|(?<=，)(?=.{20})")
_SLICE = 500


class View(NamedTuple):
    """Two texts, and how surely they tell one thing, in [0, 1]."""

    one: str
    other: str
    score: float


def read_paraphrases(path: Path) -> list[View]:
    """Read pairs from a file of lines `a<TAB>b<TAB>score`; the file's largest score counts as 1.

    Raises
    ------
    UnusableFile
        The file cannot be read, or a line is no such thing.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"无法读取 {path}（{type(error).__name__}）：应为 UTF-8 文本") from error
    found = [
        _paraphrase(line, f"{path}:{number}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    most = max((view.score for view in found), default=0.0)
    if not most:
        raise UnusableFile(f"{path} 里没有分数大于 0 的对：学不到什么是同一个意思")
    return [view._replace(score=view.score / most) for view in found]


def views_of(entries: Sequence[Entry], *, seed: int, looks: int = 1) -> list[View]:
    """Return views of each request, and of it beside some of its near neighbours, drawn by seed.

    `looks` times over, with other halves and other neighbours.
    """
    rng = np.random.default_rng(seed)
    near = near_neighbours([words_of(entry) for entry in entries])
    found: list[View] = []
    two_sided = [row for row, entry in enumerate(entries) if entry.title and entry.detail]
    for row in two_sided * looks:
        entry = entries[row]
        found.append(View(entry.title, entry.detail, 1.0))
        found.append(View(*_halves(entry, rng), 1.0))
        for place in rng.permutation(near[row])[:DRAWN].tolist():
            found.append(_told_apart(entry, entries[place], rng))
    return found


def near_neighbours(texts: Sequence[str]) -> list[list[int]]:
    """Return the rows of up to 16 texts that are nearest to each, without its near-duplicates."""
    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True, min_df=2,
                            dtype=np.float32)  # fmt: skip
    try:
        seen = grams.fit_transform(texts)
    except ValueError:  # no gram stands in two texts: nothing is near
        return [[] for _ in texts]
    turned = seen.T.tocsr()
    found: list[list[int]] = []
    for start in range(0, len(texts), _SLICE):
        cosines = (seen[start : start + _SLICE] @ turned).tocsr()
        for row in range(cosines.shape[0]):
            part = slice(cosines.indptr[row], cosines.indptr[row + 1])
            places, values = cosines.indices[part], cosines.data[part]
            other = values <= NEAR  # a text's cosine with itself is 1
            places, values = places[other], values[other]
            found.append(places[np.lexsort((places, -values))[:NEIGHBOURS]].tolist())
    return found


def _told_apart(entry: Entry, other: Entry, rng: np.random.Generator) -> View:
    kind = rng.choice(3, p=(0.4, 0.4, 0.2))
    if kind == 0 and other.detail:
        return View(entry.title, other.detail, TWO_EVENTS)
    if kind == 1 and other.detail:
        return View(_halves(entry, rng)[0], _halves(other, rng)[1], TWO_EVENTS)
    return View(words_of(entry), words_of(other), TWO_EVENTS)


def _halves(entry: Entry, rng: np.random.Generator) -> tuple[str, str]:
    """Return every other sentence of the detail and the rest, the title before one of them."""
    parts = [part for part in _PARTS.split(entry.detail) if part.strip()]
    if len(parts) < _LEAST_PARTS:
        return entry.title, entry.detail
    one, other = "".join(parts[::2]), "".join(parts[1::2])
    if rng.random() < 0.5:
        return f"{entry.title}。{one}", other
    return one, f"{entry.title}。{other}"


def _paraphrase(line: str, place: str) -> View:
    parts = line.split("\t")
    try:
        one, other, score = parts[0], parts[1], float(parts[2])
    except (IndexError, ValueError):
        score = -1.0
    if len(parts) != 3 or not 0 <= score < float("inf"):
        raise UnusableFile(f"{place} 不是“文本<TAB>文本<TAB>分数”：应为三列，分数不小于 0")
    return View(one, other, score)
