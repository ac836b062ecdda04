from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from triage.same_event.candidates import Pool
from triage.same_event.decision import Decision, Scale, label_of
from triage.same_event.entry import Entry
from triage.same_event.judgement import Label
from triage.same_event.model import SameEventModel
from triage.same_event.pair_features import NAMES
from triage.same_event.pairing import all_pairs, nearest
from triage.same_event.static_encoder import StaticEncoder
from triage.same_event.statistics import Rarity
from triage.same_event.trees import Trees


def _stump(name: str, threshold: float) -> Trees:
    """Return one tree: log-odds 4 above the threshold of a feature, -4 below."""
    return Trees(
        np.array([[NAMES.index(name), 0, 0]], np.int16),
        np.array([[threshold, 0, 0]], np.float32),
        np.array([[1, 1, 2]], np.int16),
        np.array([[2, 1, 2]], np.int16),
        np.array([[0, -4, 4]], np.float32),
        np.zeros((1, 3), np.bool_),
        0.0,
        1,
    )


@pytest.fixture(scope="module")
def model() -> SameEventModel:
    decision = Decision(
        _stump("cosine_whole_12", 0.5), _stump("cosine_whole_12", 0.1), Scale(), Scale(), 0.9
    )
    encoder = StaticEncoder.untrained(dimensions=64)
    return SameEventModel("hand-1", encoder, Rarity.uniform(), decision, None)


def _entries() -> list[Entry]:
    return [
        Entry("a", "青禾苑门口积水", "青禾苑大门口积水三天了"),
        Entry("b", "青禾苑大门口积水", "青禾苑门口积水三天了"),
        Entry("c", "社保卡补办", "请问社保卡丢了怎么补办"),
        Entry("d", "社保卡补办", "请问社保卡丢了怎么补办"),
    ]


def test_a_tree_sends_missing_values_where_it_was_taught_to() -> None:
    stump = _stump("days_apart", 10)
    rows = np.full((3, len(NAMES)), np.nan, np.float32)
    rows[:2, NAMES.index("days_apart")] = [10, 11]
    assert stump.sum(rows).tolist() == [-4, 4, 4]
    assert Trees.read(stump.tensors("x"), "x").sum(rows).tolist() == [-4, 4, 4]


def test_related_is_never_less_probable_than_one_event(model: SameEventModel) -> None:
    rows = np.random.default_rng(0).random((50, len(NAMES)), np.float32)
    found = model.decision.probabilities(rows)
    assert (found[:, 1] >= found[:, 0]).all()


def test_the_class_is_the_highest_with_even_odds() -> None:
    assert label_of(0.5, 0.9) is Label.SAME_EVENT
    assert label_of(0.49, 0.5) is Label.RELATED
    assert label_of(0.1, 0.49) is Label.UNRELATED


def test_each_pair_is_judged_once_in_the_order_of_the_input(model: SameEventModel) -> None:
    pairs = [(one.a.id, one.b.id) for one in all_pairs(model, _entries())]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    same = {
        (one.a.id, one.b.id)
        for one in all_pairs(model, _entries())
        if one.judgement.label is Label.SAME_EVENT
    }
    assert same == {("a", "b"), ("c", "d")}


@pytest.mark.slow
def test_a_thousand_copies_make_one_pair_each_and_cost_little(model: SameEventModel) -> None:
    entries = [Entry(f"n{place}", "路灯不亮", "文昌路路灯不亮") for place in range(1000)]
    started = time.process_time()
    pairs = list(all_pairs(model, entries))
    assert len(pairs) == 999
    assert {one.a.id for one in pairs} == {"n0"}
    assert time.process_time() - started < 20  # half a million judgements would take minutes


def test_texts_that_differ_in_numbers_only_are_told_apart_by_evidence(
    model: SameEventModel,
) -> None:
    (verdict,) = model.judge(
        Entry("1", "3号线何时开工", "3号线何时开工"),
        [Entry("2", "11号线何时开工", "11号线何时开工")],
    )
    assert [(one.kind, one.text) for one in verdict.contradictions] == [
        ("other_number", "一条是3号线，一条是11号线")
    ]


def test_evidence_points_at_the_words_that_both_have(model: SameEventModel) -> None:
    one, other = _entries()[:2]
    (verdict,) = model.judge(one, [other])
    phrases = [ground for ground in verdict.evidence if ground.kind == "shared_phrase"]
    assert phrases
    mine, theirs = f"{one.title}\n{one.detail}", f"{other.title}\n{other.detail}"
    for ground in phrases:
        assert ground.query is not None
        assert ground.candidate is not None
        assert mine[slice(*ground.query)] == theirs[slice(*ground.candidate)]


def test_a_repeat_of_one_requester_is_told_from_another_person(model: SameEventModel) -> None:
    query = Entry("1", "", "青禾苑门口积水", None, "甲")
    own, others = model.judge(
        query,
        [
            Entry("2", "", "青禾苑门口积水", None, "甲"),
            Entry("3", "", "青禾苑门口积水", None, "乙"),
        ],
    )
    assert "same_requester" in {ground.kind for ground in own.evidence}
    assert "other_requester" in {ground.kind for ground in others.evidence}


def test_a_request_is_not_similar_to_itself(model: SameEventModel) -> None:
    entries = _entries()
    pool = Pool([model.prepare(entry) for entry in entries])
    found = nearest(model, entries[0], pool, 2)
    assert next(entry.id for entry, _ in found) == "b"
    assert "a" not in {entry.id for entry, _ in found}
    probabilities = [verdict.probability for _, verdict in found]
    assert all(more >= less for more, less in pairwise(probabilities))


def test_an_empty_pool_has_nothing_similar(model: SameEventModel) -> None:
    assert nearest(model, _entries()[0], Pool([]), 10) == []
    assert model.judge(_entries()[0], []) == []
