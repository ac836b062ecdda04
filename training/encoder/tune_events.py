"""Tune a checkpoint on judged pairs, so that the same-event decision on top of it stays honest.

Besides the encoder tuned on all pairs, one copy a fold is tuned without that fold's components, and
without any pair that touches their events; it gives the vectors of the fold's texts
(`training.pair_crossfit`). Texts are read as the same-event decision reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from evaluation.judged_pairs import SAME_EVENT, members, read_judged_pairs
from evaluation.truth import Example
from training.encoder.batches import Tokenised
from training.encoder.checkpoint import (
    Origin,
    check_unlabelled,
    encode,
    open_model,
    read_origin,
    save,
)
from training.encoder.contrast import contrast
from training.encoder.descent import device_of_choice
from training.encoder.hard_negatives import event_batches, find_events
from training.encoder.judged_pairs import RowPair, fold_components, in_rows, rows_of
from training.encoder.tune import OnStep, Plan
from training.folders import check_new, new_folder
from training.pair_crossfit import write_pair_crossfit
from triage.errors import UnusableFile
from triage.model.calibration import Array
from triage.same_event.encoders import texts_of
from triage.same_event.entry import Entry


def tune_events(
    checkpoint: Path,
    examples: Sequence[Example],
    pairs_file: Path,
    out: Path,
    plan: Plan,
    *,
    on_step: OnStep = lambda stage, loss: None,
) -> Origin:
    """Write a checkpoint `out` tuned on judged pairs, and return its origin.

    Raises
    ------
    UnusableFile
        The pairs cannot be used, or the checkpoint has seen labels already.
    """
    check_new(out)
    origin = read_origin(checkpoint)
    check_unlabelled(checkpoint)
    rows = rows_of(each.id for each in examples)
    entries, pairs = _judged(examples, in_rows(read_judged_pairs(pairs_file, rows), rows))
    tuning = _Tuning(checkpoint, origin, entries, pairs, plan, on_step)
    fold_of = {pair.component: 0 for pair in pairs}
    vectors: dict[tuple[int, str], Array] = {}
    if plan.folds:
        fold_of = fold_components(pairs, folds=plan.folds, seed=plan.seed)
        vectors = tuning.crossed(fold_of)
    model = tuning.copy(pairs, "全部数据").to("cpu")
    origin = origin.then(_told(plan, pairs))
    with new_folder(out) as draft:
        save(model, origin, draft, sources=checkpoint)
        write_pair_crossfit(draft, fold_of, vectors)
    return origin


@dataclass(frozen=True, slots=True)
class _Tuning:
    """What all copies share; `entries` are those that the rows of pairs count."""

    checkpoint: Path
    origin: Origin
    entries: Sequence[Entry]
    pairs: Sequence[RowPair]
    plan: Plan
    on_step: OnStep

    def copy(self, pairs: Sequence[RowPair], name: str) -> SentenceTransformer:
        """Return the checkpoint tuned on some pairs."""
        plan = self.plan
        batches = event_batches(find_events(pairs), plan.batch, plan.negatives)
        one_epoch = sum(1 for _ in batches(np.random.default_rng(plan.seed)))
        if not one_epoch:
            raise UnusableFile(
                f"{name}：只有一个事件，也没有判为相关或无关的候选，无从对比：请增加 --pairs 的数据"
            )
        model = open_model(self.checkpoint).to(device_of_choice())
        model.max_seq_length = self.origin.max_tokens
        tokens = Tokenised.of(model, [self.origin.prefix + entry.text for entry in self.entries])
        contrast(
            model, tokens, batches, plan.pace(one_epoch * plan.contrast_epochs), seed=plan.seed,
            on_step=lambda loss: self.on_step(f"{name} 同一事件对比", loss),
        )  # fmt: skip
        return model

    def crossed(self, fold_of: dict[str, int]) -> dict[tuple[int, str], Array]:
        """Return the vector of each (fold, text) by the copy that did not see the fold."""
        found: dict[tuple[int, str], Array] = {}
        for fold in range(self.plan.folds):
            held = [pair for pair in self.pairs if fold_of[pair.component] == fold]
            rest = without(self.pairs, held)
            model = self.copy(rest, f"第 {fold + 1}/{self.plan.folds} 份")
            rows = sorted({row for pair in held for row in (pair.query, pair.candidate)})
            texts = sorted({text for row in rows for text in texts_of(self.entries[row])})
            told = [self.origin.prefix + text for text in texts]
            vectors = encode(model, told, self.origin.max_tokens)
            found |= {(fold, text): vector for text, vector in zip(texts, vectors, strict=True)}
        return found


def without(pairs: Sequence[RowPair], held: Sequence[RowPair]) -> list[RowPair]:
    """Return the pairs that share no component with the held ones and touch none of their events.

    So no pair stays that was judged among the held ones the other way round.
    """
    names = {pair.component for pair in held}
    events = frozenset[int]().union(*members(held).values())
    return [
        pair
        for pair in pairs
        if pair.component not in names and not {pair.query, pair.candidate} & events
    ]


def _judged(
    examples: Sequence[Example], pairs: Sequence[RowPair]
) -> tuple[list[Entry], list[RowPair]]:
    """Return the requests that stand in a pair, and the pairs by their rows among these."""
    rows = sorted({row for pair in pairs for row in (pair.query, pair.candidate)})
    place = {row: index for index, row in enumerate(rows)}
    judged = [examples[row] for row in rows]
    entries = [Entry(each.id, each.title, each.text) for each in judged]
    return entries, [
        replace(pair, query=place[pair.query], candidate=place[pair.candidate]) for pair in pairs
    ]


def _told(plan: Plan, pairs: Sequence[RowPair]) -> str:
    same = sum(pair.label == SAME_EVENT for pair in pairs)
    limit = f", at most {plan.minutes:g} min a copy" if plan.minutes else ""
    return (
        f"tune on {len(pairs)} judged pairs, {same} of one event: contrast same-event × "
        f"{plan.contrast_epochs}, {plan.negatives} hard negatives, {plan.folds} folds "
        f"cross-fitted{limit} (seed {plan.seed})"
    )
