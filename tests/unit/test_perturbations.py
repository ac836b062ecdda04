"""Edits of a text: seeded, of the asked amount, and blind to placeholders of masked data."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.perturbations.editing import Edit, draw, han_positions
from evaluation.perturbations.telling import sentences, shuffled, told_again, with_chatter
from evaluation.perturbations.wording import (
    dialect,
    dialect_words,
    in_dialect,
    in_traditional,
    unpunctuated,
)

TEXT = "楼下烧烤店油烟很大，晚上没有停。请联系<手机号1>，收费2.5元！"


def run(edit: Edit, text: str = TEXT, seed: int = 1) -> str:
    return edit(text, np.random.default_rng(seed))


def test_placeholders_are_never_touched() -> None:
    assert han_positions("我<手机号1>你<姓名>").tolist() == [0, 7]


def test_the_share_that_is_drawn_is_the_asked_one() -> None:
    rng = np.random.default_rng(1)
    assert len(draw(np.arange(100), 0.05, rng)) == 5
    # a fifth of one position: drawn about every fifth time
    assert sum(len(draw(np.arange(4), 0.05, rng)) for _ in range(1000)) == pytest.approx(
        200, abs=40
    )


def test_dialect_says_the_longest_word_it_knows() -> None:
    assert run(in_dialect, "什么时候没有水，小孩怎么办") == "好久莫得水，小娃儿咋个办"


def test_dialect_never_says_a_word_in_its_own_words() -> None:
    assert all(said != word for word, said in dialect().items())
    assert not [word for word in dialect() if len(word) > 4]


def test_words_of_the_dialect_are_counted() -> None:
    assert dialect_words("啥子都莫得，咋个办") == 3
    assert dialect_words("什么都没有") == 0


def test_traditional_leaves_placeholders_and_length() -> None:
    written = run(in_traditional)
    assert written.startswith("樓下燒烤店油煙很大")
    assert "<手机号1>" in written
    assert len(written) == len(TEXT)


def test_a_decimal_point_is_no_punctuation() -> None:
    assert run(unpunctuated) == "楼下烧烤店油烟很大晚上没有停请联系<手机号1>收费2.5元"


def test_chatter_makes_a_text_three_times_as_long_and_keeps_every_sentence() -> None:
    told = run(with_chatter)
    assert 3 * len(TEXT) <= len(told) < 4 * len(TEXT)
    assert all(part in told for part in sentences(TEXT))


def test_what_is_told_again_stands_there_three_times() -> None:
    assert run(told_again).count(TEXT) == 3


def test_sentences_are_shuffled_whole_and_clauses_where_there_is_one_sentence() -> None:
    assert sorted(sentences(run(shuffled, seed=3))) == sorted(sentences(TEXT))
    assert sentences("油烟大，没人管，找谁") == ["油烟大，", "没人管，", "找谁"]


def test_an_empty_text_stays_empty() -> None:
    assert [run(edit, "") for edit in (in_dialect, in_traditional, unpunctuated, shuffled)] == [
        "", "", "", "",
    ]  # fmt: skip
