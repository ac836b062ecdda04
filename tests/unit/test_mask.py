"""Masked texts: placeholders, the vault, second masking, odd characters."""

from __future__ import annotations

import pytest

from triage.text.mask import MaskSpan, mask, mask_all, unmask
from triage.text.pii import PiiType


def test_a_clean_text_comes_back_as_it_is() -> None:
    masked = mask("小区门口的路灯不亮，请尽快维修。")
    assert masked.text == "小区门口的路灯不亮，请尽快维修。"
    assert masked.spans == ()
    assert masked.vault == {}


def test_spans_are_offsets_of_the_original_text() -> None:
    masked = mask("我叫秦海燕，手机１３５００１１２２３３")
    assert masked.text == "我叫<姓名1>，手机<手机号1>"
    assert masked.spans == (
        MaskSpan(2, 5, PiiType.NAME, "<姓名1>"),
        MaskSpan(8, 19, PiiType.PHONE, "<手机号1>"),
    )


def test_every_type_has_its_placeholder() -> None:
    text = (
        "我叫秦海燕，手机13500112233，座机023-62334455，身份证500112199003074552，"
        "卡号4392250012345673，邮箱qhy@126.com，微信号qhy_2020，QQ：93120455，车牌渝B3N57K，"
        "护照E61234567，住5栋2单元11-4"
    )
    assert mask(text).text == (
        "我叫<姓名1>，手机<手机号1>，座机<座机1>，身份证<身份证1>，"
        "卡号<银行卡1>，邮箱<邮箱1>，微信号<微信1>，QQ：<QQ1>，车牌<车牌1>，"
        "护照<护照1>，住5栋<门牌1>"
    )


def test_the_same_number_written_differently_gets_the_same_placeholder() -> None:
    text = "打135 0011 2233或幺三五零零幺幺二二三三，就是+86 13500112233"
    masked = mask(text)
    assert masked.text == "打<手机号1>或<手机号1>，就是<手机号1>"
    assert masked.vault == {
        "<手机号1>": ("135 0011 2233", "幺三五零零幺幺二二三三", "+86 13500112233")
    }
    assert unmask(masked.text, masked.vault) == text


def test_different_numbers_are_counted() -> None:
    assert mask("13500112233、13500112244").text == "<手机号1>、<手机号2>"


def test_an_excerpt_is_unmasked_with_the_first_way_of_writing() -> None:
    vault = {"<手机号1>": ("135 0011 2233", "13500112233")}
    assert unmask("<手机号1><手机号1><手机号1>", vault) == ("135 0011 223313500112233135 0011 2233")


def test_placeholders_in_the_text_are_left_alone_and_their_numbers_not_reused() -> None:
    text = "我叫<姓名3>，电话<手机号>，另一个13500112233"
    masked = mask(text)
    assert masked.text == "我叫<姓名3>，电话<手机号>，另一个<手机号1>"
    assert mask("<手机号2>和13500112233").text == "<手机号2>和<手机号3>"
    assert unmask(masked.text, masked.vault) == text


def test_masking_twice_changes_nothing() -> None:
    once = mask("联系人：秦海燕、谭勇，住5栋2单元，502室，电话13500112233，62334455").text
    assert mask(once).text == once


def test_a_full_name_is_masked_wherever_it_stands() -> None:
    assert mask("我叫秦海燕。昨天秦海燕去过").text == "我叫<姓名1>。昨天<姓名1>去过"


def test_the_vault_does_not_show_in_the_repr() -> None:
    assert "13500112233" not in repr(mask("电话13500112233").vault.keys())
    assert "13500112233" not in repr(mask("电话13500112233"))


@pytest.mark.parametrize("text", ["", "1", "\x00", "\ud800", "\udc00\ud800", "😀", "<", "a@", "　"])
def test_odd_texts_pass_through(text: str) -> None:
    assert mask(text).text == text


def test_numbers_are_found_beside_odd_characters() -> None:
    assert mask("\ud83d13500112233\x00").text == "\ud83d<手机号1>\x00"
    assert mask("😀\ud800电话𝟏𝟑𝟓𝟎𝟎𝟏𝟏𝟐𝟐𝟑𝟑").text == "😀\ud800电话<手机号1>"
    assert mask("电话1️⃣3️⃣5️⃣00112233").text == "电话<手机号1>"
    assert mask("電話135\u200b0011\u200b2233").text == "電話<手机号1>"


def test_texts_masked_together_are_masked_as_each_alone() -> None:
    texts = [
        "我叫",  # what a text begins, the next one does not end
        "秦海燕，手机13500112233",
        "",
        "姓王\ud83d",  # half a pair of surrogates, and the other half
        "\ude00电话𝟏𝟑𝟓𝟎𝟎𝟏𝟏𝟐𝟐𝟑𝟑，王师傅，<姓名1>",
        "1350011",
        "2233",
        "联系人张伟、李娜，渝B3N57K，住5栋2单元11-4",
    ]
    assert mask_all(texts) == [mask(text) for text in texts]
    assert mask_all([]) == []
