from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from triage.hot.events import events_of
from triage.same_event.entry import Entry
from triage.same_event.groups import Group, Rulings
from triage.same_event.static_encoder import StaticEncoder

if TYPE_CHECKING:
    from overlap_judge import OverlapJudge

ENCODER = StaticEncoder.untrained()
AT = datetime(2026, 3, 1, tzinfo=UTC)
SMOKE = (
    "澄川小区楼下烧烤店油烟太大",
    "澄川小区楼下的烧烤店油烟太大了",
    "澄川小区楼下烧烤店的油烟太大啦",
)
LAMP = ("木耳镇路口的红绿灯坏了", "木耳镇路口红绿灯坏了没人修")


def entries(*texts: str, region: str = "") -> list[Entry]:
    return [Entry(f"e{n}", "", text, AT, region=region) for n, text in enumerate(texts)]


def members(found: list[Group]) -> list[tuple[str, ...]]:
    return [group.members for group in found]


def test_every_request_is_in_one_event_the_largest_first(overlap_judge: OverlapJudge) -> None:
    told = entries(*LAMP, *SMOKE, "请问社保卡怎么办理")
    found = events_of(told, overlap_judge, ENCODER)
    assert members(found) == [("e2", "e3", "e4"), ("e0", "e1"), ("e5",)]
    assert events_of(list(reversed(told)), overlap_judge, ENCODER) == found


def test_a_thousand_identical_texts_cost_the_judge_nothing(overlap_judge: OverlapJudge) -> None:
    told = [Entry(f"e{n:04d}", "", SMOKE[0], AT) for n in range(1_000)]
    (event,) = events_of(told, overlap_judge, ENCODER)
    assert len(event.members) == 1_000
    assert overlap_judge.asked == 0


def test_the_same_words_in_two_regions_are_not_copies(overlap_judge: OverlapJudge) -> None:
    here = Entry("a", "", "小区停水了", AT, region="500112")
    there = Entry("b", "", "小区停水了", AT, region="500103")
    assert members(events_of([here, there], overlap_judge, ENCODER)) == [("a",), ("b",)]


def test_people_s_rulings_stand_above_the_judge_for_copies_too(
    overlap_judge: OverlapJudge,
) -> None:
    told = entries(SMOKE[0], SMOKE[0], SMOKE[0], LAMP[0])
    rulings = Rulings(merged=frozenset({("e0", "e3")}), split=frozenset({("e0", "e1")}))
    (first, second) = members(events_of(told, overlap_judge, ENCODER, rulings=rulings))
    assert {"e0", "e3"} <= set(first) | set(second)
    assert any({"e0", "e3"} <= set(group) and "e1" not in group for group in (first, second))


@pytest.mark.parametrize("texts", [(), ("水",), ("", ""), ("停水" * 50_000, "停水")])
def test_few_empty_and_very_long_texts_are_borne(
    overlap_judge: OverlapJudge, texts: tuple[str, ...]
) -> None:
    told = entries(*texts)
    found = events_of(told, overlap_judge, ENCODER)
    assert sorted(id for group in found for id in group.members) == [one.id for one in told]
