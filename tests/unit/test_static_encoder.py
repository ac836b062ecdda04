from __future__ import annotations

import numpy as np
import pytest

from triage.same_event.static_encoder import StaticEncoder, text_buckets

ENCODER = StaticEncoder.untrained(dimensions=64)
TEXTS = ["青禾苑门口积水", "文昌路路灯不亮", "", " ", "水", "水" * 100_000]


def test_rows_have_unit_length_whatever_the_text() -> None:
    found = ENCODER.encode(TEXTS)
    assert found.shape == (len(TEXTS), 64)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_give_no_rows() -> None:
    assert ENCODER.encode([]).shape == (0, 64)


def test_a_vector_depends_on_its_text_alone() -> None:
    together = ENCODER.encode(TEXTS)
    assert np.array_equal(together[::-1], ENCODER.encode(TEXTS[::-1]))
    again = StaticEncoder.untrained(dimensions=64).encode(TEXTS)
    assert np.array_equal(together, again)


def test_texts_that_share_words_are_nearer_than_others() -> None:
    one, near, far = ENCODER.encode(["青禾苑门口积水", "青禾苑大门积水", "补办社保卡要几天"])
    assert one @ near > one @ far + 0.3


def test_the_table_must_be_a_power_of_two_with_a_weight_a_row() -> None:
    with pytest.raises(ValueError, match="power of two"):
        StaticEncoder(np.zeros((3, 4), np.int8), np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="power of two"):
        StaticEncoder(np.zeros((4, 4), np.int8), np.zeros(2, np.float32))


def test_buckets_are_those_of_all_ngrams_up_to_three() -> None:
    # four characters: 4 + 3 + 2
    found = text_buckets("路灯不亮", 1 << 10)
    assert len(found) == 9
    assert found.max() < 1 << 10
