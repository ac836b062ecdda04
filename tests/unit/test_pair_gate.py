"""The gate of the same-event decision: paired, by component, on pairs that both were fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.held_out_pairs import (
    HeldOutPair,
    read_held_out_pairs,
    write_held_out_pairs,
)
from evaluation.pair_gate import LEAST_SAME, average_precision, judge_pairs
from triage.errors import UnusableFile

Pairs = dict[bytes, HeldOutPair]


def scored(noise: float, *, seed: int = 0, n: int = 300) -> Pairs:
    """Return n pairs in sixty components, a third of one event, probabilities of so much noise."""
    same = np.arange(n) % 3 == 0
    drawn = np.random.default_rng(seed).normal(same * 1.0, noise)
    probability = 1 / (1 + np.exp(-4 * (drawn - 0.5)))
    return {
        row.to_bytes(16): HeldOutPair((row // 5).to_bytes(16), bool(same[row]), float(value))
        for row, value in enumerate(probability)
    }


def test_average_precision_by_hand() -> None:
    # same at ranks 1 and 3: (1/1 + 2/3) / 2
    same = np.array([True, False, True, False])
    assert average_precision(same, np.array([0.9, 0.8, 0.7, 0.1], np.float32)) == pytest.approx(
        5 / 6
    )
    # all alike is one step: recall 1 at precision 1/2
    assert average_precision(same, np.full(4, 0.5, np.float32)) == pytest.approx(0.5)
    assert np.isnan(average_precision(np.zeros(2, np.bool_), np.ones(2, np.float32)))


@pytest.mark.train
@pytest.mark.slow
def test_average_precision_is_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="needs the train extra")
    rng = np.random.default_rng(1)
    for _ in range(20):
        same = rng.random(50) < 0.3
        same[0] = True
        score = np.round(rng.random(50), 1).astype(np.float32)  # many ties
        expected = metrics.average_precision_score(same, score)
        assert average_precision(same, score) == pytest.approx(expected)


def test_the_decision_in_use_passes_against_itself() -> None:
    verdict = judge_pairs(scored(0.6), scored(0.6), resamples=50)
    assert verdict.passed
    assert verdict.notes == ()
    assert verdict.checks[0].value == verdict.checks[0].current


def test_a_better_decision_passes_and_a_worse_one_is_refused_with_figures() -> None:
    good, bad = scored(0.3), scored(1.5)
    assert judge_pairs(good, bad, resamples=50).passed
    verdict = judge_pairs(bad, good, resamples=50)
    assert not verdict.passed
    assert "same_event 的 average_precision 不能证明不差于现用判定" in verdict.reasons[0]


def test_what_only_one_was_fitted_on_does_not_count() -> None:
    current = scored(0.6)
    spoiled = {row.to_bytes(16): HeldOutPair(b"x" * 16, True, 0.0) for row in range(1000, 1100)}
    relabelled = dict(current)
    first = next(iter(current))
    relabelled[first] = HeldOutPair(current[first].component, not current[first].same, 0.5)
    verdict = judge_pairs({**relabelled, **spoiled}, current, resamples=20)
    assert verdict.passed
    assert "有 101 对" in verdict.notes[0]


def test_too_few_pairs_of_one_event_are_not_judged() -> None:
    few = scored(0.6, n=3 * (LEAST_SAME - 1))
    verdict = judge_pairs(few, few)
    assert not verdict.passed
    assert f"只有 {LEAST_SAME - 1} 对" in verdict.reasons[0]
    assert not judge_pairs({}, few).passed


def test_components_are_drawn_whole() -> None:
    # One component holds all that differs. Drawn whole, it is absent or doubled together, so the
    # interval of the difference must reach 0; rows drawn apart would never lose all of it.
    current = scored(0.05)
    component = b"c" * 16
    hard = {
        row.to_bytes(16): HeldOutPair(component, row % 2 == 0, 0.5) for row in range(1000, 1060)
    }
    solved = {
        key: HeldOutPair(pair.component, pair.same, 0.9 if pair.same else 0.1)
        for key, pair in hard.items()
    }
    verdict = judge_pairs({**current, **hard}, {**current, **solved}, resamples=200)
    assert not verdict.passed
    assert "到 +0.0000" in verdict.reasons[0]


def test_held_out_pairs_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "held_out.npz"
    pairs = [("c1", "1", "2"), ("c1", "1", "3"), ("c2", "12", "3")]
    write_held_out_pairs(
        path, pairs, np.array([True, False, True]), np.array([0.5, 0.25, 1.0], np.float32)
    )
    found = list(read_held_out_pairs(path).values())
    assert [(each.same, each.probability) for each in found] == [
        (True, 0.5),
        (False, 0.25),
        (True, 1.0),
    ]
    assert found[0].component == found[1].component != found[2].component
    assert b"c1" not in path.read_bytes()


def test_probabilities_outside_their_range_are_a_mistake(tmp_path: Path) -> None:
    for values in ([1.5], [float("nan")], [0.5, 0.5]):
        with pytest.raises(ValueError, match=r"probabilit"):
            write_held_out_pairs(
                tmp_path / "x", [("c", "1", "2")], np.array([True]), np.array(values, np.float32)
            )


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="请检查路径"):
        read_held_out_pairs(tmp_path / "none.npz")
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(UnusableFile, match="请重新训练"):
        read_held_out_pairs(tmp_path / "x.npz")
