"""Place, time, object and demand of a whole request, and what is missing."""

import json
from pathlib import Path

import pytest

from triage.catalogue import Catalogue
from triage.request import Elements
from triage.text.elements import WANTED, ElementExtractor, ElementSpan

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def extractor() -> ElementExtractor:
    return ElementExtractor(Catalogue.load().place_names())


def test_a_call_note_gives_all_four(extractor: ElementExtractor) -> None:
    text = "渝北区龙溪街道红锦大道昨天晚上十点路灯不亮，市民希望尽快维修。"
    found = extractor.extract(text)
    assert found.elements == Elements(
        place="渝北区龙溪街道红锦大道",
        time="昨天晚上十点",
        object="路灯",
        demand="希望尽快维修",
        missing=(),
    )
    assert found.spans == (
        ElementSpan("place.district", 0, 3),
        ElementSpan("place", 0, 11),
        ElementSpan("place.township", 3, 7),
        ElementSpan("place.road", 7, 11),
        ElementSpan("time", 11, 17),
        ElementSpan("object", 17, 19),
        ElementSpan("demand", 24, 30),
    )


def test_a_transcript_without_punctuation_gives_what_it_says(extractor: ElementExtractor) -> None:
    text = "喂你好我们杨家坪这边那个电梯坏了三个月了你们快喊人来修嘛"
    elements = extractor.extract(text).elements
    assert elements.place == "杨家坪这边"
    assert elements.time == "三个月了"
    assert elements.object == "电梯"
    assert elements.demand == "你们快喊人来修嘛"


def test_missing_names_what_was_not_found_in_order(extractor: ElementExtractor) -> None:
    assert extractor.extract("路灯坏了").elements.missing == ("place", "time", "demand")
    assert extractor.extract("").elements.missing == WANTED


def test_the_place_with_a_district_is_preferred(extractor: ElementExtractor) -> None:
    text = "观音塘那边先不说，主要是璧山青杠这边路灯坏了"
    assert extractor.extract(text).elements.place == "璧山青杠这边"


def test_placeholders_are_not_taken_for_objects(extractor: ElementExtractor) -> None:
    assert extractor.extract("请回电<手机号1>").elements.object is None


@pytest.mark.parametrize(
    "text", ["😀😀", "\ud800\udfff", "\x00\x00", "<b>hi</b>", "110 119", "？！"]
)
def test_junk_has_no_elements(extractor: ElementExtractor, text: str) -> None:
    assert extractor.extract(text).spans == ()


@pytest.mark.parametrize("name", ["elements_dev.jsonl", "elements_objects.jsonl"])
def test_labelled_spans_lie_inside_their_texts(name: str) -> None:
    for line in (DATA / name).read_text("utf-8").splitlines():
        row = json.loads(line)
        assert all(0 <= e["start"] < e["end"] <= len(row["text"]) for e in row["elements"]), row[
            "id"
        ]
