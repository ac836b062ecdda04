"""Tuning learns labels, and its cross-fitted vectors know nothing of the labels they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.truth import Example
from triage.errors import UnusableFile
from triage.model.encoder import text_of

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

import torch
from sentence_transformers.sentence_transformer.modules import Normalize

from training.crossfit import key_of, read_crossfit
from training.encoder.checkpoint import Origin, encode, open_model, read_origin, save
from training.encoder.contrast import label_batches, title_batches
from training.encoder.descent import Pace, descend
from training.encoder.sources import bring_in
from training.encoder.targets import find_targets
from training.encoder.tune import Plan, tune

pytestmark = [pytest.mark.train, pytest.mark.slow]
CHARACTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
PLAN = Plan(epochs=25, folds=2, batch=8, rate=2e-3)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, write_tiny_bert: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("tune")
    source = write_tiny_bert(folder / "bert", CHARACTERS, layers=1)
    bring_in(source, folder / "base", Origin("tiny", "MIT", "", 16))
    return folder / "base"


def noise(n: int = 48) -> list[Example]:
    """Requests of six drawn characters whose topics were drawn too: nothing can be learned."""
    rng = np.random.default_rng(5)
    drawn = rng.integers(0, len(CHARACTERS), (n, 6))
    topics = rng.integers(0, 2, n)
    return [
        Example(id=str(i), title="", text="".join(CHARACTERS[j] for j in row), topic=f"T{topic}")
        for i, (row, topic) in enumerate(zip(drawn, topics, strict=True))
    ]


def right(vectors: np.ndarray, examples: list[Example]) -> float:
    """Return how often the vectors' opinion is the topic."""
    return float(np.mean(vectors.argmax(axis=1) == [int(e.topic[1]) for e in examples if e.topic]))


def test_cross_fitted_vectors_do_not_know_labels_by_heart(base: Path, tmp_path: Path) -> None:
    examples = noise()
    tune(base, examples, tmp_path / "out", PLAN)
    texts = [text_of(example.document) for example in examples]
    own = encode(open_model(tmp_path / "out"), texts, 16)
    honest = read_crossfit(tmp_path / "out")
    crossed = np.stack([honest[key_of(text)] for text in texts])
    assert right(own, examples) > 0.9  # noise, learned by heart
    assert right(crossed, examples) < 0.7  # chance is 0.5; 0.7 is 2.8 deviations of 48 draws
    assert "2 folds cross-fitted" in read_origin(tmp_path / "out").history[-1]


def test_without_folds_only_the_keys_are_kept(base: Path, tmp_path: Path) -> None:
    examples = noise(12)
    tune(base, examples, tmp_path / "out", replace(PLAN, folds=0, epochs=1))
    found = read_crossfit(tmp_path / "out")
    assert set(found.values()) == {None}
    assert len(found) == 12


def test_contrast_on_titles_needs_no_label_and_leaves_no_keys(base: Path, tmp_path: Path) -> None:
    examples = [replace(example, title=example.text[:2], topic=None) for example in noise(16)]
    told: list[str] = []
    plan = Plan(contrast=("title",), epochs=0, batch=8)
    tune(base, examples, tmp_path / "out", plan, on_step=lambda stage, loss: told.append(stage))
    assert told == ["全部数据 标题对比"] * 2
    assert read_crossfit(tmp_path / "out") == {}


def test_what_has_seen_labels_is_not_tuned_again(base: Path, tmp_path: Path) -> None:
    plan = replace(PLAN, folds=0, epochs=1)
    tune(base, noise(12), tmp_path / "once", plan)
    with pytest.raises(UnusableFile, match="已用标签调优过"):
        tune(tmp_path / "once", noise(12), tmp_path / "twice", plan)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(contrast=("label",), epochs=0), "--epochs 大于 0"),
        (Plan(epochs=0), "没有要做的事"),
        (Plan(contrast=("title",), epochs=0), "没有可对比的一对"),
    ],
)
def test_plans_that_make_no_sense_are_refused(
    base: Path, tmp_path: Path, plan: Plan, said: str
) -> None:
    with pytest.raises(UnusableFile, match=said):
        tune(base, noise(12), tmp_path / "out", plan)
    assert not (tmp_path / "out").exists()


def test_an_encoder_of_unit_length_is_tuned_before_that_length(base: Path, tmp_path: Path) -> None:
    model = open_model(base)
    model.append(Normalize())
    save(model, read_origin(base), tmp_path / "unit", sources=base)
    tune(tmp_path / "unit", noise(12), tmp_path / "out", replace(PLAN, folds=0, epochs=1))
    names = [type(module).__name__ for module in open_model(tmp_path / "out")]
    assert names == ["Transformer", "Pooling", "Dense", "Normalize"]


def test_pairs_of_one_topic_alone_have_nothing_to_be_told_from() -> None:
    examples = [replace(example, topic="T0") for example in noise(8)]
    assert list(label_batches(examples, np.arange(8), 4)(np.random.default_rng(0))) == []


def test_data_without_labels_are_refused(base: Path, tmp_path: Path) -> None:
    bare = [replace(example, topic=None) for example in noise(12)]
    with pytest.raises(UnusableFile, match="没有可学的标签"):
        tune(base, bare, tmp_path / "out", PLAN)


def test_targets_leave_unlabelled_rows_out() -> None:
    examples = [
        Example(id="1", title="", text="a", topic="B", urgency=3),
        Example(id="2", title="", text="b", topic="A"),
        Example(id="3", title="", text="c", urgency=2),
    ]
    topic, urgency = find_targets(examples)
    assert (topic.labels, topic.classes.tolist()) == (("A", "B"), [1, 0, -1])
    assert (urgency.labels, urgency.classes.tolist()) == (("2", "3"), [1, -1, 0])


def test_pairs_of_labels_share_a_topic_that_no_other_pair_of_the_batch_has() -> None:
    examples = [*noise(40), Example(id="x", title="", text="甲", topic="ALONE")]
    batches = label_batches(examples, np.arange(41), 8)(np.random.default_rng(0))
    for pairs in batches:
        topics = [(examples[a].topic, examples[b].topic) for a, b in pairs]
        assert all(first == second for first, second in topics)
        assert len({first for first, _ in topics}) == len(pairs) == 2
        assert all(a != b for a, b in pairs)


def test_titles_are_paired_with_their_own_texts() -> None:
    batches = list(title_batches(np.array([0, 2, 3]), 10, 2)(np.random.default_rng(0)))
    assert len(batches) == 1
    assert all(text == 10 + title for title, text in batches[0])


def test_the_rate_rises_then_falls_and_the_clock_ends_the_run() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    seen: list[float] = []
    told: list[float] = []

    def loss() -> torch.Tensor:
        seen.append(float(weight.detach()))
        return weight.sum()

    losses = iter(lambda: loss, None)
    pace = Pace(50, 0.1)
    assert descend([([weight], 1.0)], losses, pace, device="cpu", on_step=told.append) == 50
    assert told == pytest.approx(seen)  # every step's loss, in order
    steps = -np.diff([*seen, float(weight.detach())])  # Adam: the rate, the gradient is constant
    assert steps.argmax() in (2, 3)  # 6 % of 50
    assert steps[-1] < 0.1 * steps.max()
    short = Pace(50, 0.1, minutes=1e-9)
    assert descend([([weight], 1.0)], losses, short, device="cpu") < 3
