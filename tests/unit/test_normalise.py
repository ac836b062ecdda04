"""Normalised texts, and the way back to the original."""

from __future__ import annotations

import pytest

from triage.text.normalise import Normalised, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("路灯不亮", "路灯不亮"),
        ("電話１３８，請回電", "电话138,请回电"),
        ("ＡＢｃ　（二）", "ABc (二)"),
        ("乾淨的乾坤", "干净的乾坤"),  # OpenCC knows the phrase
        ("面積25㎡", "面积25m2"),
        ("ﾊﾞｽ", "バス"),
        ("cafe\u0301", "café"),
        ("不合理！！！！太吵。。。", "不合理!太吵。"),
        ("尾号138****5678", "尾号138****5678"),
        ("https://a.cn/b", "https://a.cn/b"),
        ("好\u200b的\ufeff\x00呀", "好的呀"),
        ("一\t二\r\n三\r四", "一 二\n三\n四"),
        ("坏\ud800的", "坏\ufffd的"),
        ("😀😀", "😀😀"),
    ],
)
def test_texts_are_normalised(text: str, expected: str) -> None:
    assert normalise(text).text == expected


def test_offsets_are_none_when_every_character_keeps_its_place() -> None:
    assert normalise("電話１３８，請回電").offsets is None


def test_a_span_leads_back_to_the_characters_that_made_it() -> None:
    text = "太吵！！！面積25㎡，\u200b求助"
    normalised = normalise(text)
    # 太吵!面积25m2,求助
    assert normalised.text == "太吵!面积25m2,求助"
    assert normalised.offsets is not None
    assert normalised.offsets.tolist() == [0, 1, 2, 5, 6, 7, 8, 9, 9, 10, 12, 13, 14]
    assert normalised.original_span(2, 3) == (2, 5)  # one mark for three
    assert normalised.original_span(7, 8) == (9, 10)  # m came from ㎡
    assert normalised.original_span(8, 9) == (9, 10)  # and so did 2
    assert text[slice(*normalised.original_span(10, 12))] == "求助"
    assert normalised.original_span(4, 4) == (6, 6)


@pytest.mark.parametrize("span", [(-1, 0), (0, 3), (2, 1)])
def test_a_span_outside_the_text_is_a_mistake(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="outside a text of 2"):
        Normalised("路灯").original_span(*span)


def test_a_long_traditional_text_is_simplified() -> None:
    assert normalise("電話打不通" * 2000).text == "电话打不通" * 2000
