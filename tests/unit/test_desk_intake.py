from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from triage.desk.intake import KeyReused
from triage.errors import InvalidRequest
from triage.request import CitizenRequest, Prediction, Urgency
from triage.store.ledger import events_of
from triage.store.tables import ledger, vault, work_order
from triage.store.vault import Field
from triage.workorder.events import Kind
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

PHONE = "13800000000"


def counted(desk: Desk) -> int:
    with desk.office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(work_order)).scalar_one())


def test_a_request_becomes_an_order_with_suggestion_deadline_and_query_code(desk: Desk) -> None:
    answer = json.loads(desk.take(district="渝中区").answer)
    order = desk.order(answer["id"])
    assert answer["state"] == order.state == State.SUGGESTED
    assert answer["query_code"] == order.query_code
    assert answer["triage"]["units"][0]["code"] == order.lead == "URBAN_MGMT"
    # HELP at level 3 has 7 working days (policy.toml); Monday 2 March, so until the end of
    # Wednesday 11 March in Shanghai, which is 16:00 UTC
    assert order.due_at == datetime(2026, 3, 11, 16, tzinfo=UTC)
    assert answer["due_at"] == order.due_at.isoformat()


def test_the_prediction_stands_in_the_ledger_with_its_versions(desk: Desk) -> None:
    order_id = desk.take().order_id
    with desk.office.database.read() as connection:
        entries = events_of(connection, order_id)
    assert [entry.event.kind for entry in entries] == [Kind.INTAKE, Kind.PREDICTION, Kind.SUGGEST]
    assert entries[1].event.body["versions"] == {"model": "m", "catalogue": "c", "rules": "r"}
    assert len(entries[1].event.body["units"]) == 2  # type: ignore[arg-type]


def test_personal_data_is_nowhere_but_in_the_vault(desk: Desk) -> None:
    desk.take(
        f"我叫欧阳小满，住幸福路8号，电话{PHONE}，楼下油烟太大",
        requester={"name": "欧阳小满", "phone": PHONE, "address": "幸福路8号"},
    )
    with desk.office.database.read() as connection:
        bodies = "".join(connection.execute(select(ledger.c.body)).scalars())
        documents = "".join(connection.execute(select(work_order.c.document)).scalars())
        fields = set(connection.execute(select(vault.c.field)).scalars())
        sealed = b"".join(map(bytes, connection.execute(select(vault.c.sealed)).scalars()))
    for secret in ("欧阳小满", "幸福路8号", PHONE, PHONE[-4:] + '"'):
        assert secret not in bodies
        assert secret not in documents
        assert secret.encode() not in sealed
    assert fields == {Field.TEXT, Field.NAME, Field.PHONE, Field.ADDRESS}
    assert all("欧阳小满" not in request.text for request in desk.asked)


def test_a_field_for_a_place_may_hold_anything_and_is_masked(desk: Desk) -> None:
    order = desk.taken(district=f"渝中区，电话{PHONE}", township="解放碑街道")
    assert PHONE not in order.district
    assert order.township == "解放碑街道"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"key": "k"}, {"key": "k"}),
        ({"source": "110", "source_id": "7"}, {"source": "110", "source_id": "7"}),
    ],
)
def test_the_same_record_twice_is_one_order_and_one_answer(
    desk: Desk, first: dict[str, str], again: dict[str, str]
) -> None:
    one = desk.take(**first)  # type: ignore[arg-type]
    desk.wait(hours=1)
    two = desk.take(**again)  # type: ignore[arg-type]
    assert (one.is_replay, two.is_replay) == (False, True)
    assert one.answer == two.answer
    assert counted(desk) == 1


def test_the_same_number_of_another_source_is_another_order(desk: Desk) -> None:
    desk.take(source="110", source_id="7")
    desk.take(source="119", source_id="7")
    assert counted(desk) == 2


def test_an_idempotency_key_with_another_text_is_refused(desk: Desk) -> None:
    desk.take("路灯不亮", key="k")
    with pytest.raises(KeyReused, match="Idempotency-Key"):
        desk.take("井盖丢了", key="k")
    assert counted(desk) == 1


def test_a_number_of_a_source_with_another_text_is_refused(desk: Desk) -> None:
    desk.take("路灯不亮", source="110", source_id="7")
    with pytest.raises(KeyReused, match="source_id"):
        desk.take("井盖丢了", source="110", source_id="7")
    assert counted(desk) == 1


def test_senders_of_the_same_record_at_the_same_moment_get_the_same_order(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda _: desk.take(source="110", source_id="7"), range(16)))
    assert len({receipt.answer for receipt in receipts}) == 1
    assert sum(not receipt.is_replay for receipt in receipts) == 1
    assert counted(desk) == 1


def test_rules_judge_where_the_model_is_down(desk: Desk) -> None:
    desk.said = None
    order = desk.taken("我家里着火了，老人还在里面，快来救人，渝中区解放碑")
    assert order.state is State.SUGGESTED
    assert order.acceptance == "EMERGENCY_HANDOFF"
    assert order.urgency == 0


def test_without_model_and_rules_the_order_goes_to_the_manual_queue(desk: Desk) -> None:
    def broken(requests: Sequence[CitizenRequest]) -> list[Prediction]:
        raise RuntimeError

    desk.office = replace(desk.office, triages=(broken, broken))
    receipt = desk.take()
    order = desk.order(receipt.order_id)
    assert order.state is State.MANUAL
    assert json.loads(receipt.answer)["triage"] is None
    assert order.due_at > desk.now


def test_a_requester_is_known_again_without_the_number(desk: Desk) -> None:
    assert desk.taken(requester={"phone": PHONE}).repeats == 0
    assert desk.taken(requester={"phone": f"+86 {PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}"}).repeats == 1
    assert desk.taken(requester={"phone": "13900000000"}).repeats == 0
    desk.wait(days=91)
    assert desk.taken(requester={"phone": PHONE}).repeats == 0


def test_an_instrument_opens_a_proactive_case(desk: Desk) -> None:
    assert desk.taken("水压低于 0.1 MPa", origin="sensor").origin == "proactive_case"


def test_urgent_orders_get_the_clock_of_their_level(desk: Desk) -> None:
    assert desk.said is not None
    desk.said = replace(desk.said, urgency=Urgency(1, 0.9))
    assert (desk.taken().due_at - desk.now).total_seconds() == 2 * 3600


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": ""}, "text"),
        ({"origin": "rumour"}, "origin"),
        ({"source_id": "7"}, "source"),
        ({"requester": "张三"}, "requester"),
        ({"requester": {"phone": ["1"]}}, "requester.phone"),
        ({"requester": {"name": "长" * 65}}, "requester.name"),
        ({"source": "110", "source_id": "9" * 129}, "source_id"),
        ({"source": "1" * 65}, "source"),
    ],
)
def test_a_record_that_breaks_a_rule_names_the_field(
    desk: Desk, more: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        desk.take(**{"text": "路灯不亮", **more})  # type: ignore[arg-type]
    assert refused.value.field == field
    assert counted(desk) == 0


def test_a_failure_while_writing_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("disk")

    seal: Callable[..., None] = full
    monkeypatch.setattr(type(desk.office.vault), "seal", seal)
    with pytest.raises(RuntimeError):
        desk.take()
    assert counted(desk) == 0
