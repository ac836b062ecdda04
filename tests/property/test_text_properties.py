"""Masking and normalisation on any text: nothing is lost, nothing is found twice."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text.mask import mask, unmask
from triage.text.normalise import normalise

pytestmark = pytest.mark.slow

PIECES = [
    "我叫", "张", "秦海燕", "先生", "姓", "联系人", "电话", "微信", "qq", "QQ", "护照",
    "身份证", "卡号", "13500112233", "幺三五", "零零幺幺", "二二三三", "135 0011 2233",
    "023-62334455", "6233", "4455", "500112199003074552", "110105491231002", "4392250012345673",
    "X", "a_b1", "qhy_2020", "@126.com", "渝B3N57K", "E61234567", "3栋", "2单元", "502", "室",
    "12-3", "滨江路8号", "<手机号1>", "<姓名2>", "<", ">", "手机号", "、", "，", "。", " ", "-",
    "+86", "(", ")", "\n", "的", "和", "一", "转", "1", "0", "·", "阿依古丽", "😀", "\ud800",
    "\x00", "１", "電話", "！", "…", "㎡", "\u0301", "\u200b",
]  # fmt: skip

texts = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)


@given(texts)
def test_the_vault_brings_back_exactly_what_was_written(text: str) -> None:
    masked = mask(text)
    assert unmask(masked.text, masked.vault) == text


@given(texts)
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    once = mask(text).text
    again = mask(once)
    assert again.text == once
    assert again.spans == ()


@given(texts)
def test_spans_are_in_order_apart_and_say_what_stands_in_the_masked_text(text: str) -> None:
    masked = mask(text)
    rebuilt, last = "", 0
    for span in masked.spans:
        assert last <= span.start < span.end <= len(text)
        assert text[span.start : span.end] in masked.vault[span.placeholder]
        rebuilt += text[last : span.start] + span.placeholder
        last = span.end
    assert rebuilt + text[last:] == masked.text


@given(texts)
def test_normalised_offsets_never_fall_and_cover_the_original(text: str) -> None:
    normalised = normalise(text)
    if normalised.offsets is None:
        assert len(normalised.text) == len(text)
        return
    offsets = normalised.offsets.tolist()
    assert len(offsets) == len(normalised.text) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)
    assert all(0 <= offset <= len(text) for offset in offsets)


@given(texts, st.data())
def test_the_original_of_a_span_normalises_to_what_the_span_holds(
    text: str, data: st.DataObject
) -> None:
    normalised = normalise(text)
    end = data.draw(st.integers(0, len(normalised.text)))
    start = data.draw(st.integers(0, end))
    first, last = normalised.original_span(start, end)
    assert 0 <= first <= last <= len(text)
    # Simplification and repeated marks look beyond a span, so only what it holds is compared.
    held = set(normalise(text[first:last]).text)
    assert {char for char in normalised.text[start:end] if char.isascii()} <= held


@given(texts)
def test_normalising_twice_changes_nothing_and_leaves_no_control_characters(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once
    assert unicodedata.is_normalized("NFKC", once)
    assert not {unicodedata.category(char) for char in once if char != "\n"} & {"Cc", "Cf", "Cs"}
