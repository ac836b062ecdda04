from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, insert, select, update

from triage.catalogue import Catalogue
from triage.desk import event_groups, event_ranks
from triage.desk.actor import Actor
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.moves import Wish
from triage.desk.queueing import Page, queue_page
from triage.hot.heat import load_heat
from triage.hot.spots import STORM_CALLS
from triage.hot.storm import Storm
from triage.same_event.static_encoder import StaticEncoder
from triage.store.event_sizes import sizes
from triage.store.event_tables import event_member
from triage.store.orders import claim, claim_free, find_all
from triage.store.queue import Slice
from triage.store.tables import queue_entry, work_order
from triage.text.elements import ElementExtractor
from triage.workorder.order import WorkOrder
from triage.workorder.ranking import LARGE_GROUP

if TYPE_CHECKING:
    from desks import Desk
    from overlap_judge import OverlapJudge

CHIEF = Actor("chief", frozenset({"administrator"}))
EXTRACTOR = ElementExtractor(Catalogue.load().place_names())
SMOKE, LAMP = "澄川小区楼下烧烤店油烟太大，请处理", "某路口的红绿灯坏了没有人修"


def keeper(desk: Desk, judge: OverlapJudge) -> EventDesk:
    encoder = StaticEncoder.untrained()
    storm = Storm(encoder, judge, threshold=0.5, live=64, extractor=EXTRACTOR)
    office = desk.office
    now, ranks = (lambda: desk.now), office.books.ranks
    return EventDesk(office.database, storm, EXTRACTOR, load_heat(), "test-1", now, ranks)


@pytest.fixture
def events(desk: Desk, overlap_judge: OverlapJudge) -> EventDesk:
    return keeper(desk, overlap_judge)


def followed(events: EventDesk, after: int = 0) -> int:
    while (reached := follow(events, after)) != after:
        after = reached
    return after


def page(desk: Desk, cursor: str | None = None, limit: int = 50) -> Page:
    return queue_page(desk.office, Slice(), CHIEF, cursor=cursor, limit=limit)


def ids(found: Page) -> list[str]:
    return [item.order.id for item in found.items]


def words(found: Page) -> dict[str, str]:
    return {
        item.order.id: part.reason
        for item in found.items
        for part in item.reasons
        if part.name == "group_size"
    }


def smoke(desk: Desk, n: int) -> list[str]:
    return [desk.take(f"{SMOKE}{'！' * number}").order_id for number in range(n)]


def is_ranked_as(desk: Desk, told: int, order_ids: Sequence[str]) -> bool:
    """Say whether the places of these orders are those of an event of so many."""
    entry = queue_entry.c
    with desk.office.database.read() as connection:
        orders = find_all(connection, list(order_ids))
        query = select(entry.order_id, entry.rank_normal)
        rows = connection.execute(query.where(entry.to_seq.is_(None), entry.order_id.in_(orders)))
        found = {row.order_id: row.rank_normal for row in rows}
    return found == {
        id: pytest.approx(desk.office.books.ranks(order, told).normal)
        for id, order in orders.items()
    }


def member(desk: Desk, event_id: str, order_id: str) -> dict[str, object]:
    return {
        "event_id": event_id, "order_id": order_id, "received_at": desk.now, "problem": "",
        "why": "judged", "at": desk.now, "actor": "system", "probability": 1.0, "judge": "",
        "seq": 0,
    }  # fmt: skip


def killed_before_ranking(
    desk: Desk, judge: OverlapJudge, events: EventDesk, after: int, patch: pytest.MonkeyPatch
) -> None:
    """Follow, without ranking, and go on with another process."""
    with patch.context() as context:
        context.setattr(event_groups, "rank_again", lambda *_: None)
        followed(events, after)
    another = keeper(desk, judge)
    followed(another, open_events(another))


def test_orders_of_one_event_rise_together_though_nobody_merged_them(
    desk: Desk, events: EventDesk
) -> None:
    lamp = desk.take(LAMP).order_id
    desk.wait(minutes=1)
    three = smoke(desk, 3)
    assert ids(page(desk))[0] == lamp
    followed(events)
    other = desk.take("另一件事").order_id  # the event that the new places begin with
    found = page(desk)
    assert ids(found) == [*sorted(three), lamp, other]
    assert words(found) == {
        **dict.fromkeys(three, "同一事件 3 件诉求"),
        **dict.fromkeys([lamp, other], "同一事件 1 件诉求"),
    }
    scores = [item.score for item in found.items]
    assert scores == sorted(scores, reverse=True)
    weight = desk.office.weights("NORMAL").group_size
    points = next(part.points for part in found.items[0].reasons if part.name == "group_size")
    assert points == pytest.approx(weight * math.log(3) / math.log(50))


def test_a_move_keeps_the_size_of_the_event_and_closed_orders_count(
    desk: Desk, events: EventDesk
) -> None:
    lamp = desk.take(LAMP).order_id
    desk.wait(minutes=1)
    first, second, third = smoke(desk, 3)
    after = followed(events)
    desk.go(second, Wish("DISPATCHED", unit="URBAN_MGMT"))
    desk.go(third, Wish("MERGED", into=first))
    followed(events, after)
    found = page(desk)
    assert set(ids(found)) == {first, second, lamp}
    assert ids(found)[-1] == lamp
    assert words(found)[second] == words(found)[first] == "同一事件 3 件诉求"


def test_who_is_taken_out_falls_back_and_so_does_the_rest(desk: Desk, events: EventDesk) -> None:
    first, second = smoke(desk, 2)
    after = followed(events)
    desk.go(second, Wish("MERGED", into=first))
    after = followed(events, after)
    desk.go(second, Wish("SUGGESTED", reason="不是一件事"))
    followed(events, after)
    assert set(words(page(desk)).values()) == {"同一事件 1 件诉求"}


def test_pages_neither_skip_nor_repeat_while_orders_are_ranked_again(
    desk: Desk, events: EventDesk
) -> None:
    orders = [desk.take(f"{LAMP}第{number}处").order_id for number in range(3)]
    desk.wait(minutes=1)
    orders += smoke(desk, 4)
    first = page(desk, limit=3)
    followed(events)  # what was on no page yet now comes before what was
    seen, cursor = ids(first), first.next_cursor
    while cursor:
        more = page(desk, cursor, limit=3)
        seen += ids(more)
        cursor = more.next_cursor
    assert sorted(seen) == sorted(orders)
    desk.take("另一件事")  # the event that the new places begin with
    assert set(ids(page(desk))[:4]) == set(orders[3:])


def test_an_order_changed_in_the_very_next_event_has_one_place(
    desk: Desk, events: EventDesk
) -> None:
    first, second = smoke(desk, 2)
    followed(events)
    desk.go(first, Wish("DISPATCHED", unit="URBAN_MGMT"))
    assert sorted(ids(page(desk))) == sorted([first, second])
    followed(events)
    desk.go(second, Wish("MERGED", into=first))
    assert ids(page(desk)) == [first]


def test_an_order_that_somebody_is_changing_is_ranked_in_the_next_round(
    desk: Desk, events: EventDesk
) -> None:
    database = desk.office.database
    if database.is_embedded:
        pytest.skip("SQLite has one writer: nothing can be changed at the same time")
    first, _ = smoke(desk, 2)
    with database.write() as connection:
        claim(connection, first, None)
        after = followed(events)
        assert events.regrouped.came == {first: {first}}
    followed(events, after)
    desk.take(LAMP)
    assert not events.regrouped
    assert words(page(desk))[first] == "同一事件 2 件诉求"


def test_a_killed_process_ranks_again_what_it_had_not_ranked(desk: Desk, events: EventDesk) -> None:
    lamp = desk.take(LAMP).order_id
    desk.wait(minutes=1)
    smoke(desk, 3)
    before = events.ranks
    events.ranks = lambda order, told: before(order, 1)  # as if it were killed before ranking
    followed(events)
    events.ranks = before
    desk.take("另一件事")
    assert ids(page(desk))[0] == lamp
    followed(events, open_events(events))
    desk.take("又一件事")
    assert ids(page(desk))[3] == lamp


def test_counting_stops_at_the_most_that_is_asked_for(desk: Desk) -> None:
    order = desk.take().order_id
    told = [order, *(f"X{n}" for n in range(99))]
    with desk.office.database.write() as connection:
        connection.execute(insert(event_member), [member(desk, order, one) for one in told])
        assert sizes(connection, [order, "unknown"]) == {order: 100}
        assert sizes(connection, [order], most=50) == {order: 50}
        assert sizes(connection, []) == {}


@pytest.mark.parametrize("is_killed", [False, True])
def test_who_was_in_a_small_event_rises_when_a_large_one_comes_to_it(
    desk: Desk,
    events: EventDesk,
    overlap_judge: OverlapJudge,
    monkeypatch: pytest.MonkeyPatch,
    is_killed: bool,
) -> None:
    assert desk.said is not None
    yellow, mud = "自来水发黄，有股怪味，不敢喝", "澄川小区里到处是泥沙，接一盆都浑"
    large = [desk.take(f"{yellow}{'！' * n}").order_id for n in range(LARGE_GROUP - 19)]
    for one in large[1:]:
        desk.go(one, Wish("MERGED", into=large[0]))  # closed: those count, and are not ranked
    after = followed(events)
    small = [desk.take(f"{mud}{'！' * n}").order_id for n in range(STORM_CALLS + 1)]
    after = followed(events, after)
    assert is_ranked_as(desk, len(small), small)
    last = desk.take(f"澄川小区{yellow}").order_id  # of the one by its words, in the other's storm
    if is_killed:
        killed_before_ranking(desk, overlap_judge, events, after, monkeypatch)
    else:
        followed(events, after)
    with desk.office.database.read() as connection:
        told = sizes(connection, [small[0], large[0], last])
    assert set(told.values()) == {len(small) + len(large) + 1}
    assert is_ranked_as(desk, LARGE_GROUP, [*small, large[0], last])


def test_who_was_taken_out_falls_though_the_process_was_killed(
    desk: Desk, events: EventDesk, overlap_judge: OverlapJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = smoke(desk, 3)
    desk.wait(days=31)  # long before what a new process looks at
    after = followed(events)
    desk.go(second, Wish("MERGED", into=first))
    after = followed(events, after)
    assert is_ranked_as(desk, 3, [first, third])
    desk.go(second, Wish("SUGGESTED", reason="不是一件事"))
    killed_before_ranking(desk, overlap_judge, events, after, monkeypatch)
    assert is_ranked_as(desk, 1, [second])


def test_who_came_to_a_large_event_is_ranked_though_the_process_was_killed(
    desk: Desk, events: EventDesk, overlap_judge: OverlapJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = smoke(desk, 1)
    after = followed(events)
    with desk.office.database.write() as connection:
        rows = [member(desk, first, f"X{n}") for n in range(2 * LARGE_GROUP)]
        connection.execute(insert(event_member), rows)
    came = desk.take(f"{SMOKE}！").order_id
    killed_before_ranking(desk, overlap_judge, events, after, monkeypatch)
    assert is_ranked_as(desk, LARGE_GROUP, [came])


def test_no_transaction_ranks_more_than_a_bounded_number(
    desk: Desk, events: EventDesk, overlap_judge: OverlapJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[int]()

    def watched(connection: Connection, order_ids: Sequence[str]) -> list[WorkOrder]:
        asked.append(len(order_ids))
        return claim_free(connection, order_ids)

    monkeypatch.setattr(event_ranks, "PLACES", 2)
    monkeypatch.setattr(event_ranks, "claim_free", watched)
    made = smoke(desk, 5)
    killed_before_ranking(desk, overlap_judge, events, 0, monkeypatch)
    assert asked == [2, 2, 1]
    assert is_ranked_as(desk, 5, made)


def test_who_sees_a_part_of_the_city_is_told_of_that_part_only(
    desk: Desk, events: EventDesk
) -> None:
    first, second, third = smoke(desk, 3)
    followed(events)
    desk.go(first, Wish("DISPATCHED", unit="URBAN_MGMT"))
    with desk.office.database.write() as connection:
        elsewhere = replace(desk.order(third), region="500112")
        connection.execute(
            update(work_order)
            .where(work_order.c.id == third)
            .values(region="500112", document=elsewhere.dump().decode())
        )
    here = Actor("a", frozenset({"agent"}), regions=frozenset({"500103"}))
    unit = Actor("h", frozenset({"handler"}), units=frozenset({"URBAN_MGMT"}))
    in_part, of_unit = (
        queue_page(desk.office, Slice(), actor, cursor=None, limit=50) for actor in (here, unit)
    )
    assert words(in_part)[second] == "同一事件在您的范围内 2 件诉求"
    assert words(of_unit) == {first: "同一事件在您的范围内 1 件诉求"}
    assert words(page(desk))[first] == "同一事件 3 件诉求"
    scores = {one.order.id: one.score for one in page(desk).items}
    assert of_unit.items[0].score == pytest.approx(scores[first])
