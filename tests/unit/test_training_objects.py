"""Fitting the weights by which objects are ranked: telling words gain, blocked ones stay so."""

import pytest

pytest.importorskip("sklearn")

from training.element_objects import Example, Request, fit, key_of, overlap
from training.element_thresholds import model_of
from triage.text.element_words import BLOCKED, ElementWords
from triage.text.object_model import Candidate
from triage.text.objects import candidates, find_objects

pytestmark = pytest.mark.train

WORDS = {"路灯": "hand", "电梯": "hand", "时候": "jieba", "师傅": "hand", "市民": "blocked"}
TEXTS = [
    ("师傅说路灯坏了", "路灯"),
    ("路灯不亮，师傅没来", "路灯"),
    ("师傅来了电梯还是停的", "电梯"),
    ("电梯响，那个师傅不管", "电梯"),
]


def examples() -> list[Example]:
    scanner = ElementWords({}, dict.fromkeys(WORDS, 0.0) | {"市民": BLOCKED}, {})
    made = []
    for text, object_ in TEXTS * 3:
        found = candidates(text, scanner.scan(text).objects, [], None)
        start = text.index(object_)
        made.append(Example(text, tuple(found), ((start, start + len(object_)),)))
    return made


REQUESTS = [
    Request("路灯不亮", "师傅说路灯坏了", "A", spoken=True),
    Request("电梯停运", "电梯停了师傅没来", "B", spoken=False),
]


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 4), (2, 6)) == pytest.approx(2 / 6)


def test_words_that_are_objects_outweigh_those_that_are_not() -> None:
    fitted = fit(examples(), REQUESTS, WORDS)
    assert fitted.words["路灯"] > fitted.words["师傅"]
    assert fitted.words["电梯"] > fitted.words["师傅"]
    assert fitted.words["市民"] == BLOCKED


def test_fitted_weights_find_the_object_of_a_new_text() -> None:
    fitted = fit(examples(), REQUESTS, WORDS)
    text = "有个师傅在修电梯"
    scanner = ElementWords({}, fitted.words, {})
    found = candidates(text, scanner.scan(text).objects, [], None)
    assert find_objects(model_of(fitted, floor=-5, second=9), text, found)[0] == (6, 8)


def test_the_same_examples_give_the_same_weights() -> None:
    assert fit(examples(), REQUESTS, WORDS) == fit(examples(), REQUESTS, WORDS)


def test_a_candidate_carries_the_weight_of_its_head_or_its_suffix() -> None:
    text = "地下车位费"
    pair = Candidate(0, 4, 2, False, 0.0, "", "费", "费", 0)
    opened = Candidate(2, 5, 2, True, 0.0, "下", "", "", 0)
    assert key_of(pair, text) == "车位"
    assert key_of(opened, text) == "费"
