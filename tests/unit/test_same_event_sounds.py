"""Names of one sound are one place; what sounds alike and is short is not."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from triage.same_event.entry import Entry
from triage.same_event.grounds import grounds
from triage.same_event.mentions import Mentions
from triage.same_event.one_place import one_place
from triage.same_event.pair_features import Prepared, assembled
from triage.same_event.profile import profile
from triage.same_event.sounds import sound_alike, sounded
from triage.same_event.static_encoder import StaticEncoder
from triage.same_event.statistics import Rarity

ENCODER = StaticEncoder.untrained(dimensions=16)
RARITY = Rarity.uniform()


def prepared(entry: Entry, *places: str) -> Prepared:
    named = Mentions(tuple(("estate", name) for name in places))
    return assembled(
        entry, profile(entry, RARITY), named, ENCODER.encode([entry.title, entry.text])
    )


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("佳禾苑", "家和苑", True),
        ("锦绣山庄", "景绣山庄", False),  # jin and jing: an accent, and two places
        ("杨梅公园", "杨美公园", True),
        ("新华", "兴华", False),
        ("意义", "一亿", False),  # of one sound, too short for a name
        ("佳禾苑", "佳禾苑", False),  # nothing to be told from its sound
        ("佳禾苑", "家和苑东", False),
        ("", "", False),
    ],
)
def test_names_are_known_by_their_sound(one: str, other: str, alike: bool) -> None:
    assert sound_alike(one, other) is alike
    assert sound_alike(other, one) is alike


def test_a_text_keeps_its_length_and_what_has_no_sound() -> None:
    assert len(sounded("K12路，😀佳禾苑")) == len("K12路，😀佳禾苑")
    assert sounded("K12，😀") == "K12，😀"
    assert sounded("佳") == sounded("家")


def test_the_table_says_what_pypinyin_says() -> None:
    pypinyin = pytest.importorskip("pypinyin", reason="needs the extra measure")
    with (files("triage.same_event") / "data" / "sounds.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(len(row["characters"]) for row in rows) == 6763  # GB 2312
    for row in rows[::7]:
        for char in row["characters"]:
            assert pypinyin.lazy_pinyin(char)[0] == row["syllable"], char


def test_one_place_written_two_ways_is_one() -> None:
    one, other = Mentions((("estate", "佳禾苑"),)), Mentions((("estate", "家和苑"),))
    assert one_place(one, other, "佳禾苑停电", "家和苑停电") == [("佳禾苑", "家和苑")]
    assert one_place(one, Mentions((("estate", "百合园"),)), "佳禾苑", "百合园") == []


def test_a_name_that_stands_in_the_other_text_is_shared_though_it_was_not_read_there() -> None:
    one, other = Mentions((("estate", "洪山公园"),)), Mentions((("estate", "万科城"),))
    texts = "洪山公园何时动工", "洪山公园旁的万科城还在等"
    assert one_place(one, other, *texts) == [("洪山公园", "洪山公园")]
    assert one_place(other, one, *reversed(texts)) == [("洪山公园", "洪山公园")]
    assert one_place(one, one, *texts) == [("洪山公园", "洪山公园")]  # named once


def test_names_of_one_sound_are_evidence_and_no_contradiction() -> None:
    one = prepared(Entry("1", "佳禾苑停电", "佳禾苑停电了"), "佳禾苑")
    other = prepared(Entry("2", "家和苑停电", "家和苑没有电"), "家和苑")
    evidence, against = grounds(one, other, 0.9)
    assert "shared_place" in {ground.kind for ground in evidence}
    assert not {"other_place", "other_words"} & {ground.kind for ground in against}


def test_another_matter_at_one_place_is_named() -> None:
    one = prepared(Entry("1", "翠竹苑油烟", "翠竹苑油烟大", topic="HJ02"), "翠竹苑")
    other = prepared(Entry("2", "翠竹苑停车", "翠竹苑没有车位", topic="JT01"), "翠竹苑")
    alike = prepared(Entry("3", "翠竹苑油烟", "翠竹苑油烟呛人", topic="HJ02"), "翠竹苑")
    unknown = prepared(Entry("4", "翠竹苑停车", "翠竹苑没有车位"), "翠竹苑")
    assert [g.text for g in grounds(one, other, 0.2)[1]] == ["同一地点，另一件事"]
    assert grounds(one, other, 0.8)[1] == ()
    assert grounds(one, alike, 0.2)[1] == ()
    assert grounds(one, unknown, 0.2)[1] == ()
