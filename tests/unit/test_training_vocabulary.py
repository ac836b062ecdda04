"""Training weighs n-grams exactly as the model reads them."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model.features import DEFAULT_FIELDS, Document, buckets
from triage.model.linear import LinearModel

pytest.importorskip("scipy", reason="needs the training extra")

from training.vocabulary import Vocabulary, choose, count, weigh

pytestmark = pytest.mark.train
DOCUMENTS = [
    Document("路灯不亮", "滨江路路灯坏了三天，路灯不亮"),
    Document("", "楼下烧烤店油烟太大，油烟呛人"),
    Document("停水", "小区停水三天没人管 小区停水"),
    Document("", "路灯坏了"),
    Document("无", ""),
]


def vocabulary(min_df: int = 1, max_rows: int = 10_000) -> Vocabulary:
    return choose(count(DOCUMENTS, DEFAULT_FIELDS), min_df=min_df, max_rows=max_rows)


def test_training_rows_equal_what_the_model_reads() -> None:
    chosen = vocabulary(min_df=2)
    X = weigh(count(DOCUMENTS, DEFAULT_FIELDS), chosen).toarray()
    v = len(chosen.bucket)
    model = LinearModel(
        DEFAULT_FIELDS,
        bucket=chosen.bucket,
        field_start=chosen.field_start,
        idf=chosen.idf,
        slot=np.arange(v, dtype=np.int32),
        table=np.zeros((v, 1), np.int8),
        scale=np.ones(1, np.float32),
        bias=np.zeros(1, np.float32),
    )
    for row, document in zip(X, DOCUMENTS, strict=True):
        reading = model.read(document)
        dense = np.zeros(v + 1)
        dense[reading.rows] = reading.values
        assert dense[:v] == pytest.approx(row, abs=1e-6)


def test_only_ngrams_of_enough_requests_have_a_row() -> None:
    chosen = vocabulary(min_df=2)
    lamp, smoke = (
        buckets(Document("", word), DEFAULT_FIELDS)[1][1][0] for word in ("路灯", "油烟")
    )
    text_rows = chosen.bucket[chosen.field_start[1] :].tolist()
    assert lamp in text_rows  # in two requests
    assert smoke not in text_rows  # twice in one request


def test_the_inverse_document_frequency_by_hand() -> None:
    chosen = vocabulary()
    lamp = buckets(Document("", "路灯"), DEFAULT_FIELDS)[1][1][0]
    row = chosen.field_start[1] + chosen.bucket[chosen.field_start[1] :].tolist().index(lamp)
    # two of five requests hold it: ln(6 / 3) + 1
    assert chosen.idf[row] == pytest.approx(np.log(2) + 1)


def test_buckets_are_sorted_within_a_field() -> None:
    chosen = vocabulary()
    for start, end in zip(chosen.field_start[:-1], chosen.field_start[1:], strict=True):
        assert (np.diff(chosen.bucket[start:end]) > 0).all()


def test_a_small_table_keeps_the_most_frequent_ngrams() -> None:
    frequent = vocabulary(min_df=2)
    small = vocabulary(max_rows=len(frequent.bucket))
    assert 0 < len(small.bucket) < len(vocabulary().bucket)
    assert small.bucket.tolist() == frequent.bucket.tolist()


def test_an_empty_field_has_an_empty_row() -> None:
    chosen = vocabulary()
    X = weigh(count(DOCUMENTS, DEFAULT_FIELDS), chosen)
    border = chosen.field_start[1]
    assert X[1, :border].nnz == 0
    assert X[4, border:].nnz == 0
    assert np.square(X[0, border:].toarray()).sum() == pytest.approx(1.0)
