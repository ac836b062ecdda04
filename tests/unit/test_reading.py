"""Reading a batch: every document is read as it would be by itself."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model import reading as module
from triage.model.features import DEFAULT_FIELDS, Document, buckets
from triage.model.reading import Reader, Reading

TITLES = ("路灯坏了", "", " ", "油烟油烟")
TEXTS = ("路灯坏了三天了", "", "楼下 油烟\n太大，油烟！", "😀 zzz", "很长" * 3_000, "灯")
DOCUMENTS = [Document(title, text) for title in TITLES for text in TEXTS]


def reader() -> Reader:
    """Return a reader that knows most n-grams of the documents above, but not all."""
    seen: list[set[int]] = [set(), set()]
    for document in DOCUMENTS[:12]:
        for known, orders in zip(seen, buckets(document, DEFAULT_FIELDS), strict=True):
            known.update(int(bucket) for part in orders for bucket in part if bucket % 5)
    kept = [sorted(known) for known in seen]
    bucket = np.array([*kept[0], *kept[1]], np.int32)
    return Reader(
        DEFAULT_FIELDS,
        bucket=bucket,
        field_start=np.array([0, len(kept[0]), len(bucket)], np.int32),
        idf=np.linspace(1, 3, len(bucket), dtype=np.float32),
    )


def plain(found: Reading) -> list[object]:
    """Return all that a reading says, as values that compare exactly."""
    return [
        found.rows.tolist(),
        found.values.tolist(),
        found.counts.tolist(),
        [[part.tolist() for part in field] for field in found.occurrences],
        [where.tolist() for where in found.places],
        (found.characters, found.titled),
    ]


def test_a_document_is_read_alike_alone_and_among_others() -> None:
    made = reader()
    together = made.read(DOCUMENTS)
    assert len(together) == len(DOCUMENTS)
    for document, found in zip(DOCUMENTS, together, strict=True):
        assert plain(found) == plain(made.read([document])[0])


def test_a_large_batch_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = reader()
    whole = [plain(found) for found in made.read(DOCUMENTS)]
    monkeypatch.setattr(module, "AT_ONCE", 5)
    assert [plain(found) for found in made.read(DOCUMENTS)] == whole


def test_no_documents_have_no_readings() -> None:
    assert reader().read([]) == []


def test_what_has_no_row_is_counted_in_the_last_row_and_weighs_nothing() -> None:
    made = reader()
    found = made.read([Document("", "龘龘"), Document("龘", "路灯")])
    assert (found[0].rows.tolist(), found[0].counts.tolist()) == ([made.nothing], [3])
    assert found[0].values.tolist() == [0.0]
    assert found[1].rows[-1] == made.nothing
    assert found[1].values[-1] == 0


def test_places_leave_spaces_out_and_fit_a_text_that_was_cut() -> None:
    spaced, long = reader().read([Document("路 灯", "灯"), Document("", "长" * 5_000)])
    assert spaced.places[0].tolist() == [0, 2]
    assert long.places[1].tolist() == [*range(3_000), *range(4_000, 5_000)]
