from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from triage.hot.counters import Counters
from triage.hot.spots import STORM_CALLS, Spot, Spots, Told, calls_lately
from triage.hot.storm import Storm
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement, Label
from triage.same_event.static_encoder import StaticEncoder
from triage.text.elements import ElementExtractor

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
EXTRACTOR = ElementExtractor([("district", "渝北区")])
MUDDY, YELLOW = "水里有泥沙，接一盆都是浑的", "自来水发黄，有股怪味，不敢喝"


def call(number: int, text: str, *, seconds: float = 0, topic: str = "GY01") -> Entry:
    at = NOON + timedelta(seconds=seconds or number)
    return Entry(f"c{number}", "", text, at, f"p{number}", "500112", topic)


def spot(name: str, kind: str = "estate") -> Spot:
    return Spot("500112", "GY01", kind, name)


class SameWords:
    """Says SAME_EVENT of texts that both tell of mud, or both of yellow water."""

    def judge(self, query: Entry, candidates: Sequence[Entry]) -> list[Judgement]:
        same = [("泥沙" in query.detail) == ("泥沙" in one.detail) for one in candidates]
        return [
            Judgement(Label.SAME_EVENT, 0.9) if alike else Judgement(Label.RELATED, 0.3)
            for alike in same
        ]


@pytest.fixture
def storm() -> Storm:
    encoder = StaticEncoder.untrained()
    return Storm(encoder, SameWords(), threshold=0.5, live=64, extractor=EXTRACTOR)


def test_a_spot_is_the_finest_name_with_region_and_topic() -> None:
    spots = Spots(EXTRACTOR, 8)
    assert spots.of(call(1, f"渝北区澄川小区{MUDDY}")) == spot("澄川小区")
    assert spots.of(call(1, MUDDY)) is None
    assert spots.of(call(1, f"澄川小区{MUDDY}", topic="")) is None


def test_spots_clash_where_neither_name_is_part_of_the_other() -> None:
    assert spot("澄川小区").clashes(spot("翠微小区"))
    assert not spot("澄川小区").clashes(spot("澄川小区一期"))
    assert not spot("澄川小区").clashes(spot("松林路", "road"))


def test_the_main_spot_is_named_by_most_of_the_calls_that_name_one() -> None:
    told = Told()
    assert told.main() is None
    told.add(spot("澄川小区"))
    told.add(spot("翠微小区"))
    assert told.main() is None
    told.add(spot("澄川小区"))
    assert told.main() == spot("澄川小区")


def test_only_calls_of_the_running_and_the_last_hour_make_a_storm() -> None:
    counters = Counters()
    for hours in (0, 1, 5):
        counters.add(NOON + timedelta(hours=hours), "500112", "")
    assert calls_lately(counters, NOON + timedelta(hours=1)) == 2
    assert calls_lately(counters, NOON + timedelta(hours=9)) == 0


def test_in_a_storm_other_words_from_the_same_spot_are_the_same_event(storm: Storm) -> None:
    for number in range(STORM_CALLS + 1):
        storm.take(call(number, f"澄川小区{MUDDY}，第{number}次打来"))
    said = storm.take(call(90, f"澄川小区{YELLOW}"))
    assert (said.event_id, said.is_new, said.absorbed) == ("c0", False, "")
    assert storm.take(call(91, f"翠微小区{YELLOW}")).is_new
    assert storm.take(call(92, f"澄川小区{YELLOW}，唉", topic="SR03")).event_id != "c0"


def test_in_a_storm_its_spot_may_be_named_for_short(storm: Storm) -> None:
    assert storm.take(call(0, f"澄川那边{YELLOW}")).is_new
    for number in range(1, STORM_CALLS + 3):
        storm.take(call(number, f"澄川小区{MUDDY}，第{number}次打来"))
    said = storm.take(call(90, f"澄川那边{YELLOW}，还没有好"))
    assert said.event_id == "c1"
    assert storm.take(call(91, f"翠微那边{YELLOW}，一直这样")).event_id != "c1"


def test_a_storm_whose_event_is_live_no_longer_is_over() -> None:
    spots, told, counters = Spots(EXTRACTOR, 2), Told(), Counters()
    for _ in range(STORM_CALLS):
        counters.add(NOON, "500112", "")
    for name in ("澄川小区", "翠微小区", "碧梧小区"):
        told = Told()
        told.add(spot(name))
        spots.note(name, told, counters, NOON)
    kept = [spots.storm_at(spot(name)) for name in ("澄川小区", "翠微小区", "碧梧小区")]
    assert kept == ["", "翠微小区", "碧梧小区"]  # two at most: the oldest made room
    spots.end(spot("翠微小区"))
    assert spots.storm_at(spot("翠微小区")) == ""
    assert spots.heard_of(call(1, f"翠微那边{MUDDY}")) is None
    assert spots.heard_of(call(1, f"碧梧那边{MUDDY}")) == spot("碧梧小区")


def test_out_of_a_storm_other_words_are_another_event(storm: Storm) -> None:
    for number in range(STORM_CALLS - 2):
        storm.take(call(number, f"澄川小区{MUDDY}，第{number}次打来"))
    assert storm.take(call(90, f"澄川小区{YELLOW}")).is_new
    late = call(91, f"澄川小区{YELLOW}，还是这样", seconds=3 * 3600)
    assert storm.take(late).event_id != "c0"


def test_an_event_that_began_before_the_storm_becomes_one_with_it(storm: Storm) -> None:
    storm.take(call(0, f"澄川小区{YELLOW}"))
    for number in range(1, STORM_CALLS + 3):
        storm.take(call(number, f"澄川小区{MUDDY}，第{number}次打来"))
    said = storm.take(call(90, f"澄川小区{YELLOW}，还没有好"))
    assert (said.event_id, said.absorbed) == ("c1", "c0")
    (event,) = storm.events()
    assert event.counters.calls == STORM_CALLS + 4


def test_a_call_that_names_another_spot_does_not_join_whatever_the_judge_says(
    storm: Storm,
) -> None:
    storm.take(call(0, f"澄川小区{MUDDY}"))
    assert storm.take(call(1, f"翠微小区{MUDDY}")).is_new
    assert storm.take(call(2, f"{MUDDY}，大家都一样")).event_id in {"c0", "c1"}
