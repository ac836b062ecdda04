from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from triage.hot.events import events_of
from triage.hot.fillers import tells_something, without_fillers
from triage.hot.storm import Storm
from triage.hot.telling import Telling
from triage.hot.wording import Background, read_of, title_of
from triage.same_event.entry import Entry
from triage.same_event.judgement import Ground, Judgement, Label
from triage.same_event.static_encoder import StaticEncoder

if TYPE_CHECKING:
    from overlap_judge import OverlapJudge

ENCODER = StaticEncoder.untrained()


@pytest.mark.parametrize(
    "text",
    [
        "我就是想说一下，也没什么具体的事",
        "打错了，不好意思，没有事",
        "喂你好，是12345吗，我想反映个问题",
        "反正就是不满意，说不清楚",
        "", "，。！", "啊", "<手机号1>",
    ],
)  # fmt: skip
def test_greetings_and_openings_tell_nothing(text: str) -> None:
    assert not tells_something(text)


@pytest.mark.parametrize(
    "text",
    [
        "停车难", "路灯不亮", "单位不交社保", "那个垃圾站臭", "村书记贪污",
        "请相关部门处理一下广场舞", "喂，水管爆了", "你好，我想问一下养老保险断缴怎么办",
    ],
)  # fmt: skip
def test_a_matter_is_left_however_short(text: str) -> None:
    assert tells_something(text)


def test_only_what_says_nothing_is_cut() -> None:
    text = "哎同志你好，我想说一下，望江小区电梯停了三天，请给出处理结果"
    assert without_fillers(text) == "，，望江小区电梯停了三天，"


def test_a_title_is_no_opening_phrase_even_of_a_single_group() -> None:
    texts = [f"我就是想说一下，望江小区{n}栋电梯停了三天没人修，谢谢" for n in (1, 2, 3)]
    told = [Telling(Entry(f"t{n}", "", text)) for n, text in enumerate(texts)]
    title = title_of(told, Background(map(read_of, told)))
    assert title.startswith("望江小区")
    assert title_of([Telling(Entry("t", "我就是想说一下", texts[0]))], Background(())) == (
        "望江小区1栋电梯停了三天没人修"
    )


def test_those_who_say_nothing_are_no_event(overlap_judge: OverlapJudge) -> None:
    entries = [Entry(f"e{n}", "", "我就是想说一下，也没什么具体的事") for n in range(50)]
    assert {len(group.members) for group in events_of(entries, overlap_judge, ENCODER)} == {1}
    storm = Storm(ENCODER, overlap_judge, threshold=0.5, live=8)
    assert {storm.take(one).event_id for one in entries} == {one.id for one in entries}


class Elsewhere:
    """A judge that finds all texts one event, but in different districts, as grounds say."""

    def judge(self, query: Entry, candidates: list[Entry]) -> list[Judgement]:
        """Return one judgement a candidate."""
        return [
            Judgement(
                Label.SAME_EVENT,
                0.95,
                (),
                (Ground("other_region", ""),) if query.region != one.region else (),
            )
            for one in candidates
        ]


def test_the_same_matter_elsewhere_is_another_event_however_sure_the_judge() -> None:
    entries = [
        Entry(
            f"e{n}", "", f"小区电梯停了三天没有人修{'！' * n}", region=("500103", "500112")[n % 2]
        )
        for n in range(6)
    ]
    judge = Elsewhere()
    found = events_of(entries, judge, ENCODER)  # type: ignore[arg-type]  # a list is a sequence
    assert sorted(group.members for group in found) == [("e0", "e2", "e4"), ("e1", "e3", "e5")]
    storm = Storm(ENCODER, judge, threshold=0.5, live=8)  # type: ignore[arg-type]  # the same
    assert [storm.take(one).event_id for one in entries] == ["e0", "e1"] * 3
