from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from triage.catalogue import Catalogue
from triage.desk.actor import Actor
from triage.desk.clocks import PolicyClocks
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.guards import MoveRefused
from triage.desk.hot import HotReport, HotRoom, HotWish, hot_report, wish_of
from triage.desk.moves import Wish
from triage.desk.reports import open_reports
from triage.hot.heat import load_heat
from triage.hot.opaque import opaque
from triage.hot.storm import Storm
from triage.request import Area, Place, Ranked
from triage.same_event.static_encoder import StaticEncoder
from triage.store.event_groups import Why, event_of, members_of
from triage.store.event_tables import event_member
from triage.store.tables import work_order
from triage.text.elements import ElementExtractor

if TYPE_CHECKING:
    from desks import Desk
    from overlap_judge import OverlapJudge

CATALOGUE = Catalogue.load()
RULES = load_heat()
EXTRACTOR = ElementExtractor(CATALOGUE.place_names())
CHIEF = Actor("chief", frozenset({"administrator"}))
SMOKE = "澄川小区楼下烧烤店油烟太大，请处理"


def keeper(desk: Desk, judge: OverlapJudge) -> EventDesk:
    storm = Storm(StaticEncoder.untrained(), judge, threshold=0.5, live=64)
    office = desk.office
    now, ranks = (lambda: desk.now), office.books.ranks
    return EventDesk(office.database, storm, EXTRACTOR, RULES, "test-1", now, ranks)


def followed(events: EventDesk) -> int:
    after = open_events(events)
    while (reached := follow(events, after)) != after:
        after = reached
    return after


def report(desk: Desk, actor: Actor = CHIEF, **changes: object) -> HotReport:
    clocks = desk.office.clocks
    assert isinstance(clocks, PolicyClocks)
    reports = open_reports(desk.office.database, CATALOGUE, clocks, lambda: desk.now)
    wish = HotWish(desk.now - timedelta(days=7), desk.now + timedelta(seconds=1))
    return hot_report(
        HotRoom(reports, EXTRACTOR, RULES),
        replace(wish, **changes),  # type: ignore[arg-type]
        actor,
    )


def told(desk: Desk, n: int = 3, text: str = SMOKE) -> list[str]:
    made = []
    for number in range(n):
        desk.wait(minutes=5)
        phone = f"1380000{number:04d}"
        made.append(desk.take(f"{text}{'！' * number}", requester={"phone": phone}).order_id)
    return made


def groups_of(desk: Desk, *order_ids: str) -> list[str]:
    with desk.office.database.read() as connection:
        return [event_of(connection, one) for one in order_ids]


def test_orders_of_one_event_are_kept_together_with_who_when_and_why(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    first, second, third = told(desk)
    other = desk.take("某路口的红绿灯坏了没有人修").order_id
    followed(keeper(desk, overlap_judge))
    assert groups_of(desk, first, second, third, other) == [first, first, first, other]
    with desk.office.database.read() as connection:
        began, joined, _ = members_of(connection, first)
    assert (began.why, began.judge) == (Why.BEGAN, "")
    assert (joined.why, joined.actor, joined.judge) == (Why.JUDGED, "system", "test-1")
    assert joined.probability >= 0.5
    assert joined.at == desk.now


def test_a_process_that_starts_again_goes_on_and_knows_the_events(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    (first,) = told(desk, 1)
    after = followed(keeper(desk, overlap_judge))
    (again,) = told(desk, 1)
    another = keeper(desk, overlap_judge)
    assert open_events(another) == after
    followed(another)
    assert groups_of(desk, again) == [first]


def test_nobody_joins_a_call_that_says_nothing_after_a_start_either(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    opening = "喂你好，是12345吗，我想反映个问题"
    nothing = desk.take(opening).order_id
    followed(keeper(desk, overlap_judge))
    more = desk.take(f"{opening}，停车难").order_id
    followed(keeper(desk, overlap_judge))
    assert groups_of(desk, nothing, more) == [nothing, more]


def test_a_person_s_merge_joins_and_taking_apart_wins_over_every_judge(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    first, second = told(desk, 2)
    lamp = desk.take("某路口的红绿灯坏了没有人修").order_id
    events = keeper(desk, overlap_judge)
    after = followed(events)
    desk.go(first, Wish("DISPATCHED", unit="URBAN_MGMT"))
    desk.go(lamp, Wish("MERGED", into=first))
    desk.go(second, Wish("MERGED", into=first))
    after = follow(events, after)
    assert groups_of(desk, lamp, second) == [first, first]
    desk.go(second, Wish("SUGGESTED", reason="不是一件事"))
    after = follow(events, after)
    assert groups_of(desk, second) == [f"S-{second}"]
    with desk.office.database.read() as connection:
        (alone,) = members_of(connection, f"S-{second}")
    assert (alone.why, alone.actor) == (Why.SPLIT, "chief")
    same = desk.take(f"{SMOKE}！").order_id  # word for word what was taken out
    follow(events, after)
    assert groups_of(desk, same) == [f"S-{second}"]


def test_the_report_counts_the_event_and_names_it_in_its_own_words(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    made = told(desk)
    followed(keeper(desk, overlap_judge))
    (topic,) = report(desk).topics
    assert (topic.id, topic.facts.count, topic.facts.requesters) == (made[0], 3, 3)
    assert topic.facts.before is None  # nothing is known of the week before
    assert "油烟" in topic.title
    assert set(topic.trend.values()) == {3}
    assert report(desk, since=desk.now - timedelta(seconds=1)).topics == ()


def test_nobody_sees_more_than_their_part_of_the_city(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    told(desk)
    followed(keeper(desk, overlap_judge))
    here, there = (Actor("a", regions=frozenset({code})) for code in ("500103", "500112"))
    assert len(report(desk, here).topics) == 1
    assert report(desk, there).topics == ()
    assert report(desk, there, region="500103").topics == ()
    assert len(report(desk, region="500103").topics) == 1
    unit = Actor("u", units=frozenset({"ECOLOGY"}))
    assert report(desk, unit).topics == ()


def test_an_analyst_sees_no_order_by_its_number(desk: Desk, overlap_judge: OverlapJudge) -> None:
    made = told(desk)
    followed(keeper(desk, overlap_judge))
    analyst = Actor("x", frozenset({"analyst"}))
    (shown,) = report(desk, analyst).topics
    assert (shown.representatives, shown.id) == ((), opaque(made[0]))
    assert not any(number in str(shown.to_json()) for number in made)
    assert len(report(desk).topics[0].representatives) == 3


def test_an_event_that_began_elsewhere_is_not_named_by_its_order_there(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    first, second, third = told(desk)
    followed(keeper(desk, overlap_judge))
    here = Actor("a", regions=frozenset({"500112"}))
    with desk.office.database.write() as connection:
        moved = update(work_order).where(work_order.c.id.in_([second, third]))
        for order_id in (second, third):
            order = replace(desk.order(order_id), region="500112")
            connection.execute(
                moved.where(work_order.c.id == order_id).values(
                    region="500112", document=order.dump().decode()
                )
            )
    (topic,) = report(desk, here).topics
    assert (topic.facts.count, topic.id) == (2, opaque(first))
    assert first not in str(topic.to_json())
    assert report(desk).topics[0].id == first
    assert {id for id, _ in topic.representatives} == {second, third}


def test_a_report_s_object_names_no_common_problem(desk: Desk, overlap_judge: OverlapJudge) -> None:
    assert desk.said is not None
    said = replace(desk.said, request_type=Ranked("REPORT", 0.9))
    made = []
    for code, name, place in (
        ("500103", "渝中区", "翠微小区"),
        ("500112", "渝北区", "松屿小区"),
        ("500106", "沙坪坝区", "碧梧小区"),
    ):
        desk.said = replace(said, area=Area("settled", "2026-03-02", (Place(code, name),)))
        made.append(desk.take(f"{place}门口的路灯不亮，晚上看不见路").order_id)
    followed(keeper(desk, overlap_judge))
    with desk.office.database.write() as connection:
        kept = [one for id in groups_of(desk, *made) for one in members_of(connection, id)]
        assert {one.problem for one in kept} == {""}
        connection.execute(update(event_member).values(problem="SR03|路灯"))  # as written before
    assert report(desk, level="problems").topics == ()


def test_the_words_of_reports_are_shown_to_nobody(desk: Desk, overlap_judge: OverlapJudge) -> None:
    assert desk.said is not None
    desk.said = replace(desk.said, request_type=Ranked("REPORT", 0.9))
    made = told(desk, text="举报澄川小区烧烤店夜间偷倒油污，请保密")
    followed(keeper(desk, overlap_judge))
    (topic,) = report(desk).topics
    assert (topic.facts.count, topic.title, topic.representatives) == (3, "", ())
    shown = {name: value for name, value in topic.to_json().items() if name != "id"}
    assert not any(word in str(shown) for word in ("油污", "澄川", *made))


def test_a_common_problem_gathers_what_several_places_tell(
    desk: Desk, overlap_judge: OverlapJudge
) -> None:
    assert desk.said is not None
    for code, name, place in (
        ("500103", "渝中区", "翠微小区"),
        ("500112", "渝北区", "松屿小区"),
        ("500106", "沙坪坝区", "碧梧小区"),
    ):
        desk.said = replace(desk.said, area=Area("settled", "2026-03-02", (Place(code, name),)))
        desk.take(f"{place}门口的路灯不亮，晚上看不见路")
    followed(keeper(desk, overlap_judge))
    assert report(desk).topics == ()
    (problem,) = report(desk, level="problems").topics
    assert (problem.level, problem.facts.count, problem.facts.districts) == ("problem", 3, 3)
    assert problem.id == "SR03|路灯"
    assert not any(place in problem.title for place in ("翠微", "松屿", "碧梧"))


@pytest.mark.parametrize("since", ["7x", "2026-13-01"])
def test_a_beginning_that_is_no_time_is_refused_by_name(desk: Desk, since: str) -> None:
    with pytest.raises(MoveRefused, match=since) as refused:
        wish_of(since, None, desk.now, level="events", region="", top=20)
    assert (refused.value.code, refused.value.field) == ("period_invalid", "since")


@pytest.mark.parametrize("days", [-1, 0, 100])
def test_a_period_without_end_or_too_long_is_refused(desk: Desk, days: int) -> None:
    with pytest.raises(MoveRefused) as refused:
        report(desk, since=desk.now - timedelta(days=days), until=desk.now)
    assert refused.value.code == "period_invalid"


def test_days_begin_at_midnight_in_shanghai(desk: Desk) -> None:
    wish = wish_of("2026-03-01", date(2026, 3, 2), desk.now, level="events", region="", top=20)
    assert wish.since.isoformat() == "2026-02-28T16:00:00+00:00"
    assert wish.until - wish.since == timedelta(days=1)
    back = wish_of("24h", None, desk.now, level="events", region="", top=20)
    assert back.until - back.since == timedelta(days=1)
