"""One training run: examples and a recipe in, a fitted model and its out-of-fold scores out.

Every separator is fitted once per fold for held-out scores and once on everything; calibration is
fitted on the held-out scores only. Writing the model folder is `training.export`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.truth import Example
from training.calibrate import fit_final, fit_first, link_table
from training.dense import Standard, beside, choose_scale
from training.familiar import least_known_share
from training.heads import SEED, Columns, fit_columns
from training.labels import Head, find_heads, spans_of, targets
from training.noise import noisy_copies
from training.plans import choose_plans, plain_plans
from training.prune import strongest
from training.recipe import Recipe
from training.second_matter import ClauseNotes, FittedSecond
from training.split import assign_folds
from training.trust import Judged, judge
from training.vocabulary import Vocabulary, choose, count, weigh
from triage.errors import UnusableFile
from triage.model.calibration import Array, Calibration, Link, softmax
from triage.model.judges import expected_units
from triage.model.model import activate


@dataclass(frozen=True, slots=True)
class FittedHead:
    """A head with its columns of the table and its calibrations."""

    head: Head
    columns: slice
    final: Calibration
    first: Calibration | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model before it is written.

    `held_out` are cross-fitted probabilities by head, (n, labels), row i scored and calibrated
    without the fold of example i; `fold` int64 (n,). `dense` float32 (d, K) weighs an encoder's
    vectors, where there is one; `columns` weigh the n-grams in `rows` of the vocabulary, the others
    weigh nothing.
    """

    heads: tuple[FittedHead, ...]
    vocabulary: Vocabulary
    rows: NDArray[np.int64]
    columns: Columns
    held_out: dict[str, Array]
    fold: NDArray[np.int64]
    judged: Judged
    least_known: float
    dense: Array | None = None
    dense_scale: float | None = None
    second: FittedSecond | None = None


def fit(
    examples: Sequence[Example],
    recipe: Recipe,
    *,
    how: str = "group",
    vectors: Array | None = None,
    on_step: Callable[[str], None] = lambda step: None,
) -> Fitted:
    """Train every head that the examples label.

    Parameters
    ----------
    vectors : float32 (n, d), an encoder's vectors of the examples, to stand beside the n-grams

    Raises
    ------
    UnusableFile
        No decision is labelled with at least two values, or the texts have nothing in common.
    """
    heads = find_heads(examples)
    if not heads:
        raise UnusableFile(
            "训练数据没有可学习的标签：至少一列（topic、urgency 等）要有两个以上不同的值"
        )
    on_step("去重分组")
    fold = assign_folds(examples, folds=recipe.folds, how=how, seed=SEED)
    shown, source = with_copies(examples, recipe.untitled_copies)
    noisy, noisy_source = noisy_copies(examples, recipe.noisy_copies)
    shown, source = [*shown, *noisy], np.concatenate([source, noisy_source])
    y = np.concatenate([targets(examples, head) for head in heads], axis=1)
    on_step("特征")
    counted = count([example.document for example in shown], recipe.fields)
    vocabulary = choose(counted, min_df=recipe.min_df)
    if not len(vocabulary.bucket):
        raise UnusableFile(
            f"{len(examples)} 条训练数据里没有一个片段出现在 {recipe.min_df} 条以上：请增加数据"
        )
    X = weigh(counted, vocabulary)
    v, most = len(vocabulary.bucket), recipe.table_megabytes * 1_000_000 // y.shape[1]
    spans = spans_of(heads)
    weight = np.array(
        [recipe.weights.get(e.style or "letter", 1.0) * (e.weight or 1.0) for e in shown]
    )
    shown_y = np.concatenate([targets(shown, head) for head in heads], axis=1)
    shown_fold, original = fold[source], np.arange(len(examples))
    scores = np.empty(y.shape, np.float32)
    plans = plain_plans(heads, recipe)
    notes = ClauseNotes(examples, recipe.fields, vocabulary, spans.get("topic"))
    standard, scale = None, 0.0
    if vectors is not None:
        on_step("编码器的比例")
        standard = Standard.of(vectors)
        Z, train = standard.apply(vectors)[source], np.flatnonzero(shown_fold != 0)
        held = original[fold == 0]
        scale = choose_scale(
            recipe.dense_scale, heads, plans,
            train=(X[train], Z[train], shown_y[train], weight[train]),
            held=(X[held], Z[held], y[held]),
        )  # fmt: skip
        X = beside(X, Z, scale)
    for index in range(recipe.folds):
        on_step(f"第 {index + 1}/{recipe.folds} 折")
        train, held = np.flatnonzero(shown_fold != index), original[fold == index]
        if index == 0 and recipe.emphasis:
            plans = choose_plans(
                heads, recipe, X[train], shown_y[train], weight[train], X[held], y[held]
            )
        part = fit_columns(X[train], shown_y[train], plans, sample_weight=weight[train])
        kept = _kept(part, strongest(part.weights[:v], heads, most), v)
        scores[held] = X[held][:, kept] @ part.weights[kept] + part.bias
        notes.add(held, kept[kept < v], part)
    on_step("全部数据")
    columns = fit_columns(X, shown_y, plans, sample_weight=weight)
    rows = strongest(columns.weights[:v], heads, most)
    columns = Columns(columns.weights[_kept(columns, rows, v)], columns.bias)
    on_step("校准")
    natural = np.array([not example.boosted for example in examples])
    calibrations = _calibrate(heads, spans, scores, y, natural)
    fitted = tuple(FittedHead(head, spans[head.name], *calibrations[head.name]) for head in heads)
    held_out = _cross_fit(heads, spans, scores, y, fold, natural)
    text = [field.name for field in recipe.fields].index("text")
    least_known = least_known_share(counted[text][0], shown_fold, recipe.min_df)
    judged = judge(
        examples,
        heads,
        {name: y[:, span] for name, span in spans.items()},
        held_out,
        fold,
        expected_units({name: final for name, (final, _) in calibrations.items()}),
    )
    topics = next((head.labels for head in heads if head.name == "topic"), ())
    second = notes.fit(topics, held_out, fold)
    whole = Fitted(
        fitted, vocabulary, rows, columns, held_out, fold, judged, least_known, second=second
    )
    if standard is None:
        return whole
    columns, dense = standard.unapply(columns, scale)
    return replace(whole, columns=columns, dense=dense, dense_scale=scale)


def _kept(columns: Columns, rows: NDArray[np.int64], v: int) -> NDArray[np.int64]:
    """Return the kept rows of the first `v` (the n-grams) and all rows after them (vectors)."""
    return np.concatenate([rows, np.arange(v, len(columns.weights))])


def with_copies(
    examples: Sequence[Example], share: float
) -> tuple[list[Example], NDArray[np.int64]]:
    """Append untitled copies of every k-th titled example: speech comes without a title."""
    rng = np.random.default_rng(SEED)
    draw = rng.random(len(examples)) < share
    copied = [row for row, example in enumerate(examples) if draw[row] and example.title]
    copies = [
        replace(examples[row], title="", text=f"{examples[row].title}，{examples[row].text}")
        for row in copied
    ]
    source = np.concatenate([np.arange(len(examples)), np.array(copied, np.int64)])
    return [*examples, *copies], source


def _calibrate(
    heads: Sequence[Head],
    spans: Mapping[str, slice],
    scores: Array,
    y: Array,
    rows: NDArray[np.bool_],
) -> dict[str, tuple[Calibration, Calibration | None]]:
    """Fit all calibrations on the given rows of held-out scores."""
    s, t = scores[rows], y[rows]
    multiclass = [head.name for head in heads if head.kind == "multiclass"]
    first = {name: fit_first(s[:, spans[name]], t[:, spans[name]]) for name in multiclass}
    own = {name: softmax(first[name].logits(s[:, spans[name]], {})) for name in multiclass}
    fitted: dict[str, tuple[Calibration, Calibration | None]] = {}
    for head in heads:
        span = spans[head.name]
        links = [
            Link(name, link_table(t[:, spans[name]], t[:, span]))
            for name in multiclass
            if name != head.name
        ]
        fitted[head.name] = (
            fit_final(head, s[:, span], t[:, span], own, links),
            first.get(head.name),
        )
    return fitted


def _cross_fit(
    heads: Sequence[Head],
    spans: Mapping[str, slice],
    scores: Array,
    y: Array,
    fold: NDArray[np.int64],
    natural: NDArray[np.bool_],
) -> dict[str, Array]:
    """Return probabilities of each row, calibrated on the natural rows of the other folds."""
    held_out = {head.name: np.zeros((len(y), len(head.labels)), np.float32) for head in heads}
    for index in range(int(fold.max()) + 1):
        out = fold == index
        calibrations = _calibrate(heads, spans, scores, y, ~out & natural)
        first = {
            name: softmax(own.logits(scores[out, spans[name]], {}))
            for name, (_, own) in calibrations.items()
            if own is not None
        }
        for head in heads:
            logits = calibrations[head.name][0].logits(scores[out, spans[head.name]], first)
            held_out[head.name][out] = activate(head.kind, logits)
    return held_out
