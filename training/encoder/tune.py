"""Tune a checkpoint on a city's own requests, so that training on top of it stays honest.

Labels that an encoder has seen make its vectors of those requests too good: linear heads would
lean on them, and held-out figures would flatter. So besides the encoder tuned on everything, one
copy a fold is tuned without that fold, and gives its vectors (`training.crossfit`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from evaluation.truth import Example
from training.crossfit import write_crossfit
from training.encoder import SEED
from training.encoder.batches import Tokenised
from training.encoder.checkpoint import (
    Origin,
    check_unlabelled,
    encode,
    open_model,
    read_origin,
    save,
)
from training.encoder.contrast import Batches, contrast, label_batches, title_batches
from training.encoder.descent import Pace, device_of_choice
from training.encoder.supervise import supervise
from training.encoder.targets import Target, find_targets
from training.folders import check_new, new_folder
from training.split import assign_folds
from triage.errors import UnusableFile
from triage.model.calibration import Array
from triage.model.encoder import text_of

TITLE, LABEL, SAME_EVENT = "title", "label", "same-event"
NEGATIVES = 4
"""Hard negatives a tuple: with the two of one event, six texts a row of the batch in memory."""
OnStep = Callable[[str, float], object]
OnLoss = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, in this order: contrast on titles, contrast on labels, supervised tuning.

    `epochs` 0 leaves supervised tuning out; `folds` 0 leaves cross-fitting out; `minutes` limits
    each stage of each copy; `negatives` are the hard ones beside a pair of one event
    (`training.encoder.tune_events`, where nothing else is done).
    """

    contrast: tuple[str, ...] = ()
    contrast_epochs: int = 1
    epochs: int = 3
    folds: int = 5
    batch: int = 32
    rate: float = 5e-5
    seed: int = SEED
    minutes: float | None = None
    bf16: bool = False
    negatives: int = NEGATIVES

    def pace(self, steps: int) -> Pace:
        """Return the pace of a stage of so many steps."""
        return Pace(steps, self.rate, self.minutes, self.bf16)


def tune(
    checkpoint: Path,
    examples: Sequence[Example],
    out: Path,
    plan: Plan,
    *,
    on_step: OnStep = lambda stage, loss: None,
) -> Origin:
    """Write a tuned checkpoint `out` and return its origin.

    Raises
    ------
    UnusableFile
        Nothing is labelled, the plan contradicts itself, or the checkpoint has seen labels already.
    """
    check_new(out)
    origin = read_origin(checkpoint)
    targets = find_targets(examples) if plan.epochs else ()
    _check(checkpoint, plan, targets)
    tuning = _Tuning(checkpoint, origin, examples, targets, plan, on_step)
    vectors = tuning.crossed() if targets and plan.folds else None
    model = tuning.copy(np.arange(len(examples)), "全部数据").to("cpu")
    origin = origin.then(_told(plan, targets, len(examples)))
    with new_folder(out) as draft:
        save(model, origin, draft, sources=checkpoint)
        if targets:
            write_crossfit(draft, [text_of(example.document) for example in examples], vectors)
    return origin


@dataclass(frozen=True, slots=True)
class _Tuning:
    """What all copies share."""

    checkpoint: Path
    origin: Origin
    examples: Sequence[Example]
    targets: Sequence[Target]
    plan: Plan
    on_step: OnStep

    def copy(self, rows: NDArray[np.int64], name: str) -> SentenceTransformer:
        """Return the checkpoint tuned on some rows."""
        model = open_model(self.checkpoint).to(device_of_choice())
        model.max_seq_length = self.origin.max_tokens
        if TITLE in self.plan.contrast:
            self._contrast_titles(model, rows, self._stage(f"{name} 标题对比"))
        tokens = Tokenised.of(model, self._texts())
        if LABEL in self.plan.contrast:
            batches = label_batches(self.examples, rows, self.plan.batch)
            self._contrast(model, tokens, batches, self._stage(f"{name} 标签对比"))
        if self.targets:
            steps = self.plan.epochs * -(-len(rows) // self.plan.batch)
            supervise(
                model, tokens, self.targets, rows, self.plan.pace(steps),
                batch=self.plan.batch, seed=self.plan.seed, on_step=self._stage(f"{name} 监督"),
            )  # fmt: skip
        return model

    def crossed(self) -> Array:
        """Return a vector for each example by a copy that did not see its fold, float32 (n, d)."""
        folds, texts = self.plan.folds, self._texts()
        fold = assign_folds(self.examples, folds=folds, how="group", seed=self.plan.seed)
        width = sum(len(target.labels) for target in self.targets)
        vectors = np.zeros((len(texts), width), np.float32)
        for index in range(folds):
            model = self.copy(np.flatnonzero(fold != index), f"第 {index + 1}/{folds} 份")
            held = np.flatnonzero(fold == index)
            vectors[held] = encode(model, [texts[row] for row in held], self.origin.max_tokens)
        return vectors

    def _texts(self) -> list[str]:
        return [self.origin.prefix + text_of(example.document) for example in self.examples]

    def _stage(self, name: str) -> OnLoss:
        return lambda loss: self.on_step(name, loss)

    def _contrast_titles(
        self, model: SentenceTransformer, rows: NDArray[np.int64], on_step: OnLoss
    ) -> None:
        prefix = self.origin.prefix
        titles = [prefix + example.title for example in self.examples]
        bodies = [prefix + example.text for example in self.examples]
        titled = np.array([row for row in rows if self.examples[row].title], np.int64)
        size = max(2, min(self.plan.batch, len(titled)))
        tokens = Tokenised.of(model, titles + bodies)
        self._contrast(model, tokens, title_batches(titled, len(titles), size), on_step)

    def _contrast(
        self, model: SentenceTransformer, tokens: Tokenised, batches: Batches, on_step: OnLoss
    ) -> None:
        one_epoch = sum(1 for _ in batches(np.random.default_rng(self.plan.seed)))
        if not one_epoch:
            raise UnusableFile("没有可对比的一对：需要两条以上有标题的诉求，或同一主题的两条")
        pace = self.plan.pace(one_epoch * self.plan.contrast_epochs)
        contrast(model, tokens, batches, pace, seed=self.plan.seed, on_step=on_step)


def _check(checkpoint: Path, plan: Plan, targets: Sequence[Target]) -> None:
    check_unlabelled(checkpoint)
    if plan.epochs and not targets:
        raise UnusableFile("数据里没有可学的标签（topic、lead_unit、request_type、urgency）")
    if LABEL in plan.contrast and not plan.epochs:
        raise UnusableFile("--contrast label 用到标签，之后必须有监督调优：请让 --epochs 大于 0")
    if not plan.epochs and not plan.contrast:
        raise UnusableFile("没有要做的事：请给出 --contrast，或让 --epochs 大于 0")


def _told(plan: Plan, targets: Sequence[Target], n: int) -> str:
    parts = [f"contrast {kind} × {plan.contrast_epochs}" for kind in plan.contrast]
    if targets:
        names = ", ".join(target.name for target in targets)
        parts.append(f"labels {names} × {plan.epochs}, {plan.folds} folds cross-fitted")
    limit = f", at most {plan.minutes:g} min a stage" if plan.minutes else ""
    return f"tune on {n} requests: {'; '.join(parts)}{limit} (seed {plan.seed})"
