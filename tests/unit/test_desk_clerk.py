from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, event, select, update

from triage.desk import clerk
from triage.desk.actor import Actor
from triage.desk.amend import note
from triage.desk.clerk import LEASE_LENGTH, tick
from triage.desk.deeds import DEEDS
from triage.desk.mode import NORMAL, current_mode, declare
from triage.desk.moves import Wish
from triage.desk.office import Due
from triage.desk.queueing import queue_page
from triage.store import agenda, orders
from triage.store.leases import free, hold
from triage.store.ledger import events_of
from triage.store.queue import Slice
from triage.store.tables import queue_entry, work_order
from triage.store.verify import verify
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
SENT = Wish("DISPATCHED", unit="URBAN_MGMT")
# tests/fixtures/desks.py begins on Monday 2 March 2026, 09:00 in Shanghai. HELP at level 3 has
# seven working days: due at 24:00 on Wednesday 11 March, 16:00 UTC. The window for rejecting ends
# at 24:00 on Tuesday 3 March.
DUE = datetime(2026, 3, 11, 16, tzinfo=UTC)
WINDOW_ENDS = datetime(2026, 3, 3, 16, tzinfo=UTC)


def run(desk: Desk, holder: str = "a") -> dict[str, int]:
    """Do all that is due, and return the deeds, forgetting of places left out."""
    deeds = tick(desk.office, holder, most=10_000).deeds
    return {name: n for name, n in deeds.items() if n and name != "forgotten"}


def kinds(desk: Desk, order_id: str) -> list[Kind]:
    with desk.office.database.read() as connection:
        return [entry.event.kind for entry in events_of(connection, order_id)]


def last(desk: Desk, order_id: str) -> Event:
    with desk.office.database.read() as connection:
        return events_of(connection, order_id)[-1].event


def codes(desk: Desk, order_id: str) -> list[str]:
    with desk.office.database.read() as connection:
        found = events_of(connection, order_id)
    return [str(one.event.body["code"]) for one in found if "code" in one.event.body]


def test_a_unit_that_lets_the_window_pass_counts_as_having_accepted(desk: Desk) -> None:
    order = desk.go(desk.taken().id, SENT)
    desk.now = WINDOW_ENDS - timedelta(seconds=1)
    assert "deemed_accepted" not in run(desk)
    desk.now = WINDOW_ENDS
    assert run(desk)["deemed_accepted"] == 1
    assert desk.order(order.id).deemed_accepted
    event = last(desk, order.id)
    assert (event.kind, event.actor, event.at) == (Kind.DEEMED_ACCEPTED, "system", WINDOW_ENDS)
    assert event.body["unit"] == "URBAN_MGMT"


def test_each_dispatch_has_a_window_of_its_own_and_is_accepted_once(desk: Desk) -> None:
    order_id = desk.go(desk.taken().id, SENT).id
    desk.wait(days=2)
    run(desk)
    run(desk)
    desk.go(order_id, Wish("DISPATCHED", unit="ECOLOGY", reason="WRONG_DUTY"))
    assert not desk.order(order_id).deemed_accepted
    desk.wait(days=2)
    run(desk)
    run(desk)
    assert kinds(desk, order_id).count(Kind.DEEMED_ACCEPTED) == 2


def test_a_unit_that_rejects_in_time_has_not_accepted(desk: Desk) -> None:
    order_id = desk.go(
        desk.taken().id, SENT, Wish("REJECTED", reason="WRONG_DUTY", basis="不属本单位")
    ).id
    desk.wait(days=3)
    run(desk)
    assert Kind.DEEMED_ACCEPTED not in kinds(desk, order_id)


def test_reminders_come_at_their_moments_each_once(desk: Desk) -> None:
    order_id = desk.go(desk.taken().id, SENT, Wish("HANDLING")).id
    # The clock runs from 2 March 01:00 UTC to 11 March 16:00 UTC: 231 hours. Half are left after
    # 115.5 (6 March 20:30), a fifth after 184.8 (9 March 17:48).
    moments = (
        (datetime(2026, 3, 6, 20, 30, tzinfo=UTC), "HALF_LEFT"),
        (datetime(2026, 3, 9, 17, 48, tzinfo=UTC), "FIFTH_LEFT"),
        (DUE, "OVERDUE"),
        (DUE + timedelta(days=1), "OVERDUE_DAY"),
    )
    run(desk)
    for number, (at, code) in enumerate(moments):
        desk.now = at - timedelta(seconds=1)
        run(desk)
        assert len(codes(desk, order_id)) == number
        desk.now = at
        run(desk)
        run(desk)
        assert codes(desk, order_id)[number:] == [code]
    order = desk.order(order_id)
    assert order.reminded == ("HALF_LEFT", "FIFTH_LEFT", "OVERDUE", "OVERDUE_DAY")
    assert (order.reminders, order.supervised) == (2, True)
    event = last(desk, order_id)
    assert (event.kind, event.body["to"]) == (Kind.SUPERVISE, ["supervisor"])


def test_nobody_is_reminded_of_what_is_answered(desk: Desk) -> None:
    order_id = desk.go(desk.taken().id, Wish("REPLIED", note="油烟问题已要求商家整改完毕")).id
    desk.wait(days=30)
    assert run(desk) == {}
    assert desk.order(order_id).state is State.REPLIED  # and nothing closes by itself


def test_a_reminder_by_a_person_takes_no_reminder_s_place(desk: Desk) -> None:
    order_id = desk.go(desk.taken().id, SENT).id
    note(desk.office, order_id, Kind.REMIND, {"note": "请尽快"}, CHIEF)
    desk.now = DUE
    run(desk)
    assert codes(desk, order_id) == ["HALF_LEFT", "FIFTH_LEFT", "OVERDUE"]


def test_a_pause_ends_after_the_longest_that_its_reason_allows(desk: Desk) -> None:
    order_id = desk.go(
        desk.taken().id, SENT, Wish("HANDLING"), Wish("PAUSED", reason="NO_ACCESS")
    ).id
    # NO_ACCESS may last five working days: until 24:00 on Monday 9 March.
    limit = datetime(2026, 3, 9, 16, tzinfo=UTC)
    desk.now = limit - timedelta(seconds=1)
    run(desk)
    assert desk.order(order_id).state is State.PAUSED
    desk.now = limit + timedelta(hours=2)
    assert run(desk)["resume"] == 1
    order = desk.order(order_id)
    assert order.state is State.HANDLING
    # The clock stood at the beginning of 3, 4, 5, 6 and 9 March: five days later than 11 March.
    assert order.due_at == datetime(2026, 3, 18, 16, tzinfo=UTC)
    with desk.office.database.read() as connection:
        resumed = [e.event for e in events_of(connection, order_id) if e.event.kind is Kind.RESUME]
    assert [(e.actor, e.body["reason"]) for e in resumed] == [("system", "PAUSE_OVER")]
    assert run(desk) == {}


@pytest.mark.parametrize("outcome", ["SATISFIED", "NEUTRAL"])
def test_a_good_follow_up_closes(desk: Desk, outcome: str) -> None:
    order_id = desk.go(
        desk.taken().id,
        Wish("REPLIED", note="油烟问题已要求商家整改完毕"),
        Wish("FOLLOWED_UP", reason=outcome),
    ).id
    assert run(desk)["close"] == 1
    assert desk.order(order_id).state is State.CLOSED
    assert last(desk, order_id).actor == "system"
    with desk.office.database.read() as connection:
        assert agenda.due_ids(connection, desk.now + timedelta(days=999), 9) == []


@pytest.mark.parametrize("outcome", ["DISSATISFIED", "UNREACHABLE"])
def test_another_follow_up_does_not(desk: Desk, outcome: str) -> None:
    order_id = desk.go(
        desk.taken().id,
        Wish("REPLIED", note="油烟问题已要求商家整改完毕"),
        Wish("FOLLOWED_UP", reason=outcome),
    ).id
    desk.wait(days=90)
    run(desk)
    assert desk.order(order_id).state is State.FOLLOWED_UP


def test_what_cannot_be_done_is_put_off_and_holds_nothing_else_up(desk: Desk) -> None:
    damaged = desk.go(desk.taken("路灯不亮").id, SENT).id
    sound = desk.go(desk.taken().id, SENT).id
    with desk.office.database.write() as connection:
        connection.execute(
            update(work_order).where(work_order.c.id == damaged).values(document='{"id": 1}')
        )
    desk.now = WINDOW_ENDS
    deeds = run(desk)
    assert (deeds["put_off"], deeds["deemed_accepted"]) == (1, 1)
    assert Kind.DEEMED_ACCEPTED in kinds(desk, sound)
    assert run(desk) == {}
    desk.wait(hours=1)
    assert run(desk) == {"put_off": 1}


def test_a_deed_that_changes_nothing_does_not_go_on_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = desk.go(desk.taken().id, SENT).id
    run(desk)
    useless = lambda office, c, order, task, now: [Event(order.id, Kind.RULE, now, "system")]  # noqa: E731
    monkeypatch.setattr(clerk, "DEEDS", dict.fromkeys(DEEDS, useless))
    desk.now = WINDOW_ENDS
    before = kinds(desk, order_id)
    assert run(desk) == {"put_off": 1}
    assert kinds(desk, order_id) == before


def test_a_changed_calendar_moves_only_the_deadlines_that_move(desk: Desk) -> None:
    moves, stays = (
        desk.taken().id,
        desk.go(desk.taken("路灯不亮").id, Wish("REPLIED", note="路灯不亮已经修好")).id,
    )
    run(desk)
    before = desk.order(moves).version
    later = _Later(desk.office.clocks, moves)
    desk.office = replace(desk.office, clocks=later)  # type: ignore[arg-type]
    assert run(desk)["deadline"] == 1
    assert run(desk) == {}
    order = desk.order(moves)
    assert (order.due_at, order.version) == (DUE + timedelta(days=1), before + 1)
    event = last(desk, moves)
    assert (event.kind, event.body["version"]) == (Kind.DEADLINE, "another")
    assert Kind.DEADLINE not in kinds(desk, stays)


def test_a_round_over_all_orders_goes_on_where_it_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        desk.taken(f"第 {number} 盏路灯不亮")
    monkeypatch.setattr(clerk, "BATCH", 2)
    seen: list[str] = []
    task = desk.office.books.task

    def looked_at(order: WorkOrder) -> object:
        seen.append(order.id)
        return task(order)

    desk.office = replace(desk.office, books=replace(desk.office.books, task=looked_at))  # type: ignore[arg-type]
    assert not tick(desk.office, "a", most=2).is_done
    assert tick(desk.office, "b", most=9).deeds.total() == 0  # "a" holds the lease
    desk.wait(seconds=LEASE_LENGTH.total_seconds() + 1)
    tick(desk.office, "b", most=9)
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 5


def test_the_end_of_an_emergency_is_noted_once(desk: Desk) -> None:
    run(desk)
    declare(desk.office, "EMERGENCY", reason="特大暴雨", actor=CHIEF)
    desk.wait(hours=71)
    assert "mode" not in run(desk)
    desk.wait(hours=1)
    assert current_mode(desk.office).name == NORMAL  # it ended by itself
    assert run(desk)["mode"] == 1
    assert "mode" not in run(desk)
    declare(desk.office, "EMERGENCY", reason="又来了", actor=CHIEF)
    run(desk)
    assert current_mode(desk.office).name == "EMERGENCY"


def test_places_in_the_queue_are_forgotten_after_an_hour_and_not_before(desk: Desk) -> None:
    def left() -> int:
        with desk.office.database.read() as connection:
            found = connection.execute(select(queue_entry).where(queue_entry.c.to_seq.is_not(None)))
            return len(found.all())

    order_id = desk.taken().id
    desk.go(order_id, SENT, Wish("DISPATCHED", unit="ECOLOGY", reason="WRONG_DUTY"))
    gone = left()
    assert gone
    run(desk)
    page = queue_page(desk.office, Slice(), CHIEF, cursor=None, limit=10)
    assert [item.order.id for item in page.items] == [order_id]
    desk.wait(minutes=59)
    run(desk)
    assert left() == gone
    desk.wait(minutes=1)
    assert tick(desk.office, "a").deeds["forgotten"] == gone
    assert left() == 0
    desk.now -= timedelta(days=30)
    run(desk)  # a clock that goes back forgets nothing and breaks nothing


def test_the_clock_may_jump_forwards_and_back(desk: Desk) -> None:
    order_id = desk.go(desk.taken().id, SENT, Wish("HANDLING")).id
    run(desk)
    start = desk.now
    desk.now = start + timedelta(days=365)
    deeds = run(desk)
    assert (deeds["deemed_accepted"], deeds["remind"]) == (1, 4)
    desk.now = start + timedelta(days=2)  # back again: the lease of next year does not block
    assert run(desk, "b") == {}
    desk.now = start + timedelta(days=366)
    assert run(desk, "b") == {}
    assert kinds(desk, order_id).count(Kind.DEEMED_ACCEPTED) == 1
    assert len(codes(desk, order_id)) == 4


def test_a_clerk_that_dies_in_the_middle_has_done_a_thing_or_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    ids = [desk.go(desk.taken(f"第 {n} 盏路灯不亮").id, SENT).id for n in range(4)]
    run(desk)
    monkeypatch.setattr(clerk, "BATCH", 2)
    wrote = agenda.arrange
    count: list[int] = []

    def until_the_third(connection: Connection, tasks: dict[str, object]) -> None:
        count.append(1)
        if len(count) == 2:
            raise Killed
        wrote(connection, tasks)  # type: ignore[arg-type]

    monkeypatch.setattr(orders, "arrange", until_the_third)
    desk.now = WINDOW_ENDS
    with pytest.raises(Killed):
        run(desk)
    monkeypatch.undo()
    assert sum(Kind.DEEMED_ACCEPTED in kinds(desk, one) for one in ids) == 2
    assert run(desk, "a")["deemed_accepted"] == 2
    assert [kinds(desk, one).count(Kind.DEEMED_ACCEPTED) for one in ids] == [1, 1, 1, 1]
    assert list(verify(desk.office.database)) == []


def test_two_clerks_do_nothing_twice_even_without_a_lease(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [desk.go(desk.taken(f"第 {n} 盏路灯不亮").id, SENT).id for n in range(12)]
    run(desk)
    monkeypatch.setattr(clerk, "hold", lambda *given: True)
    monkeypatch.setattr(clerk, "BATCH", 3)
    desk.now = WINDOW_ENDS + timedelta(days=30)
    start, done, failed = Barrier(2), list[dict[str, int]](), list[BaseException]()

    def work(holder: str) -> None:
        start.wait()
        try:
            for _ in range(20):
                done.append(run(desk, holder))
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(one.get("deemed_accepted", 0) for one in done) == 12
    assert [kinds(desk, one).count(Kind.DEEMED_ACCEPTED) for one in ids] == [1] * 12
    assert [len(codes(desk, one)) for one in ids] == [4] * 12
    assert list(verify(desk.office.database)) == []


def test_a_lease_is_held_by_one_until_it_ends_or_is_given_back(desk: Desk) -> None:
    def held(holder: str, name: str = "x") -> bool:
        with desk.office.database.write() as connection:
            return hold(connection, name, holder, desk.now, timedelta(seconds=30))

    assert held("a")
    assert not held("b")
    assert held("b", "y")
    desk.wait(seconds=20)
    assert held("a")  # renewed
    desk.wait(seconds=20)
    assert not held("b")
    desk.wait(seconds=11)
    assert held("b")
    with desk.office.database.write() as connection:
        free(connection, "x", "a")  # not its own any more
        free(connection, "x", "b")
    assert held("a")
    desk.now -= timedelta(days=1)  # what was taken tomorrow counts for nothing
    assert held("b")


def test_an_idle_tick_writes_nothing(desk: Desk) -> None:
    desk.taken()
    run(desk)
    written: list[str] = []

    def seen(connection: object, cursor: object, statement: str, *rest: object) -> None:
        written.append(statement)

    engine = desk.office.database.engine
    event.listen(engine, "before_cursor_execute", seen)
    run(desk)
    event.remove(engine, "before_cursor_execute", seen)
    assert written
    assert [one for one in written if one.split()[0] in ("INSERT", "UPDATE", "DELETE")] == []


def test_an_order_that_somebody_is_changing_is_left_for_the_next_round(desk: Desk) -> None:
    if desk.office.database.is_embedded:
        pytest.skip("one writer at a time")
    order_id = desk.go(desk.taken().id, SENT).id
    run(desk)
    desk.now = WINDOW_ENDS
    with desk.office.database.write() as connection:
        orders.claim(connection, order_id, None)
        assert run(desk) == {}
    assert run(desk) == {"deemed_accepted": 1}


class _Later:
    """Clocks of another version, by which one order is due a day later."""

    version = "another"

    def __init__(self, clocks: object, order_id: str) -> None:
        self._clocks, self._order_id = clocks, order_id

    def due(self, order: WorkOrder) -> Due:
        found = self._clocks.due(order)  # type: ignore[attr-defined]
        late = order.id == self._order_id and found.at == DUE
        return Due(found.at + timedelta(days=1), found.kind) if late else found
