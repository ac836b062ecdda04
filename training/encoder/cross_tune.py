"""Teach a cross-encoder views first, then judged pairs, so that what it says of them stays honest.

Besides the one taught all pairs, one copy a fold is taught without that fold's components, and
without any pair that touches their events; its answers about the fold are kept
(`training.encoder.cross_logits`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.judged_pairs import RELATED, SAME_EVENT, read_judged_pairs
from evaluation.truth import Example
from training.encoder import SEED
from training.encoder.cross_encoder import CrossCheckpoint, CrossNetwork, save_cross, start_cross
from training.encoder.cross_fit import Lesson, fit_cross, score_pairs
from training.encoder.cross_logits import write_cross_logits
from training.encoder.cross_pairs import TokenPairs
from training.encoder.cross_views import View, read_paraphrases, views_of
from training.encoder.descent import Pace
from training.encoder.judged_pairs import RowPair, fold_components, in_rows, rows_of
from training.encoder.tune_events import without
from training.folders import check_new, new_folder
from triage.model.calibration import Array
from triage.same_event.cross_encoder import words_of
from triage.same_event.entry import Entry

OnStep = Callable[[str, float], object]
JUDGED_WEIGHTS = np.array([1, 0.5], np.float32)
VIEW_WEIGHTS = np.array([1, 0.2], np.float32)
"""One event is what is asked; relatedness helps, and views say little about it."""
LOOKS = 3
"""How often the requests are looked at anew, with other halves and other neighbours."""


@dataclass(frozen=True, slots=True)
class CrossPlan:
    """How long and how fast each stage goes on.

    `views` says whether requests are looked at from two sides, `folds` 0 leaves cross-fitting out,
    `minutes` limits each stage of each copy.
    """

    epochs: int = 4
    view_epochs: int = 2
    folds: int = 5
    batch: int = 32
    rate: float = 6e-5
    side_tokens: int = 122
    views: bool = False
    seed: int = SEED
    minutes: float | None = None
    bf16: bool = False


def tune_cross(
    checkpoint: Path,
    examples: Sequence[Example],
    pairs_file: Path,
    out: Path,
    plan: CrossPlan,
    *,
    paraphrases: Sequence[Path] = (),
    on_step: OnStep = lambda stage, loss: None,
) -> CrossCheckpoint:
    """Write a cross-encoder taught judged pairs into `out`, and return it.

    Raises
    ------
    UnusableFile
        The pairs or paraphrases cannot be used, or the checkpoint is no BERT, too short, or has
        seen labels or judgements.
    """
    check_new(out)
    entries = [Entry(each.id, each.title, each.text) for each in examples]
    row_of = rows_of(entry.id for entry in entries)
    pairs = in_rows(read_judged_pairs(pairs_file, row_of), row_of)
    fold_of = {pair.component: 0 for pair in pairs}
    if plan.folds:
        fold_of = fold_components(pairs, folds=plan.folds, seed=plan.seed)
    views = [view for path in paraphrases for view in read_paraphrases(path)]
    start = start_cross(checkpoint, plan.side_tokens, seed=plan.seed)
    if plan.views:
        views += views_of(entries, seed=plan.seed, looks=LOOKS)
    teaching = _Teaching(start, [words_of(entry) for entry in entries], plan, on_step)
    teaching.see(views)
    logits = teaching.crossed(pairs, fold_of) if plan.folds else {}
    network = teaching.copy(pairs, "全部数据").cpu()
    origin = start.origin.then(_told(plan, len(views), pairs))
    taught = replace(start, network=network, origin=origin)
    with new_folder(out) as draft:
        save_cross(taught, draft, sources=checkpoint)
        write_cross_logits(draft, fold_of, logits)
    return taught


@dataclass(frozen=True, slots=True)
class _Teaching:
    """What all copies share; `texts` are those that the rows of pairs count."""

    start: CrossCheckpoint
    texts: Sequence[str]
    plan: CrossPlan
    on_step: OnStep

    def see(self, views: Sequence[View]) -> None:
        """Teach views to the network that all copies start from, in place."""
        if not views or not self.plan.view_epochs:
            return
        scores = np.array([[view.score] * 2 for view in views], np.float32)
        tokens = self._tokens([(view.one, view.other) for view in views])
        lesson = Lesson(tokens, scores, VIEW_WEIGHTS)
        self._fit(self.start.network, lesson, self.plan.view_epochs, "改写与两侧")
        self.start.network.cpu()

    def copy(self, pairs: Sequence[RowPair], name: str) -> CrossNetwork:
        """Return a copy that was taught some judged pairs."""
        network = deepcopy(self.start.network)
        said = [(pair.label == SAME_EVENT, pair.label >= RELATED) for pair in pairs]
        tokens = self._tokens([self._pair(pair) for pair in pairs])
        lesson = Lesson(tokens, np.array(said, np.float32), JUDGED_WEIGHTS)
        self._fit(network, lesson, self.plan.epochs, name)
        return network

    def crossed(
        self, pairs: Sequence[RowPair], fold_of: dict[str, int]
    ) -> dict[tuple[int, str, str], Array]:
        """Return the log-odds of each (fold, text, text) by the copy that did not see the fold."""
        found: dict[tuple[int, str, str], Array] = {}
        for fold in range(self.plan.folds):
            held = [pair for pair in pairs if fold_of[pair.component] == fold]
            network = self.copy(without(pairs, held), f"第 {fold + 1}/{self.plan.folds} 份")
            asked = [self._pair(pair) for pair in held]
            said = score_pairs(network, self._tokens(asked))
            found |= {(fold, *pair): row for pair, row in zip(asked, said, strict=True)}
        return found

    def _fit(self, network: CrossNetwork, lesson: Lesson, epochs: int, name: str) -> None:
        plan = self.plan
        steps = epochs * -(-len(lesson.pairs.sides) // plan.batch)
        fit_cross(
            network, lesson, Pace(steps, plan.rate, plan.minutes, plan.bf16),
            batch=plan.batch, seed=plan.seed, on_step=lambda loss: self.on_step(name, loss),
        )  # fmt: skip

    def _pair(self, pair: RowPair) -> tuple[str, str]:
        return self.texts[pair.query], self.texts[pair.candidate]

    def _tokens(self, pairs: Sequence[tuple[str, str]]) -> TokenPairs:
        return TokenPairs.of(pairs, self.start.tokenizer, self.start.side_tokens)


def _told(plan: CrossPlan, n_views: int, pairs: Sequence[RowPair]) -> str:
    same = sum(pair.label == SAME_EVENT for pair in pairs)
    views = f"{n_views} views and paraphrases × {plan.view_epochs}, " if n_views else ""
    limit = f", at most {plan.minutes:g} min a stage" if plan.minutes else ""
    return (
        f"read pairs side by side: {views}{len(pairs)} judged pairs, {same} of one event, × "
        f"{plan.epochs}, {plan.folds} folds cross-fitted{limit} (seed {plan.seed})"
    )
