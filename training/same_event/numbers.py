"""Judged and made pairs as numbers to fit on; what further encoders say too, if some are given.

Real pairs are encoded by the copy that did not see their component (`training.event_vectors`). Made
pairs, which are never measured, by the encoder itself: their texts were in nobody's tuning. A
cross-encoder's log-odds are by copies too, and made pairs are not read.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from tqdm import tqdm

from evaluation.judged_pairs import Pair
from training.encoder.cross_logits import CrossLogits
from training.event_vectors import HonestEncoders
from training.same_event.fit import Judged
from training.same_event.swaps import Swapped
from triage.model.encoder import Floats
from triage.same_event.cross_encoder import CrossEncoder, words_of
from triage.same_event.entry import Entry
from triage.same_event.pair_features import NAMES, SIGNS, Preparer, pair_features
from triage.same_event.second import SECOND_SIGNS, SecondEncoder

_SEEN = tuple(NAMES.index(name) for name in ("copied_but_exchanged", "copied_but_number"))


def numbers_of(
    pairs: Sequence[Pair],
    pool: Mapping[str, Entry],
    made: Sequence[Swapped],
    preparer: Preparer,
    second: HonestEncoders | None = None,
    read: Floats | None = None,
) -> Judged:
    """Return the features of the judged pairs, then of those that were made, which are 0.

    `read` are a cross-encoder's log-odds of the judged pairs (`log_odds_of`).

    Raises
    ------
    UnusableFile
        The second encoder was tuned on these pairs and not cross-fitted, or on other texts.
    """
    both = [(pool[pair.query], pool[pair.candidate]) for pair in pairs]
    both += [(one, copy) for one, copy, _ in made]
    prepare = cache(preparer.prepare)
    bar = tqdm(both, desc="pairs", disable=None, file=sys.stderr)
    features = np.concatenate([pair_features(prepare(one), [prepare(two)]) for one, two in bar])
    is_made = np.arange(len(both)) >= len(pairs)
    # A copy in which no exchanged name is seen teaches only that likeness means nothing.
    kept = np.flatnonzero(~is_made | (features[:, _SEEN] > 0).any(axis=1))
    signs = SIGNS
    components = [*(pair.component for pair in pairs), *(component for *_, component in made)]
    if second is not None:
        told = [(components[row], *both[row], bool(is_made[row])) for row in kept.tolist()]
        cosines = np.zeros((len(both), len(SECOND_SIGNS)), np.float32)
        cosines[kept] = _cosines(told, second)
        features, signs = np.hstack([features, cosines]), (*SIGNS, *SECOND_SIGNS)
    every = Judged(
        features,
        np.array([*(pair.label for pair in pairs), *(0 for _ in made)]),
        np.array(components),
        is_made,
        signs,
        None if read is None else np.vstack([read, np.full((len(made), 2), np.nan, np.float32)]),
    )
    return every.at(kept)


def log_odds_of(
    pairs: Sequence[Pair], pool: Mapping[str, Entry], cross: CrossEncoder, seen: CrossLogits
) -> Floats:
    """Return float32 (n, 2): what a cross-encoder that had not seen it says of each judged pair.

    Raises
    ------
    UnusableFile
        It was taught these pairs and not cross-fitted, or with other texts.
    """
    found = np.zeros((len(pairs), 2), np.float32)
    for row, pair in enumerate(tqdm(pairs, desc="read", disable=None, file=sys.stderr)):
        one, other = pool[pair.query], pool[pair.candidate]
        honest = seen.of(pair.component, words_of(one), words_of(other))
        found[row] = cross.log_odds(one, [other])[0] if honest is None else honest
    return found


def _cosines(told: Sequence[tuple[str, Entry, Entry, bool]], second: HonestEncoders) -> Floats:
    """Return float32 (n, 2); a copy's vectors are compared within its component only."""
    by_component = cache(lambda component: SecondEncoder(second.of(component)))
    itself = SecondEncoder(second.exported)
    bar = tqdm(told, desc="encoder", disable=None, file=sys.stderr)
    rows = [
        (itself if is_made else by_component(component)).cosines(one, [two])
        for component, one, two, is_made in bar
    ]
    return np.concatenate(rows)
