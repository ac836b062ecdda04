"""What a pipeline made of labelled requests, figure by figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.outcomes import figures_of, mean_of, predict
from evaluation.truth import Example
from triage.pipeline import Pipeline

EXAMPLES = [
    Example(
        "1", "", "楼下馆子油烟直冲窗户，没人管", topic="SR03", lead_unit="URBAN_MGMT", urgency=3
    ),
    Example("2", "", "全楼停水，老人在家，求助", topic="GY01", lead_unit="HOUSING", urgency=2),
    Example("3", "", "路灯坏了，麻烦修一下", topic="ZF01", urgency=1),
    Example("4", "", "建议加装路灯"),
]


@pytest.fixture(scope="module")
def figures(tiny_model: Path) -> dict[str, np.ndarray]:
    pipeline = Pipeline.from_model(tiny_model)
    return figures_of(pipeline, EXAMPLES, predict(pipeline, EXAMPLES))


def test_right_is_one_wrong_is_nought_unlabelled_is_nan(figures: dict[str, np.ndarray]) -> None:
    assert figures["topic"].tolist()[:3] == [1, 1, 0]
    assert np.isnan(figures["topic"][3])
    assert figures["lead_unit"].tolist()[:2] == [1, 0]  # the water works, not the housing line


def test_the_first_level_is_judged_apart(figures: dict[str, np.ndarray]) -> None:
    assert figures["topic_l1"].tolist()[:3] == [1, 1, 0]


def test_urgency_is_judged_on_the_urgent_and_on_the_calm(figures: dict[str, np.ndarray]) -> None:
    assert figures["urgent_found"][1:3].tolist() == [1, 0]  # 停水 is level 2; the lamp is not
    assert np.isnan(figures["urgent_found"][0])
    assert figures["calm_left"][0] == 1


def test_a_mean_leaves_out_what_does_not_apply(figures: dict[str, np.ndarray]) -> None:
    assert mean_of(figures["topic"])(np.arange(4)) == pytest.approx(2 / 3)
    assert np.isnan(mean_of(figures["topic"])(np.array([3])))
