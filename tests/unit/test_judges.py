"""Judges of a model folder: assembled or refused; settling a batch equals settling one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from triage.model.calibration import Calibration, Link
from triage.model.judges import Judges, curve_of
from triage.model.reading import Reading
from triage.model.trust import TOPIC_L1

TABLE = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], np.float32)
NOTHING = np.zeros(0, np.int32)
READING = Reading(NOTHING, NOTHING.astype(np.float32), NOTHING.astype(np.int64), [], 40, True)


@dataclass(frozen=True)
class HeadLike:
    kind: str
    labels: tuple[str, ...]
    final: Calibration


def calibration(k: int, *links: Link) -> Calibration:
    return Calibration(np.zeros((3 + len(links), k), np.float32), np.zeros(k, np.float32), links)


HEADS = {
    "topic": HeadLike("multiclass", ("A1", "A2", "B1"), calibration(3)),
    "lead_unit": HeadLike("multiclass", ("X", "Y"), calibration(2, Link("topic", TABLE))),
}
DESCRIBED = {"groups": ["甲", "乙"], "decisions": ["topic", TOPIC_L1, "lead_unit"]}


def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    made: dict[str, np.ndarray] = {"judges.group": np.array([0, 0, 1])}
    for name, k in (("topic", 3), (TOPIC_L1, 2), ("lead_unit", 2)):
        made[f"judge.{name}.weights"] = rng.normal(size=9).astype(np.float32)
        made[f"judge.{name}.offset"] = rng.normal(size=k).astype(np.float32)
        made[f"judge.{name}.curve"] = np.array([[0.9, 0.5], [10.0, 20.0], [0.0, 4.0]])
    return made


def judges() -> Judges:
    found = Judges.of(tensors(), DESCRIBED, HEADS)
    assert found is not None
    return found


def rows() -> dict[str, np.ndarray]:
    return {
        "topic": np.array([[0.5, 0.2, 0.3], [0.2, 0.35, 0.45]], np.float32),
        "lead_unit": np.array([[0.75, 0.25], [0.4, 0.6]], np.float32),
    }


def test_a_model_without_judges_has_none() -> None:
    assert Judges.of({}, None, HEADS) is None


def test_settled_rows_still_sum_to_one_and_keep_their_first_label() -> None:
    probabilities = rows()
    judges().settle(probabilities, [READING, replace(READING, titled=False)])
    for name in ("topic", "lead_unit"):
        assert probabilities[name].sum(axis=1) == pytest.approx([1, 1], abs=1e-6)
        assert probabilities[name].argmax(axis=1).tolist() == rows()[name].argmax(axis=1).tolist()
    assert probabilities[TOPIC_L1].shape == (2, 2)


def test_a_batch_settles_as_each_alone_does() -> None:
    together = rows()
    judges().settle(together, [READING, READING])
    for index in range(2):
        alone = {name: part[index : index + 1].copy() for name, part in rows().items()}
        judges().settle(alone, [READING])
        for name, part in alone.items():
            assert part[0] == pytest.approx(together[name][index], abs=1e-6)


def test_an_empty_batch_settles_to_nothing() -> None:
    probabilities = {name: part[:0] for name, part in rows().items()}
    judges().settle(probabilities, [])
    assert {name: part.shape for name, part in probabilities.items()} == {
        "topic": (0, 3),
        "lead_unit": (0, 2),
        TOPIC_L1: (0, 2),
    }


def test_without_a_judge_only_first_levels_are_added() -> None:
    probabilities = rows()
    found = Judges.of(tensors(), DESCRIBED | {"decisions": []}, HEADS)
    assert found is not None
    found.settle(probabilities, [READING, READING])
    assert probabilities["topic"].tolist() == rows()["topic"].tolist()
    assert probabilities[TOPIC_L1].tolist() == [
        pytest.approx(r) for r in ([0.7, 0.3], [0.55, 0.45])
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("judge.topic.weights", np.zeros(8, np.float32)),
        ("judge.topic.offset", np.zeros(2, np.float32)),
        ("judge.lead_unit.weights", np.full(9, np.nan, np.float32)),
        ("judges.group", np.array([0, 0, 2])),
        ("judges.group", np.array([0, 1])),
        ("judge.topic.curve", np.array([[0.5, 0.9], [10.0, 20.0], [0.0, 4.0]])),
        ("judge.topic.curve", np.array([[0.9, 0.5], [10.0, 20.0], [11.0, 4.0]])),
    ],
)
def test_judges_that_do_not_fit_are_refused(name: str, value: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"judge|groups|curve"):
        Judges.of(tensors() | {name: value}, DESCRIBED, HEADS)


def test_a_missing_judge_is_refused() -> None:
    kept = {name: value for name, value in tensors().items() if name != "judge.topic.offset"}
    with pytest.raises(KeyError):
        Judges.of(kept, DESCRIBED, HEADS)


def test_a_stored_curve_reads_back() -> None:
    curve = curve_of(np.array([[0.9, 0.5], [10.0, 20.0], [0.0, 4.0]]))
    assert curve.threshold_for(0.3, 0.1) == 0.9  # 4 of 20 do not rule 30 % out: P(X <= 4) = 0.24
