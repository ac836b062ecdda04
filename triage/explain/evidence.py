"""Which words carried a decision: candidates by the model's own weights, kept by taking them out.

A wording is evidence when the confidence falls once it is gone, at every place where it stands
(comprehensiveness, DeYoung et al. 2020, "ERASER"): what is shown has been tried, not told.
Placeholders of personal data are never shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.explain.decisions import Asked, measure_of
from triage.explain.edits import TEXT, TITLE, Place, places_of, without
from triage.explain.wording import Wordings
from triage.model.features import Document
from triage.model.model import Model, log_odds
from triage.model.reading import Reading
from triage.text.element_words import ElementWords

Array = NDArray[np.float32]
SHARE = 0.2
"""A character is looked at from this share of the strongest character's weight on."""
CANDIDATES = 8
MOST = 4
"""Wordings shown a decision."""
LEAST_DROP = 0.02
"""Log odds: a wording that moves less is not evidence."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words, the places where they stand, and the confidence that they cost once taken out."""

    text: str
    places: tuple[Place, ...]
    drop: float = 0.0


@dataclass(frozen=True, slots=True)
class Carried:
    """What carried one decision, strongest first.

    `without` is the confidence once all of it is gone; None where nothing could be named.
    """

    wordings: tuple[Wording, ...] = ()
    without: float | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place of every wording."""
        return tuple(place for wording in self.wordings for place in wording.places)


def find_evidence(
    model: Model,
    document: Document,
    reading: Reading,
    asked: Sequence[Asked],
    *,
    words: ElementWords,
) -> list[Carried]:
    """Return what carried each decision, in the order asked; `words` are never cut through."""
    if not asked:
        return []
    weights = model.log_odds_weights(document, reading, measure_of(asked))
    cutters = {field: Wordings(getattr(document, field), words) for field in (TITLE, TEXT)}
    candidates = [
        _candidates(document, cutters, {field: rows[row] for field, rows in weights.items()})
        for row in range(len(asked))
    ]
    known = {wording.text: wording for found in candidates for wording in found}
    edited = [without(document, wording.places) for wording in known.values()]
    after = confidences(model, [document, *edited], asked)
    row_of = {text: row for row, text in enumerate(known, 1)}
    chosen = []
    for column, found in enumerate(candidates):
        odds = log_odds(after[:, column])
        falls = {w.text: float(odds[0] - odds[row_of[w.text]]) for w in found}
        kept = sorted(
            (w for w in found if falls[w.text] > LEAST_DROP), key=lambda w: -falls[w.text]
        )
        chosen.append(_apart(kept)[:MOST])
    together = confidences(
        model, [without(document, [p for w in kept for p in w.places]) for kept in chosen], asked
    )
    return [
        _carried(kept, after[:, column], row_of, float(together[column, column]))
        for column, kept in enumerate(chosen)
    ]


def confidences(model: Model, documents: Sequence[Document], asked: Sequence[Asked]) -> Array:
    """Return each decision's confidence for each document, float32 (documents, decisions)."""
    found = model.probabilities([model.read(document) for document in documents])
    return measure_of(asked)(found)


def _carried(
    kept: Sequence[Wording], after: Array, row_of: Mapping[str, int], gone: float
) -> Carried:
    before = float(after[0])
    if not kept or gone >= before:
        return Carried()
    return Carried(
        tuple(
            Wording(wording.text, wording.places, before - float(after[row_of[wording.text]]))
            for wording in kept
        ),
        gone,
    )


def _candidates(
    document: Document, cutters: Mapping[str, Wordings], weights: Mapping[str, Array]
) -> list[Wording]:
    strongest = max(float(row.max(initial=0)) for row in weights.values())
    if strongest <= 0:
        return []
    heavy: dict[str, float] = {}
    for field, cutter in cutters.items():
        for start, end in cutter.cut(weights[field], SHARE * strongest):
            text = cutter.text[start:end]
            heavy[text] = heavy.get(text, 0.0) + float(weights[field][start:end].sum())
    best = sorted(heavy, key=lambda text: -heavy[text])[:CANDIDATES]
    return [Wording(text, places_of(document, text)) for text in best]


def _apart(wordings: Sequence[Wording]) -> list[Wording]:
    """Keep of wordings, best first, those that share no character with an earlier one."""
    kept: list[Wording] = []
    taken: set[tuple[str, int]] = set()
    for wording in wordings:
        own = {(p.field, index) for p in wording.places for index in range(p.start, p.end)}
        if not own & taken:
            kept.append(wording)
            taken |= own
    return kept
