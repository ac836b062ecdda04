"""Learning curves: nested sets, a law that is found again, classes that would pay."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the training extra")

from training.curve.classes import rank_classes
from training.curve.curve import curve
from training.curve.points import Points, sets_to_fit
from training.curve.power_law import PowerLaw, fit_power_law
from training.labels import Head
from triage.errors import UnusableFile

pytestmark = pytest.mark.train
SIZES = np.array([500, 1000, 2000, 4000, 8000])


def test_a_power_law_is_found_again() -> None:
    law = fit_power_law(SIZES, 0.1 + 3.0 * SIZES**-0.4)
    assert law.exponent == pytest.approx(0.4, abs=0.011)
    assert law.floor == pytest.approx(0.1, abs=0.01)
    assert law.error(16000.0) == pytest.approx(0.1 + 3.0 * 16000**-0.4, abs=1e-3)


def test_a_floor_is_never_below_zero() -> None:
    # a straight fall to nothing would go through zero
    law = fit_power_law(SIZES, np.array([0.5, 0.4, 0.25, 0.1, 0.01]))
    assert law.floor == 0.0
    assert law.scale > 0


def test_an_error_that_rises_with_data_is_taken_as_flat() -> None:
    law = fit_power_law(SIZES, np.array([0.2, 0.21, 0.22, 0.23, 0.24]))
    assert law.error(500.0) == pytest.approx(0.22)
    assert law.error(9000.0) == pytest.approx(0.22)


def test_the_law_is_a_plain_formula() -> None:
    assert PowerLaw(0.1, 2.0, 0.5).error(100.0) == pytest.approx(0.3)


def test_sets_are_nested_whole_groups_and_all_rows_come_last_once() -> None:
    groups = np.repeat(np.arange(400), 4)
    sets = sets_to_fit(groups, 4, 2)
    assert [seed for seed, _ in sets] == [0, 0, 0, 1, 1, 1, 0]
    assert [len(rows) for _, rows in sets] == [100, 252, 636, 100, 252, 636, 1600]
    for _, rows in sets:
        assert (np.bincount(groups[rows])[np.unique(groups[rows])] == 4).all()
    first, second, third = (set(rows.tolist()) for _, rows in sets[:3])
    assert first < second < third
    assert first != set(sets[3][1].tolist())


def test_too_few_rows_for_a_curve_are_refused() -> None:
    with pytest.raises(UnusableFile, match="至少要 800 条"):
        sets_to_fit(np.arange(500), 7, 3)


def points(share_b_right: list[float]) -> Points:
    """Three models on 100 held-out rows: a always right; b right as given; labels 10 times as many.

    The models are fitted on 10, 100 and 1000 rows, half of each label.
    """
    truth = np.repeat([0, 1], 50)
    labels = np.repeat([0, 1], 500)
    guesses = []
    for share in share_b_right:
        guess = truth.astype(np.int16).copy()
        guess[50 + round(50 * share) :] = 0
        guesses.append({"topic": guess})
    rows = [np.concatenate([np.arange(n), 500 + np.arange(n)]) for n in (5, 50, 500)]
    return Points(
        (Head("topic", "multiclass", ("a", "b")),),
        tuple(rows),
        np.array([0, 0, 0]),
        tuple(guesses),
        {"topic": truth},
        {"topic": labels},
    )


def test_the_class_that_makes_the_errors_pays_most() -> None:
    found = rank_classes(points([0.2, 0.5, 0.8]), "topic", np.arange(100))
    assert found.count.tolist() == [500, 500]
    assert found.share_of_errors[1] > 0.9
    assert found.gain[1] > 10 * found.gain[0] > 0
    # 100 labels more of 500 cut b's errors (10 of 100 rows, smoothed) by a share of 1 - (5/6)^0.3
    assert found.gain[1] == pytest.approx(0.1 * (1 - (501 / 601) ** found.exponent[1]), rel=0.05)


def test_a_class_whose_errors_do_not_fall_would_not_pay() -> None:
    found = rank_classes(points([0.5, 0.5, 0.5]), "topic", np.arange(100))
    assert found.gain.tolist() == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a_curve_has_its_points_an_interval_and_the_worth_of_more() -> None:
    found = curve(points([0.2, 0.5, 0.8]), "topic", "accuracy")
    assert found.sizes.tolist() == [10.0, 100.0, 1000.0]
    assert found.figure.value.tolist() == pytest.approx([0.6, 0.75, 0.9])
    assert (found.figure.low < found.figure.value).all()
    assert (found.figure.high > found.figure.value).all()
    assert found.n == 1000
    assert 0 < found.gain.low < found.gain.value < found.gain.high < 0.1
