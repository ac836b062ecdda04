from __future__ import annotations

import numpy as np

from triage.explain.wording import LONGEST, Wordings
from triage.text.element_words import ElementWords

WORDS = ElementWords({}, {"燃气公司": 1.0, "狼狗": 1.0}, {})


def cut(text: str, heavy: str, *, least: float = 0.5) -> list[str]:
    """Cut with weight 1 on the characters of `heavy`, where they stand together."""
    weights = np.zeros(len(text), np.float32)
    start = text.index(heavy)
    weights[start : start + len(heavy)] = 1
    return [text[a:b] for a, b in Wordings(text, WORDS).cut(weights, least)]


def test_a_word_is_never_cut_through() -> None:
    assert cut("找过燃气公司两次", "燃气公") == ["燃气公司"]


def test_loose_characters_at_the_ends_are_left_off() -> None:
    assert cut("地下车库的事情", "车库的") == ["车库"]


def test_a_single_character_takes_its_word() -> None:
    assert cut("有两条狼狗没牵", "狗") == ["狼狗"]


def test_a_single_character_without_a_word_takes_its_heavier_neighbour() -> None:
    text = "又闷又热天"
    weights = np.array([0, 0, 0, 1, 0.4], np.float32)
    assert Wordings(text, WORDS).cut(weights, 0.5) == [(3, 5)]


def test_a_wording_ends_at_punctuation_and_at_personal_data() -> None:
    assert cut("停水，停电", "停水，停电") == ["停水", "停电"]
    assert cut("停水<手机号1>停电", "停水<手机号1>停电") == ["停水", "停电"]


def test_a_long_run_is_looked_at_again_with_a_higher_bar() -> None:
    text = "甲乙丙丁戊己庚辛壬癸子丑"
    weights = np.linspace(1, 2, len(text)).astype(np.float32)
    found = Wordings(text, WORDS).cut(weights, 0.5)
    assert found
    assert all(2 <= end - start <= LONGEST for start, end in found)
    assert max(end for _, end in found) == len(text)


def test_no_text_has_no_wording() -> None:
    assert Wordings("", WORDS).cut(np.zeros(0, np.float32), 0.5) == []
