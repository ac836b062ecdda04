"""Cutting texts into clauses, and the scores that clauses add."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.model.features import Document
from triage.model.model import Model
from triage.text.clauses import MOST, clause_starts, cue_kinds, opens_another


def test_clauses_begin_after_marks_and_short_ones_are_joined() -> None:
    #       0           6 7             14 15
    text = "楼上一直漏水，谢谢，门口路灯不亮了"
    # 谢谢 is shorter than six characters, so no clause begins at 门口 three characters after it
    assert clause_starts(text) == [0, 7]


def test_a_title_is_cut_at_joining_words_too() -> None:
    assert clause_starts("占道经营和油烟扰民", is_title=True) == [0, 4]
    assert clause_starts("占道经营和油烟扰民") == [0]


def test_an_empty_text_is_one_clause() -> None:
    assert clause_starts("") == [0]


def test_a_text_of_many_clauses_is_cut_into_few() -> None:
    starts = clause_starts("楼上一直在漏水，" * 5000)
    assert len(starts) <= MOST
    assert starts == sorted(set(starts))


@pytest.mark.parametrize("clause", ["另外路灯不亮", "那个还有就是路灯", "2、路灯不亮", "二是路灯"])
def test_a_cue_opens_another_matter(clause: str) -> None:
    assert opens_another(clause, 0)


def test_a_year_or_an_amount_opens_nothing() -> None:
    assert not opens_another("2.5元一度电太贵了", 0)


def test_cues_are_told_apart_by_kind() -> None:
    assert cue_kinds("反映两个问题") == (True, False, False, False, False)
    assert cue_kinds("占道等问题") == (False, True, False, False, False)
    assert cue_kinds("另外路灯不亮") == (False, False, True, False, False)


def test_clauses_of_both_fields_sum_to_the_scores_of_the_document(tiny_model: Path) -> None:
    model = Model.load(tiny_model)
    document = Document("油烟和路灯", "楼下油烟很大，呛人得很。门口的路灯一直不亮，")
    reading = model.read(document)
    starts = [clause_starts(document.title, is_title=True), clause_starts(document.text)]
    topics = [4, 5]
    clauses, bias = model.read_clauses(document, reading, starts, topics)
    whole = sum(part.added.sum(axis=0) for part in clauses) + bias
    scores = model.scores([reading])[0, model.heads["topic"].columns][topics]
    np.testing.assert_allclose(whole, scores, atol=1e-5)


def test_a_window_of_everything_has_the_score_of_its_field(tiny_model: Path) -> None:
    model = Model.load(tiny_model)
    document = Document("", "楼下油烟很大，呛人得很。门口的路灯一直不亮，")
    reading = model.read(document)
    clauses, _ = model.read_clauses(document, reading, [[0], clause_starts(document.text)], [4, 5])
    first, last, scores = clauses[1].windows()
    whole = (first == 0) & (last == len(clauses[1].starts))
    # the field's vector has unit length already
    np.testing.assert_allclose(scores[whole][0], clauses[1].added.sum(axis=0), atol=1e-5)
