"""Scores equal a plain recomputation; what characters added sums to the score."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from triage.model.features import DEFAULT_FIELDS, Document, buckets
from triage.model.linear import LinearModel

TEXTS = (
    "小区停水三天没有人管，物业说等通知",
    "路灯坏了一个星期，晚上看不清路",
    "楼下烧烤店油烟太大，孩子咳嗽",
)
DOCUMENT = Document("路灯坏了", "滨江路路灯坏了，路灯坏了三天没有人管")
K = 5


def made(seed: int = 1) -> tuple[LinearModel, dict[str, np.ndarray]]:
    """A model with random weights for about half of the n-grams of TEXTS."""
    rng = np.random.default_rng(seed)
    kept: list[np.ndarray] = []
    for index in range(len(DEFAULT_FIELDS)):
        seen = np.unique(
            np.concatenate(
                [
                    part
                    for text in TEXTS
                    for part in buckets(Document(text, text), DEFAULT_FIELDS)[index]
                ]
            )
        )
        kept.append(seen[rng.random(len(seen)) < 0.5])
    v = sum(map(len, kept))
    tensors = {
        "bucket": np.concatenate(kept),
        "field_start": np.cumsum([0] + [len(part) for part in kept]).astype(np.int32),
        "idf": (1 + rng.random(v)).astype(np.float32),
        "slot": np.arange(v, dtype=np.int32),
        "table": rng.integers(-127, 128, (v, K)).astype(np.int8),
        "scale": (rng.random(K) / 50).astype(np.float32),
        "bias": rng.normal(size=K).astype(np.float32),
    }
    return LinearModel(DEFAULT_FIELDS, **tensors), tensors


def plain_scores(document: Document, tensors: dict[str, np.ndarray]) -> list[float]:
    """Sublinear tf times idf, unit length a field, times the weights: dictionaries and sums."""
    scores = [float(b) for b in tensors["bias"]]
    for index, grams in enumerate(buckets(document, DEFAULT_FIELDS)):
        start, end = tensors["field_start"][index : index + 2]
        row_of = {int(tensors["bucket"][row]): row for row in range(start, end)}
        count = Counter(row_of[b] for part in grams for b in part.tolist() if b in row_of)
        value = {row: (1 + math.log(n)) * float(tensors["idf"][row]) for row, n in count.items()}
        length = math.sqrt(sum(v * v for v in value.values()))
        for row, v in value.items():
            for k in range(K):
                weight = float(tensors["table"][row, k]) * float(tensors["scale"][k])
                scores[k] += v / length * weight
    return scores


@pytest.mark.parametrize(
    "document",
    [DOCUMENT, *(Document("", text) for text in TEXTS), Document("油烟油烟", "无关的话")],
)
def test_scores_equal_a_computation_in_plain_python(document: Document) -> None:
    model, tensors = made()
    scores = model.scores([model.read(document)])
    assert scores.shape == (1, K)
    assert scores[0].tolist() == pytest.approx(plain_scores(document, tensors), abs=1e-5)


def test_a_reading_has_unit_length_in_each_field_that_says_something() -> None:
    model, tensors = made()
    reading = model.read(DOCUMENT)
    border = tensors["field_start"][1]
    for part in (reading.rows < border, reading.rows >= border):
        assert float(np.square(reading.values[part]).sum()) == pytest.approx(1.0, abs=1e-6)
    assert (np.diff(reading.rows) > 0).all()


def test_a_document_is_scored_alike_alone_and_among_others() -> None:
    model, _ = made()
    readings = [model.read(Document("", text)) for text in TEXTS]
    together = model.scores(readings)
    for index, reading in enumerate(readings):
        assert model.scores([reading])[0].tolist() == together[index].tolist()


@pytest.mark.parametrize("document", [Document("", ""), Document(" ", "\n"), Document("😀", "zzz")])
def test_a_document_without_known_ngrams_scores_the_bias(document: Document) -> None:
    model, tensors = made()
    assert model.scores([model.read(document)])[0].tolist() == tensors["bias"].tolist()


def test_no_readings_give_no_scores() -> None:
    model, _ = made()
    assert model.scores([]).shape == (0, K)


@pytest.mark.parametrize("document", [DOCUMENT, Document("物业", "楼下 油烟\n太大 " * 30)])
def test_what_the_characters_added_sums_to_the_score_less_the_bias(document: Document) -> None:
    model, tensors = made()
    reading = model.read(document)
    scores = model.scores([reading])[0]
    for column in range(K):
        parts = [model.character_weights(document, reading, f, column) for f in ("title", "text")]
        assert [len(part) for part in parts] == [len(document.title), len(document.text)]
        total = sum(float(part.sum(dtype=np.float64)) for part in parts)
        assert total == pytest.approx(float(scores[column] - tensors["bias"][column]), abs=1e-3)


def test_spaces_add_nothing_and_equal_ngrams_add_alike() -> None:
    model, _ = made()
    document = Document("", "路灯 路灯")
    weights = model.character_weights(document, model.read(document), "text", 0)
    assert weights[2] == 0
    assert len(weights) == 5


def test_characters_of_an_unknown_or_empty_text_added_nothing() -> None:
    model, _ = made()
    for text in ("", "zzz"):
        document = Document("", text)
        weights = model.character_weights(document, model.read(document), "text", 0)
        assert weights.tolist() == [0.0] * len(text)


def test_a_very_long_text_is_scored_and_explained() -> None:
    model, tensors = made()
    document = Document("", TEXTS[0] * 6_000)
    assert len(document.text) > 100_000
    reading = model.read(document)
    scores = model.scores([reading])[0]
    assert np.isfinite(scores).all()
    weights = model.character_weights(document, reading, "text", 2)
    assert len(weights) == len(document.text)
    assert not weights[3_000:-1_000].any()  # the middle was not read
    assert float(weights.sum(dtype=np.float64)) == pytest.approx(
        float(scores[2] - tensors["bias"][2]), abs=1e-3
    )


def test_a_bucket_without_a_slot_weighs_nothing_but_counts_towards_the_length() -> None:
    _, tensors = made()
    half = len(tensors["idf"]) // 2
    short = {**tensors, "table": tensors["table"][:half]}
    short["slot"] = np.where(tensors["slot"] < half, tensors["slot"], -1).astype(np.int32)
    zeroed = {**tensors, "table": tensors["table"].copy()}
    zeroed["table"][half:] = 0
    pruned, full = LinearModel(DEFAULT_FIELDS, **short), LinearModel(DEFAULT_FIELDS, **zeroed)
    for text in TEXTS:
        document = Document(text, text)
        readings = pruned.read(document), full.read(document)
        assert pruned.scores(readings[:1]) == pytest.approx(full.scores(readings[1:]), abs=1e-6)
        assert pruned.character_weights(document, readings[0], "text", 1) == pytest.approx(
            full.character_weights(document, readings[1], "text", 1), abs=1e-6
        )
