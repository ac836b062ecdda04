"""Does a request hold a second matter, and of what topic: one logistic regression over candidates.

A candidate pairs the first topic with one of the next most probable. Its features say how the
clauses share out between the two (fitted by `training.second_matter`, out of fold); what they weigh
is in the model folder. A model without it just finds no second matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from triage.model.clauses import Clauses
from triage.model.features import Document
from triage.text.clauses import KINDS, cue_kinds, may_announce, opens_another

CANDIDATES = 5
"""The first topic and the four next; a fifth and sixth found nothing more out of fold."""
PAIR_FEATURES = 15
FEATURES = PAIR_FEATURES + 3 + 2 * KINDS
_SHORT_TEXT = 6.0
"""log(403 characters): below it a cue says the more, the shorter the text."""
_NO_TITLE = -0.8
_WINDOW = 8
"""Characters below which a run of clauses is not a matter."""
_SURE = 1e-4
WEIGHTS, LINK, NUMBERS = "second.weights", "second.link", "second.numbers"

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SecondMatter:
    """The fitted scorer.

    `weights` float32 (FEATURES,) and `offset` give the log odds of a candidate; `link` float32
    (k, k) is log P(topics meet in one request | first topic). A request is looked at when
    P(second matter) reaches `gate`, or a clear cue stands in it and it reaches `gate_with_cue`; a
    candidate counts from `threshold` on.
    """

    weights: Array
    offset: float
    link: Array
    gate: float
    gate_with_cue: float
    threshold: float

    @classmethod
    def of(cls, tensors: Mapping[str, Array], *, topics: int) -> SecondMatter | None:
        """Read the scorer of a model with so many topics; None where it has none.

        Raises
        ------
        ValueError
            Its parts do not fit together.
        """
        if WEIGHTS not in tensors:
            return None
        weights, link, numbers = tensors[WEIGHTS], tensors[LINK], tensors[NUMBERS]
        if weights.shape != (FEATURES,) or link.shape != (topics, topics) or numbers.shape != (4,):
            raise ValueError(WEIGHTS)
        if not all(bool(np.isfinite(part).all()) for part in (weights, link, numbers)):
            raise ValueError(WEIGHTS)
        offset, gate, gate_with_cue, threshold = numbers.tolist()
        return cls(weights, offset, link, gate, gate_with_cue, threshold)

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """Return what a model folder holds of it."""
        numbers = (self.offset, self.gate, self.gate_with_cue, self.threshold)
        return {WEIGHTS: self.weights, LINK: self.link, NUMBERS: np.array(numbers, np.float32)}

    def worth_looking(self, presence: float, document: Document) -> bool:
        """Say, in about a microsecond, whether clauses need to be read at all."""
        if presence >= self.gate:
            return True
        return presence >= self.gate_with_cue and (
            may_announce(document.text) or may_announce(document.title)
        )

    def probabilities(self, features: Array) -> Array:
        """Return P(this is the second matter) of candidates' features (c, FEATURES), (c,)."""
        odds = features @ self.weights + np.float32(self.offset)
        found: Array = 1 / (1 + np.exp(-odds))
        return found


def candidates(topics: Array) -> list[int]:
    """Return the most probable topics, best first, at most CANDIDATES."""
    k = min(CANDIDATES, len(topics))
    return [int(i) for i in np.argsort(-topics, kind="stable")[:k]]


def candidate_features(
    document: Document,
    fields: Sequence[Clauses],
    bias: Array,
    *,
    chances: Array,
    link: Array,
    presence: float,
) -> Array:
    """Return the features of each candidate after the first, float32 (c - 1, FEATURES).

    Parameters
    ----------
    fields : the title's and the text's clauses, scored for the c candidates, best first
    bias : float32 (c,) of their columns
    chances : float32 (c,), their probabilities; only how those after the first share the rest
        counts, for the first one's own may have been judged anew (`triage.model.trust`)
    link : float32 (c - 1,), log P(both meet | first)
    presence : P(a second matter is there), by the words alone
    """
    title, text = fields
    first, last, scores = text.windows()
    scores += bias
    ends = np.array([*text.starts, len(document.text)])
    long_enough = np.flatnonzero(ends.take(last) - ends.take(first) >= _WINDOW)
    if 0 < len(long_enough) < len(first):
        first, last = first.take(long_enough), last.take(long_enough)
        scores = scores.take(long_enough, axis=0)
    score = title.added.sum(axis=0) + text.added.sum(axis=0) + bias
    whole, best_title = _title_scores(document, title, bias)
    own = scores[:, 1:]
    window = own.argmax(axis=0)
    gain, cut = _split(text.added[:, :1] - text.added[:, 1:])
    cues = np.array([*(opens_another(document.text, start) for start in text.starts), False])
    rows = np.empty((len(bias) - 1, FEATURES), np.float32)
    rows[:, 0] = np.log((chances[1:] + _SURE) / (1 - chances[0] + _SURE))
    rows[:, 1], rows[:, 2] = score[1:], score[0]
    rows[:, 3], rows[0, 3] = 0, 1
    rows[:, 4] = link
    rows[:, 5], rows[:, 6] = own.max(axis=0), scores[:, 0].max()
    rows[:, 7], rows[:, 8] = gain, _apart(first, last, scores, window)
    rows[:, 9] = cues.take(first.take(window))
    rows[:, 10] = cues.take(cut) & (cut > 0)
    rows[:, 11], rows[:, 12] = whole[1:], whole[0]
    rows[:, 13], rows[:, 14] = best_title[1:], best_title[0]
    rows[:, PAIR_FEATURES:] = _shared(document, presence)
    return rows


def _apart(
    first: NDArray[np.int64], last: NDArray[np.int64], scores: Array, window: NDArray[np.int64]
) -> Array:
    """Return how far each candidate's best window and a window apart speak for their own topic.

    The lesser of both leads over the other topic; -1 where no window stands apart.
    """
    apart = (last[:, None] <= first.take(window)) | (first[:, None] >= last.take(window))
    leads = scores[:, :1] - scores[:, 1:]
    ahead = np.where(apart, leads, np.float32(-1)).max(axis=0)
    lesser: Array = np.minimum(ahead, -leads[window, np.arange(len(window))])
    return lesser


def _title_scores(document: Document, title: Clauses, bias: Array) -> tuple[Array, Array]:
    """Return the candidates' scores by the whole title, and by its best window."""
    if not document.title:
        nothing = np.full(len(bias), _NO_TITLE, np.float32)
        return nothing, nothing
    _, _, scores = title.windows()
    scores += bias
    return scores[len(title.starts) - 1], scores.max(axis=0)


def _shared(document: Document, presence: float) -> list[float]:
    """Return the features that all candidates of a request share."""
    kinds = [float(kind) for kind in cue_kinds(f"{document.title}|{document.text}")]
    length = log(1 + len(document.title) + len(document.text))
    short = max(0.0, _SHORT_TEXT - length)
    odds = log((presence + _SURE) / (1 - presence + _SURE))
    return [odds, presence, length, *kinds, *(kind * short for kind in kinds)]


def _split(difference: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return what one change of topic gains in score, and the clause it is at, by candidate.

    Parameters
    ----------
    difference : float32 (S, c), by clause, what the first topic is ahead of each candidate
    """
    running = np.zeros((len(difference) + 1, difference.shape[1]), np.float32)
    np.add.accumulate(difference, axis=0, out=running[1:])
    total, high, low = running[-1], running.max(axis=0), running.min(axis=0)
    forward, backward = 2 * high - total, total - 2 * low
    gain: Array = np.maximum(forward, backward) - np.abs(total)
    cut = np.where(forward > backward, running.argmax(axis=0), running.argmin(axis=0))
    return gain, cut
