"""The clause that says what is wanted."""

from collections.abc import Callable

import pytest

from triage.text.demand import find_demand
from triage.text.element_words import ElementWords, load_cues

Read = Callable[[str], str | None]


@pytest.fixture(scope="module")
def read() -> Read:
    words = ElementWords({}, {}, load_cues())

    def read_demand(text: str) -> str | None:
        span = find_demand(text, words.scan(text).cues)
        return text[span[0] : span[1]] if span else None

    return read_demand


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("路灯不亮，希望尽快维修。", "希望尽快维修"),
        ("充值后关门，要求退款，谢谢。", "要求退款"),
        ("电梯关人，要求停用检修并公示结果。", "要求停用检修并公示结果"),
        ("想问一下，低保要怎么申请嘛", "想问一下，低保要怎么申请嘛"),
        ("水都漫到屋头了，你们快派人来抽水", "你们快派人来抽水"),
        ("这个坡坡，能不能修个护栏", "能不能修个护栏"),
        ("市民建议增设红绿灯。", "建议增设红绿灯"),
        ("咨询公租房续签需要哪些材料、多久办好。", "咨询公租房续签需要哪些材料、多久办好"),
        ("井盖没得了，麻烦来个人看下", "麻烦来个人看下"),
    ],
)
def test_the_asking_clause_is_taken_whole(read: Read, text: str, demand: str) -> None:
    assert read(text) == demand


@pytest.mark.parametrize(
    "text",
    ["物业要求我们先交钱", "被要求补缴", "已申请三次", "你们网上发的公告", "路灯坏了", ""],
)
def test_what_others_ask_is_no_demand(read: Read, text: str) -> None:
    assert read(text) is None


def test_an_explicit_demand_outweighs_a_question_on_the_way(read: Read) -> None:
    assert read("我问他啷个办他不说，要求处理。") == "要求处理"


def test_a_second_order_is_taken_with_the_first(read: Read) -> None:
    text = "盖子又遭撬走了，你们赶紧换成防盗的，顺便查一下是哪个"
    assert read(text) == "你们赶紧换成防盗的，顺便查一下是哪个"


def test_a_run_of_words_without_punctuation_is_cut(read: Read) -> None:
    text = (
        "喂你好我们这边那个路灯坏了好久了黑黢黢的能不能喊人来修一下嘛我老汉昨天都绊倒了腰杆痛得很"
    )
    assert read(text) == "能不能喊人来修一下嘛"
