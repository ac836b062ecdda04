"""Folding is one to one: case, width and script go, every offset stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text.fold import ASTRAL, BMP, SPACE, code_points, fold, fold_table


def folded(text: str) -> str:
    return "".join(map(chr, fold(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABCxyz", "abcxyz"),
        ("ＡＢＣ１２３，。！", "abc123,。!"),
        ("電梯壞了", "电梯坏了"),
        ("①②", "12"),
        ("路灯", "路灯"),
    ],
)
def test_case_width_and_script_are_folded(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    "char", ["\t", "\n", "\x00", "\u3000", "\u200b", "\ufeff", "\u2028", "\x85"]
)
def test_controls_and_all_kinds_of_space_become_a_space(char: str) -> None:
    assert fold(char).tolist() == [SPACE]


def test_what_would_become_longer_stays() -> None:
    assert folded("ﬁ½") == "ﬁ½"


def test_characters_beyond_the_basic_plane_share_one_code() -> None:
    assert fold("😀𠮷").tolist() == [ASTRAL, ASTRAL]


def test_lone_surrogates_are_kept_not_refused() -> None:
    assert fold("a\ud800b").tolist() == [ord("a"), 0xD800, ord("b")]
    assert code_points("\udfff").tolist() == [0xDFFF]


def test_empty_text_folds_to_nothing() -> None:
    assert fold("").shape == (0,)
    assert fold("").dtype == np.uint16


def test_the_table_cannot_be_changed() -> None:
    table = fold_table()
    assert table.shape == (BMP,)
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_length_and_offsets_never_change(text: str) -> None:
    codes = fold(text)
    assert codes.shape == (len(text),)
    assert codes.tolist() == [int(fold(char)[0]) for char in text]
