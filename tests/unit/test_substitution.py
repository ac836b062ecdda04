from __future__ import annotations

import numpy as np
import pytest

from triage.same_event.substitution import Head, Substitution, substitution


def _head(title: str, detail: str = "") -> Head:
    return Head(title, np.full(max(0, len(title) - 1), 5.0, np.float32), f"{title}\n{detail}")


def test_another_name_in_the_same_sentence_is_found() -> None:
    found = substitution(_head("翠竹苑小区门口积水"), _head("百合园小区门口积水"))
    assert found == Substitution("翠竹苑", "百合园", 5.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_head("翠竹苑门口积水"), _head("翠竹苑门口积水")),
        (_head("翠竹苑门口积水"), _head("补办社保卡几天")),
        (_head("翠竹苑门口积水"), _head("百合园门口积水", "也叫翠竹苑")),
        (_head(""), _head("")),
    ],
)
def test_nothing_was_exchanged(one: Head, other: Head) -> None:
    assert substitution(one, other) is None
