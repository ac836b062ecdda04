"""Names, and what hangs on them, make one place; a place without a name is none."""

from collections.abc import Callable

import pytest

from triage.catalogue import Catalogue
from triage.text.element_words import ElementWords
from triage.text.places import find_places, place_words

Read = Callable[[str], tuple[list[str], list[tuple[str, str]]]]


@pytest.fixture(scope="module")
def read() -> Read:
    words = ElementWords(place_words(Catalogue.load().place_names()), {}, {})

    def read_places(text: str) -> tuple[list[str], list[tuple[str, str]]]:
        places, parts = find_places(text, words.scan(text).places)
        return (
            [text[start:end] for start, end in places],
            [(kind, text[start:end]) for start, end, kind in parts],
        )

    return read_places


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("渝中区解放碑街道民权路28号门口的井盖松了", "渝中区解放碑街道民权路28号门口"),
        ("我们住观音桥步行街，天天吵", "观音桥步行街"),
        ("江津德感某机械厂欠薪", "江津德感某机械厂"),
        ("就是鱼嘴这边一栋安置楼漏水", "鱼嘴这边一栋安置楼"),
        ("云阳我们双江那个码头全是垃圾", "云阳我们双江那个码头"),
        ("石柱临溪养鸭子的", "石柱临溪"),
        ("大坪医院停车场乱收费", "大坪医院停车场"),
        ("巴川街道某小区3栋电梯坏了", "巴川街道某小区3栋"),
    ],
)
def test_a_name_takes_along_what_hangs_on_it(read: Read, text: str, place: str) -> None:
    assert read(text)[0] == [place]


@pytest.mark.parametrize(
    "text", ["楼下太吵了", "坡脚堆了垃圾", "走路要小心", "这条路不好走", "文化生活丰富", ""]
)
def test_a_place_without_a_name_is_none(read: Read, text: str) -> None:
    assert read(text) == ([], [])


def test_parts_are_named_by_kind(read: Read) -> None:
    _, parts = read("万州区高笋塘街道白岩路某小区")
    assert parts == [("district", "万州区"), ("township", "高笋塘街道"), ("road", "白岩路")]


def test_short_form_that_is_a_common_word_needs_a_district_before_it(read: Read) -> None:
    assert read("希望公平处理")[0] == []
    assert read("綦江打通这边")[0] == ["綦江打通这边"]


def test_short_form_that_is_sometimes_a_word_needs_a_place_word_beside_it(read: Read) -> None:
    assert read("我在人和这边租房")[0] == ["人和这边"]
    assert read("单位人和事都变了")[0] == []


def test_township_and_site_in_one_name_are_one_site(read: Read) -> None:
    assert read("石桥铺轨道站的电梯")[1] == [("estate", "石桥铺轨道站")]
    assert read("鸡鸣乡卫生院拆了")[1] == [("township", "鸡鸣乡"), ("estate", "鸡鸣乡卫生院")]


def test_city_alone_is_a_place_only_when_nothing_closer_is_named(read: Read) -> None:
    assert read("重庆的公租房怎么申请")[0] == ["重庆"]
    assert read("重庆这么大，渝北有没有公租房")[0] == ["渝北"]
