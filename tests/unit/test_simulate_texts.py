"""The tables of the simulated city fit the code lists, and its words are the project's own."""

from __future__ import annotations

import csv
import lzma
import re
from collections import Counter
from pathlib import Path

import pytest

from triage.catalogue import Catalogue
from triage.simulate.invented import place, requester
from triage.simulate.tables import (
    CHANNELS,
    DISTRICTS,
    HOMOPHONES,
    HOURS,
    MATTERS,
    PROFILES,
    grammar,
    styles,
    words,
)
from triage.simulate.telling import SAYINGS, SITUATIONS, matters
from triage.simulate.wording import Occasion, Words, misheard

SHARED = Path(__file__).resolve().parents[3] / "shared/data"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def test_every_topic_has_a_profile_and_at_least_three_matters(catalogue: Catalogue) -> None:
    assert [row["topic"] for row in PROFILES()] == list(catalogue.topics)
    counts = Counter(row["topic"] for row in MATTERS())
    assert set(counts) == set(catalogue.topics)
    assert min(counts.values()) >= 3


def test_matters_stand_in_the_order_of_the_profiles() -> None:
    # The draws search a table that is sorted by topic.
    order = [row["topic"] for row in PROFILES()]
    places = [order.index(row["topic"]) for row in MATTERS()]
    assert places == sorted(places)


def test_matters_use_known_codes_and_known_words(catalogue: Catalogue) -> None:
    _, groups = words()
    for row in MATTERS():
        assert row["request_type"] in catalogue.request_types
        assert int(row["urgency"]) in catalogue.urgency_levels
        assert not row["unit"] or row["unit"] in catalogue.units
        assert row["place"] in {"none", *groups["suffixes"]}
        assert set(re.findall(r"{(.+?)}", row["ways"])) <= set(groups["facts"])


def sentences(cell: str) -> set[str]:
    return {way for one in cell.split(SITUATIONS) for way in one.split(SAYINGS)}


def test_every_matter_is_told_in_two_ways_or_more() -> None:
    assert [row["ways"] for row in MATTERS() if len(sentences(row["ways"])) < 2] == []


def test_sayings_of_one_situation_go_with_one_fact() -> None:
    matter = next(one for one in matters() if len(one.situations) > 1)
    told = {frozenset(matter.sayings(fact)) for fact in range(64)}
    assert told == {frozenset(situation) for situation in matter.situations}


def test_districts_are_those_of_2020_and_their_people_add_up(catalogue: Catalogue) -> None:
    codes = {region.code for region in catalogue.places.regions}
    assert len(DISTRICTS()) == 38
    assert {row["code"] for row in DISTRICTS()} <= codes
    # The census of 2020 counted about 32.05 million in Chongqing.
    assert sum(int(row["population"]) for row in DISTRICTS()) == pytest.approx(32.05e6, rel=0.01)


def test_channels_styles_and_hours_fit_together(catalogue: Catalogue) -> None:
    assert {row["channel"] for row in CHANNELS()} <= set(catalogue.channels)
    assert {row["style"] for row in CHANNELS()} == set(styles())
    assert {row["hours"] for row in PROFILES()} <= {row["shape"] for row in HOURS()}
    for table in ("effects", "demands"):
        assert set(grammar()[table]) == set(catalogue.request_types)


def test_alternatives_are_written_out_and_slots_follow_the_fact() -> None:
    ways = [way for one in matters() for situation in one.situations for way in situation]
    told = {way.tell(fact) for way in ways for fact in (0, 2**61)}
    assert not [text for text in told if re.search(r"[\[\]{}%|~]", text)]
    way = next(way for way in ways if way.slots)
    assert way.tell(12345) == way.tell(12345)
    assert len({way.tell(fact << 5) for fact in range(10**4)}) > 1


def test_a_place_follows_from_its_number_and_differs_within_a_township() -> None:
    assert place("none", 3, 1) == ("", "")
    assert place("estate", 3, 1) == place("estate", 3, 1)
    assert len({place("road", 3, which) for which in range(8)}) == 8


def test_a_requester_follows_from_a_number() -> None:
    assert requester(5) == requester(5)
    assert re.fullmatch(r"154\d{8}", requester(2**40 - 1).phone)


def test_misheard_words_sound_alike_and_keep_their_length() -> None:
    assert misheard("小区电梯停电") == "小去店梯亭电"
    assert [row for row in HOMOPHONES() if len(row["heard"]) != len(row["misheard"])] == []


def test_one_who_comes_again_says_so() -> None:
    occasion = Occasion(
        matter=matters()[0],
        fact=1,
        district="渝中区",
        old_district="渝中区",
        township="大溪沟街道",
        township_index=0,
        style="note",
        requester=1,
        is_event=False,
        is_again=True,
    )
    _, text = Words(lambda: 0.5, personal=0).tell(occasion)
    assert any(phrase in text for phrase in grammar()["again"]["phrases"])


@pytest.mark.shared
@pytest.mark.slow
def test_no_template_is_a_text_of_the_shared_folder() -> None:
    if not SHARED.is_dir():
        pytest.skip("no shared folder")
    ours = {way.strip() for row in MATTERS() for way in sentences(row["ways"])}
    found: set[str] = set()
    for path in (*SHARED.rglob("*.csv"), *SHARED.rglob("*.txt"), *SHARED.rglob("*.tsv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.reader(line.replace("\0", "") for line in file):
                found |= ours & {cell.strip(" 。，？！") for cell in row}
    for path in SHARED.rglob("*.txt.xz"):
        with lzma.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            found |= ours & {line.strip(" 。，？！\n") for line in lines}
    assert found == set()
