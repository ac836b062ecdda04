"""Two models on the same rows: differences, McNemar's test, changed answers."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.bootstrap import difference
from evaluation.changes import Change, to_csv
from evaluation.measured import Measured
from evaluation.paired import gap, mcnemar, paired, statistics


def decision(
    guesses: list[str], truth: list[str], labels: tuple[str, ...] = ("a", "b")
) -> Measured:
    probabilities = np.zeros((len(guesses), len(labels)), np.float32)
    for row, guess in enumerate(guesses):
        probabilities[row, labels.index(guess)] = 1
    return Measured("x", "multiclass", labels, tuple((t,) for t in truth), probabilities)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),  # 2 * 1/2
        (5, 5, 1.0),
        (0, 6, 0.03125),  # 2 * 1/64
        (2, 8, 0.109375),  # 2 * (1 + 10 + 45) / 1024
        (8, 2, 0.109375),
    ],
)
def test_mcnemar_is_the_exact_binomial_test(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)


def test_mcnemar_agrees_with_scipy_on_many_rows() -> None:
    stats = pytest.importorskip("scipy.stats", reason="needs the training extra")
    assert mcnemar(420, 510) == pytest.approx(stats.binomtest(420, 930).pvalue, rel=1e-9)


def test_a_difference_is_b_less_a() -> None:
    truth = ["a", "a", "b", "b"]
    worse = statistics(decision(["a", "b", "b", "a"], truth))["accuracy"]
    better = statistics(decision(["a", "a", "b", "a"], truth))["accuracy"]
    found = paired(worse, better, np.arange(4), 50)
    assert (found["a"], found["b"], found["difference"]) == (0.5, 0.75, 0.25)
    assert gap(better, worse, np.arange(4), 50).value == -0.25


def test_two_equal_models_differ_by_nothing_in_every_resample() -> None:
    one = statistics(decision(["a", "b", "b", "a"], ["a", "a", "b", "b"]))["macro_f1"]
    found = gap(one, one, np.arange(4), 50)
    assert (found.low, found.high) == (0.0, 0.0)


def test_pairing_makes_the_interval_narrower_than_two_separate_ones() -> None:
    # b is right wherever a is, and on ten rows more of 400: hard rows are hard for both
    right_a = np.arange(400) < 200
    right_b = np.arange(400) < 210
    found = difference(
        lambda rows: float(right_b[rows].mean()), lambda rows: float(right_a[rows].mean()), 400
    )
    assert found.value == pytest.approx(0.025)
    assert 0.005 < found.low < found.high < 0.05


def test_macro_f1_of_several_labels_is_the_mean_over_the_labels_that_hold() -> None:
    # label p: one of two found, nothing too many: F1 2/3; q: found, F1 1; r holds nowhere
    truth = (("p", "q"), ("p",), ())
    probabilities = np.array([[0.9, 0.8, 0.1], [0.2, 0.1, 0.1], [0.1, 0.1, 0.1]], np.float32)
    one = Measured("flags", "multilabel", ("p", "q", "r"), truth, probabilities)
    assert statistics(one)["macro_f1"](np.arange(3)) == pytest.approx((2 / 3 + 1) / 2)
    assert list(statistics(one)) == ["micro_f1", "macro_f1"]


def test_urgent_recall_stands_beside_accuracy_for_levels() -> None:
    probabilities = np.eye(5, dtype=np.float32)[[1, 3, 3, 4]]
    one = Measured(
        "urgency",
        "ordinal",
        ("0", "1", "2", "3", "4"),
        (("1",), ("2",), ("3",), ("4",)),
        probabilities,
    )
    assert statistics(one)["urgent_recall"](np.arange(4)) == 0.5
    assert np.isnan(statistics(one)["urgent_recall"](np.array([2, 3])))


@pytest.mark.parametrize(
    ("truth", "a", "b", "verdict"),
    [
        (("x",), ("y",), ("x",), "better"),
        (("x",), ("x",), ("y",), "worse"),
        (("x",), ("y",), ("z",), "both_wrong"),
        (("x", "y"), (), ("x",), "better"),  # one missed less
        (("x",), ("x",), ("x", "y"), "worse"),  # one too many
        ((), ("x",), ("y",), "both_wrong"),
    ],
)
def test_a_change_is_judged_by_its_wrong_labels(
    truth: tuple[str, ...], a: tuple[str, ...], b: tuple[str, ...], verdict: str
) -> None:
    assert Change("1", "flags", truth, a, b).verdict == verdict


def test_the_list_of_changes_is_inert_in_a_spreadsheet() -> None:
    text = to_csv([Change("=1+1", "flags", ("A", "B"), (), ("A",))])
    assert text == "\ufeffid,decision,verdict,truth,a,b\r\n'=1+1,flags,better,A;B,,A\r\n"
