from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from triage.catalogue import Catalogue
from triage.same_event.decision import Decision, Scale
from triage.same_event.entry import Entry
from triage.same_event.model import SameEventModel
from triage.same_event.packed import Reading
from triage.same_event.pair_features import NAMES, pair_features
from triage.same_event.second import SECOND_NAMES, SecondEncoder
from triage.same_event.static_encoder import StaticEncoder
from triage.same_event.statistics import Rarity, quantised
from triage.same_event.trees import Trees
from triage.text.elements import ElementExtractor

MOMENT = datetime(2026, 3, 1, 8, tzinfo=UTC)
ENTRIES = [
    Entry("1", "青禾苑3号楼水管爆裂", "松石北路青禾苑三号楼的水管爆裂，水漫到马路上。",
          MOMENT, "甲", "渝北区", "T1"),
    Entry("2", "青禾苑5号楼水管爆裂", "松石北路青禾苑五号楼水管爆了，马路上全是水。",
          None, "乙", "渝北区", "T1"),
    Entry("3", "", "轨道三号线鱼洞站出入口积水，老人过不去，road closed"),
    Entry("4", "   ", " 标题只有空白 "),
    Entry("5", "只有标题", ""),
    Entry("6", "", ""),
    Entry("7", "社保卡补办", "请问社保卡丢了怎么补办？" * 60),
    Entry("8", "表情😀", "😀水管爆裂😀，二十八中门口"),
]  # fmt: skip


def _stumps(seed: int, n: int) -> Trees:
    """Return a tree for each of n features, so that no number goes unheard."""
    rng = np.random.default_rng(seed)
    left, right = (np.tile(np.array([[one, 1, 2]], np.int16), (n, 1)) for one in (1, 2))
    feature = np.zeros((n, 3), np.int16)
    feature[:, 0] = np.arange(n)
    threshold, value = np.zeros((n, 3), np.float32), rng.normal(size=(n, 3)).astype(np.float32)
    threshold[:, 0] = rng.random(n)
    return Trees(feature, threshold, left, right, value, np.zeros((n, 3), np.bool_), 0.0, 1)


@pytest.fixture(scope="module", params=[False, True], ids=["one encoder", "two encoders"])
def model(request: pytest.FixtureRequest) -> SameEventModel:
    second = SecondEncoder(StaticEncoder.untrained(dimensions=32, seed=5))
    n = len(NAMES) + (len(SECOND_NAMES) if request.param else 0)
    rarity = Rarity(quantised(np.arange(1 << 12) * 7919 % 3_000, 3_000))
    extractor = ElementExtractor(Catalogue.load().place_names())
    decision = Decision(_stumps(1, n), _stumps(2, n), Scale(), Scale(), 0.9)
    return SameEventModel(
        "hand-1",
        StaticEncoder.untrained(dimensions=64),
        rarity,
        decision,
        extractor,
        second if request.param else None,
    )


def test_what_is_read_of_a_record_compares_as_what_is_prepared(model: SameEventModel) -> None:
    packed = [model.pack(entry) for entry in ENTRIES]
    assert all(packed)
    read = Reading(ENTRIES, packed, model.rarity)
    prepared = [model.prepare(entry) for entry in ENTRIES]
    assert read.places == list(range(len(ENTRIES)))
    assert [one.mentions for one in read.bare()] == [one.mentions for one in prepared]
    assert any(one.mentions.places for one in prepared)
    for query in prepared:
        found = pair_features(query, read.bare(), read.stack)
        assert np.array_equal(found, pair_features(query, prepared), equal_nan=True)


@pytest.mark.parametrize("most", [3, 100])
def test_the_best_are_those_of_the_judge_grounds_included(model: SameEventModel, most: int) -> None:
    packed = [model.pack(entry) if entry.id != "2" else None for entry in ENTRIES]
    for entry in ENTRIES:
        judged = model.judge(entry, ENTRIES)
        wanted = sorted(enumerate(judged), key=lambda one: -one[1].probability)[:most]
        assert model.best(model.prepare_once(entry), ENTRIES, packed, most) == wanted


def test_a_record_of_other_words_is_not_read(model: SameEventModel) -> None:
    old = ENTRIES[0]
    new = replace(old, detail=old.detail.replace("爆裂", "修好"))
    read = Reading([new, old], [model.pack(old)] * 2, model.rarity)
    assert read.places == [1]


def test_no_candidates_and_no_records_are_no_error(model: SameEventModel) -> None:
    query = model.prepare_once(ENTRIES[0])
    assert model.best(query, [], [], 10) == []
    assert Reading(ENTRIES, [None, b""] * 4, model.rarity).bare() == []


def test_a_record_depends_on_title_and_detail_alone(model: SameEventModel) -> None:
    """What else an order has may change while its words stay: a record of it must still hold."""
    one = ENTRIES[0]
    blank = Entry("other", one.title, one.detail)
    assert {each.name for each in fields(Entry)} >= {"id", "title", "detail"}
    assert model.pack(one) == model.pack(blank)


def test_no_two_neighbouring_characters_of_a_text_are_in_its_record(model: SameEventModel) -> None:
    for entry in ENTRIES[:3]:
        record = model.pack(entry)
        for start in range(len(entry.detail) - 1):
            assert entry.detail[start : start + 2].encode() not in record or (
                entry.detail[start : start + 2].isascii()
            )


@pytest.mark.parametrize("detail", ["水" * 800, "水" * 64, "水管" * 100])
def test_a_text_that_does_not_fit_is_not_packed_and_still_judged(
    model: SameEventModel, detail: str
) -> None:
    entry = Entry("x", "", detail)
    assert model.pack(entry) == b""
    ((place, said),) = model.best(model.prepare_once(entry), [entry], [b""], 1)
    assert (place, said) == (0, model.judge(entry, [entry])[0])
