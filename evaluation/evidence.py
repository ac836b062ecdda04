"""Is evidence faithful? What the confidence loses without it, against random spans as long.

Deletion curves (comprehensiveness, DeYoung et al. 2020): the k strongest wordings of a decision are
taken out of title and text, and so are random spans of the same lengths in the same fields, which
may overlap the evidence. Decisions of rules or of the dispatch catalogue (`by_rule`) are asked of
the whole pipeline: do they still stand. The report holds figures only, no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import interval
from evaluation.rounding import ends, rounded
from evaluation.truth import Example
from triage.explain import ExplainingPipeline
from triage.explain.decisions import Asked, asked_of
from triage.explain.edits import Place, without
from triage.explain.evidence import MOST, confidences
from triage.explain.explanation import MODEL
from triage.explain.found import Found
from triage.explain.grounds import grounds_of
from triage.explain.rerun import Rerun
from triage.model.features import Document
from triage.request import Json

DRAWS = 5
"""Random draws a deletion is compared with; their mean, and one of them, are reported."""
SEED = 20251125
EPSILON = 1e-4
"""Confidence: a drop that is larger by less is not larger."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Deletion:
    """One decision of one request.

    `drops` and `random` float (MOST,): confidence lost without the k strongest wordings, and on
    average without random spans as long; the last value repeats where there are fewer wordings.
    `once` is the loss of one random draw at all wordings; `share` the characters that are evidence.
    """

    step: str
    by_rule: bool
    confidence: float
    drops: Floats
    random: Floats
    once: float
    share: float


def deletions(
    pipeline: ExplainingPipeline,
    examples: Iterable[Example],
    *,
    on_row: Callable[[], object] = lambda: None,
) -> list[Deletion]:
    """Take the evidence of every decision of every example out, and random spans beside it."""
    rng = np.random.default_rng(SEED)
    found: list[Deletion] = []
    for example in examples:
        draft = pipeline.drafts([example.request])[0]
        rerun = Rerun(pipeline, example.request)
        asked = {(a.step, a.code): a for a in asked_of(draft, pipeline.model, pipeline.catalogue)}
        for item in grounds_of(draft, rerun, pipeline.words()):
            confidence_of = _confidence_of(item, asked.get((item.step, item.code)), rerun)
            found.append(_deletion(item, draft.document, confidence_of, rng))
        on_row()
    return found


def _confidence_of(
    item: Found, asked: Asked | None, rerun: Rerun
) -> Callable[[Sequence[Document]], list[float]]:
    if item.source != MODEL or asked is None:
        return lambda documents: [rerun.confidence(d, item.step, item.code) for d in documents]
    return lambda documents: confidences(rerun.model, documents, [asked])[:, 0].tolist()


def _deletion(
    item: Found,
    document: Document,
    confidence_of: Callable[[Sequence[Document]], list[float]],
    rng: np.random.Generator,
) -> Deletion:
    by_rule = item.source != MODEL
    wordings = item.carried.wordings
    length = len(document.title) + len(document.text)
    if not wordings:
        nothing = np.zeros(MOST)
        return Deletion(item.step, by_rule, item.confidence, nothing, nothing, 0.0, 0.0)
    steps = [wordings] if by_rule else [wordings[: k + 1] for k in range(len(wordings))]
    taken = [[place for wording in step for place in wording.places] for step in steps]
    documents = [document, *(without(document, places) for places in taken)]
    for places in taken:
        documents += [without(document, _random(document, places, rng)) for _ in range(DRAWS)]
    values = np.array(confidence_of(documents))
    lost = values[0] - values[1:]
    drops, random = lost[: len(steps)], lost[len(steps) :].reshape(len(steps), DRAWS)
    own = {(p.field, at) for p in taken[-1] for at in range(p.start, p.end)}
    return Deletion(
        item.step,
        by_rule,
        float(values[0]),
        _padded(drops),
        _padded(random.mean(axis=1)),
        float(random[-1, 0]),
        len(own) / max(1, length),
    )


def _random(document: Document, places: Sequence[Place], rng: np.random.Generator) -> list[Place]:
    """Return places of the same lengths in the same fields, anywhere."""
    drawn = []
    for place in places:
        width = place.end - place.start
        start = int(rng.integers(0, len(getattr(document, place.field)) - width + 1))
        drawn.append(Place(place.field, start, start + width))
    return drawn


def _padded(values: Floats) -> Floats:
    return np.concatenate([values, np.full(MOST - min(MOST, len(values)), values[-1])])[:MOST]


def curves(found: Sequence[Deletion]) -> dict[str, Json]:
    """Return the figures of a set of deletions, by decision and source."""
    kinds = dict.fromkeys((d.step, d.by_rule) for d in found)
    return {
        f"{step}{'_by_rule' if by_rule else ''}": _figures(
            [d for d in found if (d.step, d.by_rule) == (step, by_rule)]
        )
        for step, by_rule in kinds
    }


def _figures(found: Sequence[Deletion]) -> Json:
    with_evidence = [d for d in found if d.share > 0]
    result: dict[str, Json] = {"n": len(found), "with_evidence": len(with_evidence)}
    if not with_evidence:
        return result
    drops = np.stack([d.drops for d in with_evidence])
    random = np.stack([d.random for d in with_evidence])
    once = np.array([d.once for d in with_evidence])
    apart = drops[:, -1] - random[:, -1]
    paired = interval(lambda rows: float(apart[rows].mean()), len(apart))
    return result | {
        "confidence": rounded(float(np.mean([d.confidence for d in with_evidence]))),
        "drop_by_k": [rounded(float(value)) for value in drops.mean(axis=0)],
        "random_drop_by_k": [rounded(float(value)) for value in random.mean(axis=0)],
        "drop": rounded(float(drops[:, -1].mean())),
        "random_drop": rounded(float(random[:, -1].mean())),
        "difference": rounded(paired.value),
        "difference_interval": ends(paired),
        "larger_than_random": rounded(float((drops[:, -1] > once + EPSILON).mean())),
        "share_of_text": rounded(float(np.mean([d.share for d in with_evidence]))),
    }
