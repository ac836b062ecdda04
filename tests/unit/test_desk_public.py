from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from serving.app import create_app
from serving.engine import Fixed
from serving.settings import Limits
from triage.desk.moves import Wish
from triage.desk.public import progress_of
from triage.desk.view import PUBLIC_STATES, progress_json
from triage.request import Ranked
from triage.store.orders import UnknownOrder
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

PHONE = "138 0000 4321"
SENT = Wish("DISPATCHED", unit="URBAN_MGMT")


def taken(desk: Desk, phone: str = PHONE, **more: str) -> WorkOrder:
    return desk.taken(district="渝中区", requester={"phone": phone}, **more)


def shown(desk: Desk, order: WorkOrder, digits: str = "4321") -> dict[str, object]:
    return {**progress_json(progress_of(desk.office, order.query_code, digits))}


def test_the_code_and_the_last_four_digits_show_how_far_it_is(desk: Desk) -> None:
    order = taken(desk)
    desk.go(order.id, SENT)
    found = shown(desk, order)
    assert (found["state"], found["progress"]) == ("DISPATCHED", "已转承办单位")
    assert "城市管理" in str(found["body"])
    spaced = "-".join(order.query_code[at : at + 4] for at in range(0, 12, 4)).lower()
    assert progress_of(desk.office, f" {spaced} ", "4321").id == order.id


@pytest.mark.parametrize("digits", ["4322", "", "432", "1234"])
def test_wrong_or_absent_digits_and_a_wrong_code_sound_alike(desk: Desk, digits: str) -> None:
    order = taken(desk)
    with pytest.raises(UnknownOrder) as wrong_digits:
        progress_of(desk.office, order.query_code, digits)
    with pytest.raises(UnknownOrder) as wrong_code:
        progress_of(desk.office, "0" * 12, "4321")
    assert wrong_digits.value.message == wrong_code.value.message


def test_the_digits_of_another_order_of_the_same_caller_do_not_open_a_stranger_s(
    desk: Desk,
) -> None:
    taken(desk)
    other = taken(desk, "13900009999")
    with pytest.raises(UnknownOrder):
        progress_of(desk.office, other.query_code, "4321")


def test_an_order_without_a_number_is_shown_for_its_code_alone(desk: Desk) -> None:
    order = desk.taken()
    assert progress_of(desk.office, order.query_code, "").id == order.id


def test_a_merged_order_shows_its_main_s_progress_and_its_own_beginning(desk: Desk) -> None:
    main = taken(desk, "13900009999")
    desk.wait(hours=1)
    order = taken(desk)
    desk.go(order.id, Wish("MERGED", into=main.id))
    desk.go(main.id, SENT, Wish("HANDLING"))
    found = shown(desk, order)
    assert found["state"] == "HANDLING"
    assert found["received_at"] == order.received_at.isoformat() != main.received_at.isoformat()


def test_a_main_that_was_merged_itself_leads_on(desk: Desk) -> None:
    last, middle, order = taken(desk), taken(desk), taken(desk)
    desk.go(order.id, Wish("MERGED", into=middle.id))
    desk.go(middle.id, Wish("MERGED", into=last.id))
    desk.go(last.id, SENT)
    assert shown(desk, order)["state"] == "DISPATCHED"


def test_what_another_requester_thought_of_it_is_not_shown(desk: Desk) -> None:
    main, order = taken(desk, "13900009999"), taken(desk)
    desk.go(order.id, Wish("MERGED", into=main.id))
    done = Wish("REPLIED", note="油烟已经查处", reason="CONFIRMED")
    desk.go(main.id, SENT, Wish("HANDLING"), done, Wish("FOLLOWED_UP", reason="DISSATISFIED"))
    assert shown(desk, order)["outcome"] is None
    assert shown(desk, main, "9999")["outcome"] == "DISSATISFIED"


def test_a_report_shows_no_body_whatever_it_was_merged_into(desk: Desk) -> None:
    assert desk.said is not None
    complaint = taken(desk)
    desk.said = replace(desk.said, request_type=Ranked("REPORT", 0.9))
    report, merged = taken(desk), taken(desk)
    desk.go(complaint.id, SENT)
    desk.go(report.id, SENT)
    desk.go(merged.id, Wish("MERGED", into=complaint.id))
    assert shown(desk, complaint)["body"]
    assert shown(desk, report)["body"] == ""
    assert shown(desk, merged)["body"] == ""


def test_no_text_no_person_and_no_number_is_shown(desk: Desk) -> None:
    order = taken(desk, text="我是欧阳小满，楼下油烟太大")
    assert set(shown(desk, order)) == {
        *("state", "progress", "received_at", "state_since", "due_at", "body"),
        *("replied_at", "outcome"),
    }
    text = str(shown(desk, order))
    for secret in ("欧阳小满", "油烟太大", "4321", order.id, order.query_code, order.requester):
        assert secret not in text


def test_every_state_has_words_and_two_of_the_dispatcher_s_look_alike() -> None:
    assert set(PUBLIC_STATES) == set(State)
    assert PUBLIC_STATES[State.SUGGESTED] == PUBLIC_STATES[State.MANUAL]


def ask(app: FastAPI, *paths: str) -> list[tuple[int, str]]:
    async def all_of_them() -> list[tuple[int, str]]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answers = [await client.get(f"/v1/public/{path}") for path in paths]
        return [(one.status_code, one.json().get("code", "")) for one in answers]

    return asyncio.run(all_of_them())


def test_wrong_digits_count_as_failures_and_right_ones_do_not(desk: Desk) -> None:
    order = taken(desk)
    limits = Limits(query_failures=3, query_window_seconds=60)
    app = create_app(Fixed(None), office=desk.office, limits=limits)
    right, wrong = f"{order.query_code}?phone=4321", f"{order.query_code}?phone=0000"
    found = ask(app, right, right, right, right, wrong, wrong, right, wrong, right)
    unknown, locked = (404, "order_unknown"), (429, "locked_out")
    # Nobody who guesses learns that the third guess was right: locked out is locked out.
    assert found == [*[(200, "")] * 4, unknown, unknown, (200, ""), unknown, locked]


def test_digits_that_are_too_many_are_a_wrong_field(desk: Desk) -> None:
    order = taken(desk)
    app = create_app(Fixed(None), office=desk.office)
    assert ask(app, f"{order.query_code}?phone=13800004321") == [(422, "field_invalid")]
