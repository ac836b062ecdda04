from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.hot.heat import load_heat
from triage.hot.problems import problem_of, problems_of
from triage.hot.telling import Telling, read_telling
from triage.hot.topics import Gathered, HotTopic, Period, gather, hot_topics
from triage.same_event.entry import Entry
from triage.text.elements import ElementExtractor

RULES = load_heat()
EXTRACTOR = ElementExtractor([("district", "渝北区"), ("township", "木耳镇")])
SUNDAY = datetime(2026, 3, 1, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
PERIOD = Period(SUNDAY, SUNDAY + timedelta(days=7), SUNDAY - timedelta(days=90))


def told(
    number: int, text: str, *, title: str = "", hours: float | None = 1, **more: object
) -> Telling:
    time = None if hours is None else SUNDAY + timedelta(hours=hours)
    entry = Entry(f"r{number}", title, text, time, f"p{number}", "500112")
    return read_telling(entry, EXTRACTOR, **more)  # type: ignore[arg-type]


def topic_of(*tellings: Telling, level: str = "event") -> HotTopic:
    (topic,) = hot_topics(gather({"g": tellings}, PERIOD), RULES, level=level, top=5)
    return topic


SMOKE = (
    told(1, "木耳镇澄川小区楼下烧烤店油烟太大，请处理", title="澄川小区楼下烧烤店油烟扰民"),
    told(2, "澄川小区烧烤店的油烟呛人，晚上不敢开窗", title="烧烤店油烟呛人", hours=26),
    told(3, "澄川小区烧烤店油烟天天往家里灌，盼解决", title="澄川小区烧烤店油烟", hours=27),
)


def test_a_topic_says_what_where_when_and_how_often() -> None:
    topic = topic_of(*SMOKE)
    assert (topic.facts.count, topic.facts.requesters) == (3, 3)
    assert topic.title in {one.entry.title for one in SMOKE}
    assert "烧烤店油烟" in topic.title
    assert "澄川小区" in topic.places[0]
    assert any("油烟" in term for term in topic.terms)
    assert topic.trend == {"2026-03-01": 1, "2026-03-02": 2}
    assert topic.members == ("r1", "r2", "r3")
    assert {id for id, _ in topic.representatives} == {"r1", "r2", "r3"}


def test_days_of_the_trend_are_those_of_shanghai_and_none_is_left_out() -> None:
    late = told(4, SMOKE[0].entry.detail, hours=14)  # 16:00 UTC is the next day in Shanghai
    later = told(5, SMOKE[0].entry.detail, hours=62)
    assert topic_of(late, later).trend == {"2026-03-02": 1, "2026-03-03": 0, "2026-03-04": 1}


def test_a_report_counts_and_says_nothing() -> None:
    secret = told(9, "某某公司夜间偷排污水，请保密", title="偷排污水的举报", is_report=True)
    topic = topic_of(*SMOKE, secret)
    document = str(topic.to_json())
    assert topic.facts.count == 4
    assert "偷排" not in document
    assert "r9" not in document
    only = topic_of(secret, told(10, "再次举报偷排污水", is_report=True))
    assert (only.title, only.terms, only.representatives, only.places) == ("", (), (), ())


def test_a_title_shows_no_personal_data_even_where_a_text_was_not_masked() -> None:
    leak = "澄川小区油烟请联系13800001234"
    topic = topic_of(told(1, "油烟", title=leak), told(2, "油烟", title=leak))
    assert "13800001234" not in str(topic.to_json())
    masked = topic_of(
        told(1, "油烟", title="<姓名>反映澄川小区油烟"), told(2, "油烟", title="澄川小区有油烟扰民")
    )
    assert "<" not in masked.title


def test_a_request_without_a_time_is_counted_but_in_no_trend() -> None:
    topic = topic_of(*SMOKE, told(4, SMOKE[0].entry.detail, hours=None))
    assert topic.facts.count == 4
    assert sum(topic.trend.values()) == 3


def test_growth_is_told_against_the_same_stretch_before_if_it_is_known_whole() -> None:
    before = told(4, SMOKE[0].entry.detail, hours=-20)
    long_ago = told(5, SMOKE[0].entry.detail, hours=-24 * 8)
    groups = {"g": (*SMOKE, before, long_ago)}
    assert gather(groups, PERIOD)[0].before == 1.0
    unknown = Period(PERIOD.since, PERIOD.until, PERIOD.since - timedelta(days=1))
    assert gather(groups, unknown)[0].before is None


def test_groups_with_one_request_in_the_period_are_no_topic() -> None:
    assert gather({"g": (SMOKE[0], told(4, "油烟", hours=-3))}, PERIOD) == []


def test_one_mistaken_reading_does_not_make_a_group_urgent() -> None:
    assert topic_of(*SMOKE, told(4, "油烟", urgency=0)).facts.urgency == 3
    assert (
        topic_of(*SMOKE, told(4, "油烟", urgency=0), told(5, "油烟", urgency=1)).facts.urgency == 1
    )


def test_the_hottest_comes_first_and_equals_by_id() -> None:
    alike = {name: [told(1, "路灯不亮"), told(2, "路灯不亮")] for name in ("b", "a")}
    found = gather({**alike, "c": SMOKE}, PERIOD)
    assert [topic.id for topic in hot_topics(found, RULES, level="event", top=9)] == ["c", "a", "b"]
    assert len(hot_topics(found, RULES, level="event", top=2)) == 2
    assert hot_topics([], RULES, level="event", top=2) == []


def test_texts_of_one_character_and_empty_ones_are_borne() -> None:
    topic = topic_of(told(1, "水"), told(2, ""))
    assert (topic.facts.count, topic.terms) == (2, ())


def test_a_problem_is_the_topic_and_the_object_without_the_place() -> None:
    assert problem_of("SR03", ["结果", "油烟"], [], RULES) == "SR03|油烟"
    assert problem_of("SR03", ["澄川"], ["澄川小区"], RULES) == ""
    assert problem_of("", [], [], RULES) == ""


def test_a_problem_is_told_often_and_of_several_places() -> None:
    def lamp(number: int, place: str) -> Telling:
        return told(number, f"{place}路灯不亮，请修")

    here = [lamp(number, "渝北区木耳镇") for number in range(3)]
    assert problems_of(here, RULES, {}) == {}
    there = told(9, "澄川小区路灯不亮，请修")
    ((name, found),) = problems_of([*here, there], RULES, {}).items()
    one_event = dict.fromkeys(("r0", "r1", "r2"), "e")
    assert problems_of([*here, there], RULES, one_event) == {}  # three of four tell of one event
    assert name == "|路灯"
    assert len(found) == 4
    topic = topic_of(*found, level="problem")
    assert "木耳镇" not in topic.title
    assert "路灯" in topic.title


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="a period"):
        Period(SUNDAY, SUNDAY)


def test_counts_may_come_without_words() -> None:
    light = tuple(Telling(Entry(f"x{n}", "", "", SUNDAY, "", "")) for n in range(50))
    (topic,) = hot_topics([Gathered("g", light, 0.0, SMOKE)], RULES, level="event", top=1)
    assert (topic.facts.count, topic.facts.requesters) == (50, 50)  # nobody is known: all differ
    assert "油烟" in topic.title
