"""Figures of one decision: what is counted, what unknown labels cost, what urgency adds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.decisions import measure
from evaluation.measured import Measured


def single(
    truth: str, rows: list[list[float]], *, labels: str = "abc", name: str = "topic"
) -> Measured:
    return Measured(
        name,
        "multiclass",
        tuple(labels),
        tuple((label,) for label in truth),
        np.array(rows, np.float32),
    )


def one_hot(guesses: str, labels: str) -> NDArray[np.float32]:
    return np.eye(len(labels), dtype=np.float32)[[labels.index(guess) for guess in guesses]]


def test_figures_of_a_decision_with_one_label_by_hand() -> None:
    figures = measure(
        single("abca", [[0.8, 0.1, 0.1], [0.6, 0.4, 0], [0, 0.2, 0.8], [0.7, 0.2, 0.1]]),
        resamples=20,
    )
    assert figures["accuracy"] == 0.75
    # a: 2 of 3 named, 2 of 2 found, F1 0.8; b: 0; c: 1
    assert figures["macro_f1"] == 0.6
    assert figures["top3"] == 1.0
    assert figures["n"] == 4
    assert figures["per_class"] == {
        "a": {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "support": 2},
        "b": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
        "c": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1},
    }
    assert figures["coverage"] == {"0.5": 1.0, "0.8": 0.75, "0.9": 0.75}
    assert set(figures["interval"]) == {"accuracy", "macro_f1"}  # type: ignore[arg-type]
    assert "unknown_labels" not in figures


def test_a_label_that_neither_occurs_nor_is_guessed_is_not_listed() -> None:
    figures = measure(single("aa", [[1, 0, 0], [1, 0, 0]]), resamples=5)
    assert list(figures["per_class"]) == ["a"]  # type: ignore[arg-type]


def test_unknown_labels_are_wrong_and_listed_under_their_own_names() -> None:
    # z comes before y in the data: figures must not change places
    figures = measure(single("zyya", [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]]), resamples=5)
    assert figures["accuracy"] == 0.25
    assert figures["unknown_labels"] == {"y": 2, "z": 1}
    per_class = figures["per_class"]
    assert isinstance(per_class, dict)
    assert per_class["y"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 2}
    assert per_class["z"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}


def test_answers_may_differ_from_the_most_probable_label() -> None:
    decision = Measured(
        "topic_l1",
        "multiclass",
        ("a", "b"),
        (("b",), ("a",)),
        np.array([[0.6, 0.4], [0.9, 0.1]], np.float32),
        guesses=np.array([1, 0]),
    )
    assert measure(decision, resamples=5)["accuracy"] == 1.0
    assert decision.confidence().tolist() == pytest.approx([0.4, 0.9])


def test_figures_of_a_decision_with_several_labels_by_hand() -> None:
    decision = Measured(
        "flags",
        "multilabel",
        ("S", "V"),
        (("S",), (), ("S", "V"), ("W",)),
        np.array([[0.9, 0.1], [0.2, 0.6], [0.8, 0.3], [0.1, 0.1]], np.float32),
    )
    figures = measure(decision, resamples=5)
    assert figures["accuracy"] == 0.25  # only the first row is right in every label
    assert figures["micro_f1"] == 0.5714  # 2 hits; 4 true, 3 named: 4 / 7
    assert figures["unknown_labels"] == {"W": 1}
    assert figures["per_class"] == {
        "S": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 2},
        "V": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
        "W": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
    }
    assert figures["macro_f1"] == 0.3333


def test_the_threshold_decides_which_labels_are_named() -> None:
    truth, rows = ((("S",), ("S",)), np.array([[0.4], [0.6]], np.float32))
    figures = [
        measure(Measured("flags", "multilabel", ("S",), truth, rows, threshold), resamples=5)
        for threshold in (0.5, 0.4)
    ]
    assert [row["micro_f1"] for row in figures] == [0.6667, 1.0]


def test_nothing_true_and_nothing_named_is_perfect_and_has_no_macro_f1() -> None:
    figures = measure(
        Measured("flags", "multilabel", ("S",), ((), ()), np.zeros((2, 1), np.float32)),
        resamples=5,
    )
    assert figures["micro_f1"] == 1.0
    assert figures["macro_f1"] is None


def test_urgency_figures_by_hand() -> None:
    decision = Measured(
        "urgency",
        "ordinal",
        tuple("01234"),
        tuple((level,) for level in "01233344"),
        one_hot("02313344", "01234"),
    )
    figures = measure(decision, resamples=5)
    assert figures["urgent"] == 3
    assert figures["urgent_recall"] == 0.6667  # levels 0 and 1 found (as 0 and 2), 2 missed
    assert figures["urgent_precision"] == 0.6667  # 0, 2 and 1 named, the 1 is a 3
    assert (figures["alarms"], figures["false_alarms"], figures["false_alarms_on_calm"]) == (
        2,
        1,
        1,
    )
    assert figures["alarm_recall"] == 0.5
    assert figures["alarm_precision"] == 0.5
    assert figures["urgent_recall_at_precision_0.60"] == 0.6667


def test_levels_keep_their_meaning_where_the_model_knows_only_some() -> None:
    # levels 2, 3, 4 are the labels; 0 is unknown to the model and missed by two steps
    decision = Measured(
        "urgency",
        "ordinal",
        tuple("234"),
        (("0",), ("3",), ("4",), ("2",)),
        one_hot("2344", "234"),
    )
    figures = measure(decision, resamples=5)
    assert figures["unknown_labels"] == {"0": 1}
    assert figures["urgent_recall"] == 0.5
    # observed: (0-2)^2 + (2-4)^2 = 8; rows 0 2 3 4, columns 2 3 4 4, a quarter each:
    # 0: 4+9+16+16, 2: 0+1+4+4, 3: 1+0+1+1, 4: 4+1+0+0 = 62 / 4 = 15.5; 1 - 8 / 15.5
    assert figures["quadratic_kappa"] == 0.4839


def test_levels_that_were_given_have_no_top3_and_no_reachable_recall() -> None:
    decision = Measured(
        "urgency_with_rules", "level", tuple("01234"), (("3",),), one_hot("3", "01234")
    )
    figures = measure(decision, resamples=5)
    assert "top3" not in figures
    assert "urgent_recall_at_precision_0.75" not in figures
    assert figures["urgent_recall"] is None  # nothing was urgent: null, not 0 and not NaN


def test_headline_of_rows_follows_the_kind() -> None:
    name, statistic = single("ab", [[1, 0, 0], [1, 0, 0]]).headline()
    assert name == "accuracy"
    assert statistic(np.array([0, 0, 1])) == pytest.approx(2 / 3)
    flags = Measured(
        "flags", "multilabel", ("S",), (("S",), ()), np.array([[0.9], [0.9]], np.float32)
    )
    name, statistic = flags.headline()
    assert name == "micro_f1"
    assert statistic(np.array([0, 1])) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("truth", "shape"),
    [((), (0, 2)), ((("a",),), (1, 3)), (((),), (1, 2)), ((("a", "b"),), (1, 2))],
)
def test_nonsense_is_a_programmers_mistake(
    truth: tuple[tuple[str, ...], ...], shape: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="topic"):
        Measured("topic", "multiclass", ("a", "b"), truth, np.zeros(shape, np.float32))
