"""A second encoder beside the built-in one: its cosines, and the model that carries both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from triage.same_event.entry import Entry
from triage.same_event.second import SECOND_NAMES, SECOND_SIGNS, SecondEncoder


class _Counting:
    """An encoder whose vector is the share of 路 and of 灯 in a text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        found = np.array([[text.count("路"), text.count("灯")] for text in texts], np.float32)
        unit: np.ndarray = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit


def test_the_cosines_are_of_titles_and_of_whole_texts() -> None:
    second = SecondEncoder(_Counting())
    one, other = Entry("1", "路", "路灯"), Entry("2", "灯", "路灯")
    # titles (1, 0) and (0, 1); wholes, the title twice: (3, 1) and (1, 3): 6 / 10
    assert second.cosines(one, [other, one]) == pytest.approx(
        np.array([[0.0, 0.6], [1.0, 1.0]]), abs=1e-6
    )
    assert second.cosines(other, [one])[0].tolist() == second.cosines(one, [other])[0].tolist()


def test_an_entry_is_encoded_once_and_nobody_is_asked_for_no_candidates() -> None:
    encoder = _Counting()
    second = SecondEncoder(encoder)
    one, other = Entry("1", "路", "路灯"), Entry("2", "灯", "路灯")
    assert second.cosines(one, []).shape == (0, len(SECOND_NAMES))
    assert encoder.asked == []
    second.cosines(one, [other, other])
    second.cosines(other, [one])
    assert len(encoder.asked) == 4
    assert len(SECOND_NAMES) == len(SECOND_SIGNS)
