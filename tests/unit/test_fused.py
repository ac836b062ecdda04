"""The fused calibration gives what the calibrations give head by head."""

from __future__ import annotations

import numpy as np

from triage.model.calibration import SHAPES, Calibration, Link, sigmoid, softmax
from triage.model.fused import FusedCalibration


def test_fused_logits_equal_those_of_each_head() -> None:
    rng = np.random.default_rng(3)
    columns = {"a": slice(0, 4), "b": slice(4, 7), "c": slice(7, 9)}

    def random(*shape: int) -> np.ndarray:  # type: ignore[type-arg]
        return rng.normal(size=shape).astype(np.float32)

    def table(rows: int, k: int) -> np.ndarray:  # type: ignore[type-arg]
        return softmax(random(rows, k))

    first = {
        "a": Calibration(random(SHAPES, 4), random(4)),
        "b": Calibration(random(SHAPES, 3), random(3)),
    }
    final = {
        "a": Calibration(random(SHAPES + 1, 4), random(4), (Link("b", table(3, 4)),)),
        "b": Calibration(random(SHAPES + 1, 3), random(3), (Link("a", table(4, 3)),)),
        "c": Calibration(
            random(SHAPES + 2, 2), random(2), (Link("a", table(4, 2)), Link("b", table(3, 2)))
        ),
    }
    scores = random(5, 9)
    own = {name: softmax(first[name].logits(scores[:, columns[name]], {})) for name in first}
    expected = np.hstack([final[name].logits(scores[:, columns[name]], own) for name in columns])
    found = FusedCalibration(columns, final, first).logits(scores)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_heads_without_links_are_calibrated_by_themselves() -> None:
    scores = np.array([[0.5, -1.0], [2.0, 0.0]], np.float32)
    own = Calibration(np.ones((SHAPES, 2), np.float32), np.zeros(2, np.float32))
    fused = FusedCalibration({"a": slice(0, 2)}, {"a": own}, {})
    np.testing.assert_allclose(fused.logits(scores), own.logits(scores, {}), atol=1e-5)
    by_head, by_column = fused.probabilities(scores)
    np.testing.assert_allclose(by_head, softmax(own.logits(scores, {})), atol=1e-6)
    np.testing.assert_allclose(by_column, sigmoid(own.logits(scores, {})), atol=1e-6)
