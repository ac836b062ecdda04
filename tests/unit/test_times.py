"""What says when a matter happened, and what only looks like it."""

import pytest

from triage.text.times import find_times


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in find_times(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("路灯昨天晚上十点坏的", ["昨天晚上十点"]),
        ("水管从去年十月份开始漏", ["从去年十月份开始"]),
        ("井盖响三个月了没人修", ["三个月了"]),
        ("垃圾已两个多月没人收", ["已两个多月"]),
        ("每天早上五六点就开始放音乐", ["每天早上五六点"]),
        ("6月21日凌晨塌的", ["6月21日凌晨"]),
        ("2023年5月停的工", ["2023年5月"]),
        ("工地每晚22时后倒混凝土", ["每晚22时后"]),
        ("堵了四十分钟一步都动不得", ["四十分钟"]),
        ("上个礼拜天下雨把墙冲垮了", ["上个礼拜天"]),
        ("店里上周关的门，今早又来催", ["上周", "今早"]),
        ("今年三至六月落石十几次", ["今年三至六月"]),
    ],
)
def test_neighbouring_expressions_of_time_are_one_span(text: str, expected: list[str]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "合同写的两年期限",
        "一个月一千二的租金",
        "请便宜一点",
        "一年级的娃儿",
        "大众点评上写的",
        "这个那个第二个",
        "",
    ],
)
def test_durations_that_are_terms_or_prices_say_nothing(text: str) -> None:
    assert said(text) == []


def test_vague_words_count_only_where_nothing_better_stands() -> None:
    assert said("现在水都是黄的") == ["现在"]
    assert said("昨天停的水，现在水都是黄的") == ["昨天"]


def test_vague_words_at_the_end_of_a_text_are_left_out() -> None:
    assert said("楼上住户搞装修敲得人心慌意乱的，找了物业也找了社区，天天") == []


def test_time_inside_the_demand_is_not_when_it_happened() -> None:
    text = "井盖响，希望今天修好"
    assert find_times(text, (4, len(text))) == []
    assert said(text) == ["今天"]
