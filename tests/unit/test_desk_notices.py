"""Notices to citizens: when one is written, what it says, and how it leaves."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from triage.desk import merging
from triage.desk.actor import Actor
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish, move
from triage.desk.notices import rendered, texts
from triage.desk.replying import release
from triage.desk.spawning import PartWish, reopen, split
from triage.desk.view import PUBLIC_STATES
from triage.outgoing.courier import carry
from triage.outgoing.senders import FileSender, Notice
from triage.store.ledger import events_of
from triage.store.outgoing_tables import outbox
from triage.workorder.events import Event, Kind
from triage.workorder.projection import apply
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
SENT = Wish("DISPATCHED", unit="URBAN_MGMT")
GOOD = Wish("REPLIED", note="油烟问题已要求商家整改完毕，现场复查合格")
PHONE = "13800000000"


class Gateway:
    """A sender that remembers, and fails while it is told to."""

    needs_phone = True

    def __init__(self) -> None:
        self.sent: list[tuple[Notice, str]] = []
        self.error = ""

    async def send(self, notice: Notice, phone: str) -> str:
        if not self.error:
            self.sent.append((notice, phone))
        return self.error


def written(desk: Desk) -> list[tuple[str, str]]:
    """Return order and template of all notices, oldest first."""
    with desk.office.database.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.seq, outbox.c.id)).all()
    return [(row.order_id, row.template) for row in rows]


def states(desk: Desk) -> list[str]:
    with desk.office.database.read() as connection:
        return list(connection.execute(select(outbox.c.state).order_by(outbox.c.seq)).scalars())


def carried(desk: Desk, sender: Gateway | FileSender, holder: str = "a") -> dict[str, int]:
    return dict(asyncio.run(carry(desk.office, sender, holder)))


def test_every_public_state_that_can_be_told_of_has_words_in_both_languages() -> None:
    silent = {State.MANUAL}  # looks like SUGGESTED from outside
    for state in PUBLIC_STATES.keys() - silent:
        assert texts()[state.value].zh
        assert texts()[state.value].en


def test_a_notice_is_written_with_each_change_that_a_citizen_can_see(desk: Desk) -> None:
    order_id = desk.taken(requester={"phone": PHONE}).id
    desk.go(order_id, SENT, Wish("DISPATCHED", unit="ECOLOGY", reason="WRONG_DUTY"))
    desk.go(order_id, Wish("ACKNOWLEDGED"), Wish("HANDLING"), GOOD)
    assert [template for _, template in written(desk)] == [
        "RECEIVED", "DISPATCHED", "ACKNOWLEDGED", "HANDLING", "REPLIED",
    ]  # fmt: skip


def test_words_hold_nothing_but_code_unit_and_day(desk: Desk) -> None:
    order = desk.go(desk.taken(f"我叫张三，电话{PHONE}", requester={"phone": PHONE}).id, SENT)
    assert rendered("RECEIVED", order).zh == (
        f"您的诉求已收到，查询码 {order.query_code}，预计 2026-03-12 前答复。"
    )
    assert order.body
    assert order.body in rendered("DISPATCHED", order).zh
    for template in texts():
        found = rendered(template, order)
        assert "{" not in found.zh + found.en
        assert not {"张三", PHONE, order.text} & {found.zh, found.en}


def test_a_report_names_no_unit(desk: Desk) -> None:
    from dataclasses import replace

    order = replace(desk.go(desk.taken().id, SENT), request_type="REPORT")
    found = rendered("DISPATCHED", order)
    assert order.body not in found.zh + found.en
    assert "承办单位" in found.zh


def test_a_unit_that_does_not_hold_the_order_any_more_is_not_named(desk: Desk) -> None:
    order = desk.go(desk.taken().id, SENT, Wish("HANDLING"))
    assert order.body not in rendered("DISPATCHED", order).zh


def test_a_held_reply_is_told_of_when_it_is_released(desk: Desk) -> None:
    order_id = desk.taken(requester={"phone": PHONE}).id
    order = desk.go(order_id, SENT, Wish("HANDLING"), Wish("REPLIED", note="收到"))
    assert order.reply_flags
    assert "REPLIED" not in [template for _, template in written(desk)]
    desk.go(order_id, Wish("FOLLOWED_UP", reason="UNREACHABLE"))
    assert written(desk)[-1] == (order_id, "HANDLING")
    release(desk.office, order_id, version=None, actor=CHIEF)
    assert written(desk)[-1] == (order_id, "FOLLOWED_UP")


@pytest.mark.parametrize(
    ("outcome", "flags", "is_held"),
    [("SATISFIED", 0, False), ("NEUTRAL", 0, False), ("DISSATISFIED", 2, False),
     ("UNREACHABLE", 2, True)],
)  # fmt: skip
def test_a_follow_up_ends_the_holding_and_only_content_ends_the_doubt(
    desk: Desk, outcome: str, flags: int, is_held: bool
) -> None:
    order_id = desk.taken(requester={"phone": PHONE}).id
    held = desk.go(order_id, SENT, Wish("HANDLING"), Wish("REPLIED", note="已处理"))
    assert (held.reply_flags, held.is_reply_held) == (("SHORT", "UNTOUCHED"), True)
    order = desk.go(order_id, Wish("FOLLOWED_UP", reason=outcome))
    assert (len(order.reply_flags), order.is_reply_held) == (flags, is_held)
    assert (written(desk)[-1][1] == "FOLLOWED_UP") is not is_held
    if outcome == "DISSATISFIED":
        with pytest.raises(MoveRefused, match="没有待确认的答复"):
            release(desk.office, order_id, version=None, actor=CHIEF)  # it was heard already
        assert desk.go(order_id, Wish("CLOSED")).reply_flags == held.reply_flags
        assert (order_id, "CLOSED") in written(desk)


def test_a_doubtful_reply_after_a_redo_is_held_although_the_last_one_was_heard(desk: Desk) -> None:
    short = Wish("REPLIED", note="已处理")
    order_id = desk.taken().id
    desk.go(order_id, SENT, Wish("HANDLING"), short, Wish("FOLLOWED_UP", reason="DISSATISFIED"))
    again = desk.go(order_id, Wish("HANDLING", reason="不满意"), short)
    assert again.is_reply_held
    waived = desk.go(order_id, Wish("CLOSED", reason="WAIVED", basis="书面表示不需回访"))
    assert waived.is_reply_held


def test_a_released_reply_is_told_of_once(desk: Desk) -> None:
    order_id = desk.go(desk.taken().id, Wish("REPLIED", note="收到")).id
    release(desk.office, order_id, version=None, actor=CHIEF)
    assert [t for _, t in written(desk)].count("REPLIED") == 1


def test_requesters_of_merged_orders_are_told_through_every_level(desk: Desk) -> None:
    first, second, main = (desk.taken(f"第 {n} 盏路灯不亮").id for n in (1, 2, 3))
    desk.go(first, Wish("MERGED", into=second))
    desk.go(second, Wish("MERGED", into=main))
    desk.go(main, Wish("REPLIED", note="路灯不亮的问题已经修好", reason="CONFIRMED"))
    assert sorted(o for o, t in written(desk) if t == "REPLIED") == sorted([first, second, main])
    desk.go(main, Wish("FOLLOWED_UP", reason="SATISFIED"), Wish("CLOSED"))
    assert sorted(o for o, t in written(desk) if t == "CLOSED") == sorted([first, second, main])
    assert [o for o, t in written(desk) if t == "FOLLOWED_UP"] == [main]
    assert merging  # the deeds are its


def test_nobody_is_told_of_rounds_or_of_parts(desk: Desk) -> None:
    desk.taken(origin="inspection")
    assert written(desk) == []
    whole = desk.taken("路灯坏了。另外井盖丢了").id
    split(
        desk.office, whole, [PartWish("路灯坏了"), PartWish("井盖丢了")], version=None, actor=CHIEF
    )
    assert written(desk) == [(whole, "RECEIVED")]


def test_who_asks_again_gets_the_new_code(desk: Desk) -> None:
    order_id = desk.taken(requester={"phone": PHONE}).id
    desk.go(order_id, GOOD, Wish("FOLLOWED_UP", reason="SATISFIED"), Wish("CLOSED"))
    child = reopen(desk.office, order_id, reason="又来了", actor=CHIEF)
    assert written(desk)[-1] == (child.id, "REOPENED")
    gateway = Gateway()
    carried(desk, gateway)
    told = {notice.template: (notice.query_code, phone) for notice, phone in gateway.sent}
    assert told["REOPENED"] == (child.query_code, PHONE)  # sealed under its parent


def test_the_number_is_read_for_the_sender_that_needs_it_and_on_record(
    desk: Desk, tmp_path: Path
) -> None:
    order_id = desk.taken(requester={"phone": PHONE}).id
    carried(desk, FileSender(tmp_path / "out"))

    def reads() -> list[tuple[str, object]]:
        with desk.office.database.read() as connection:
            found = [one.event for one in events_of(connection, order_id)]
        return [(one.actor, one.body["purpose"]) for one in found if one.kind is Kind.READ]

    assert reads() == []
    desk.go(order_id, SENT)
    gateway = Gateway()
    assert carried(desk, gateway) == {"sent": 1}
    assert gateway.sent[0][1] == PHONE
    assert reads() == [("system", "notice")]


def test_a_file_holds_one_line_without_the_number(desk: Desk, tmp_path: Path) -> None:
    order = desk.taken(requester={"phone": PHONE})
    assert carried(desk, FileSender(tmp_path / "out")) == {"sent": 1}
    (path,) = (tmp_path / "out").iterdir()
    line = json.loads(path.read_text("utf-8"))
    assert path.name == f"{line['id']}.jsonl"
    assert (line["order_id"], line["template"]) == (order.id, "RECEIVED")
    assert PHONE not in path.read_text("utf-8")
    assert states(desk) == ["SENT"]
    assert carried(desk, FileSender(tmp_path / "out")) == {}


def test_a_folder_that_cannot_be_written_to_keeps_the_notice(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    desk.taken()
    assert carried(desk, FileSender(tmp_path / "out")) == {"failed": 1}
    assert states(desk) == ["WAITING"]


def test_who_left_no_number_is_skipped(desk: Desk) -> None:
    desk.taken()
    assert carried(desk, Gateway()) == {"skipped": 1}
    assert states(desk) == ["SKIPPED"]


def test_a_gateway_down_for_an_hour_gets_everything_afterwards_in_order_and_once(
    desk: Desk,
) -> None:
    gateway = Gateway()
    order_id = desk.taken(requester={"phone": PHONE}).id
    gateway.error = "http_503"
    assert carried(desk, gateway) == {"failed": 1}
    desk.go(order_id, SENT, Wish("HANDLING"))
    for _ in range(60):
        desk.wait(minutes=1)
        carried(desk, gateway)
    gateway.error = ""
    for _ in range(60):
        desk.wait(minutes=1)
        carried(desk, gateway)
    assert [notice.template for notice, _ in gateway.sent] == ["RECEIVED", "DISPATCHED", "HANDLING"]
    assert states(desk) == ["SENT", "SENT", "SENT"]


def test_after_a_day_of_failures_a_notice_is_dead(desk: Desk) -> None:
    gateway = Gateway()
    gateway.error = "timeout"
    desk.taken(requester={"phone": PHONE})
    for _ in range(80):  # forty hours: at most 29 of waits, and 17 half hours of looking late
        carried(desk, gateway)
        desk.wait(minutes=30)
    assert states(desk) == ["DEAD"]


def test_a_process_that_dies_before_noting_sends_the_same_notice_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*given: object) -> bool:
        raise Killed

    desk.taken(requester={"phone": PHONE})
    gateway = Gateway()
    with monkeypatch.context() as patch:
        patch.setattr("triage.outgoing.courier._write", die)
        with pytest.raises(Killed):
            carried(desk, gateway)
    carried(desk, gateway)
    first, second = gateway.sent
    assert first == second


def test_one_process_at_a_time_sends(desk: Desk) -> None:
    gateway = Gateway()
    first = desk.taken(requester={"phone": PHONE})
    assert carried(desk, gateway, "a") == {"sent": 1}
    move(desk.office, first.id, SENT, CHIEF)
    assert carried(desk, gateway, "b") == {}
    assert carried(desk, gateway, "a") == {"sent": 1}


def test_a_follow_up_written_before_doubts_were_named_folds_as_it_did(desk: Desk) -> None:
    order_id = desk.taken(requester={"phone": PHONE}).id
    held = desk.go(order_id, SENT, Wish("HANDLING"), Wish("REPLIED", note="已处理"))
    old = Event(order_id, Kind.FOLLOW_UP, desk.now, "u", {"reason": "DISSATISFIED"})
    assert apply(held, old).reply_flags == ()
