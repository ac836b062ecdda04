"""Secrets sown into orders come up in nothing that leaves: reports, open data, progress, webhooks.

Names, telephone numbers, addresses and query codes go in by every door (text, title, requester,
reply, reasons); what each way out gives is searched for all of them.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import Rights
from triage.catalogue import Catalogue
from triage.desk import amend
from triage.desk.actor import SYSTEM, Actor
from triage.desk.clocks import PolicyClocks
from triage.desk.moves import Wish
from triage.desk.opendata import open_data
from triage.desk.public import progress_of
from triage.desk.reports import Reports, open_reports
from triage.desk.scorecard_files import as_csv, as_json, as_xlsx
from triage.desk.scorecards import scorecards_of
from triage.desk.view import order_json, progress_json, timeline_json
from triage.outgoing.payload import payload
from triage.store.ledger import entries
from triage.store.orders import find
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder
from triage.workorder.scorecards import By

if TYPE_CHECKING:
    from desks import Desk

NAMES = ("欧阳小满", "慕容大海", "司徒阿宝", "诸葛红梅", "上官建国", "皇甫秀英")
UNIT = Actor("unit-1", frozenset({"handler"}), frozenset({"URBAN_MGMT"}))
CHIEF = Actor("chief", frozenset({"administrator"}))


def phone(number: int) -> str:
    return f"1387654{3210 + number:04d}"


def address(number: int) -> str:
    return f"幸福路{8800 + number}号"


@pytest.fixture
def sown(desk: Desk) -> tuple[list[WorkOrder], tuple[str, ...]]:
    """Return orders that were answered, and every secret that is in them."""
    made = []
    for number, name in enumerate(NAMES):
        order = desk.taken(
            f"我叫{name}，住{address(number)}，电话{phone(number)}，楼下油烟太大",
            title=f"联系电话{phone(number)}",
            district="渝中区",
            requester={"name": name, "phone": phone(number), "address": address(number)},
        )
        desk.go(
            order.id,
            Wish("DISPATCHED", unit="URBAN_MGMT"),
            Wish("HANDLING"),
            Wish("REPLIED", note=f"已电话{phone(number)}告知油烟已查处", reason="CONFIRMED"),
        )
        reason = {"reason": f"来电人电话{phone(number)}，恶意"}
        amend.note(desk.office, order.id, Kind.EXCLUSION, reason, CHIEF)
        made.append(desk.order(order.id))
    desk.wait(days=40)
    personal = (*NAMES, *(phone(n) for n in range(6)), *(address(n) for n in range(6)))
    inner = [secret for one in made for secret in (one.query_code, one.requester, one.phone_tail)]
    return made, (*personal, *inner)


def reports_of(desk: Desk) -> Reports:
    assert isinstance(desk.office.clocks, PolicyClocks)
    return open_reports(
        desk.office.database, Catalogue.load(), desk.office.clocks, lambda: desk.now
    )


def leaks(content: str, secrets: tuple[str, ...]) -> list[str]:
    return [secret for secret in secrets if secret in content]


def test_scorecards_hold_none_of_them(
    desk: Desk, sown: tuple[list[WorkOrder], tuple[str, ...]]
) -> None:
    _, secrets = sown
    for by in By:
        report = scorecards_of(
            reports_of(desk), date(2026, 3, 1), date(2026, 3, 31), by, SYSTEM, least=1
        )
        for content in (as_json(report), as_csv(report)):
            assert leaks(content.decode(), secrets) == []
    assert '"OTHER":6' in as_json(report).decode()  # the reasons were there, and were hidden
    assert as_xlsx(report)


def test_open_data_hold_none_of_them(
    desk: Desk, sown: tuple[list[WorkOrder], tuple[str, ...]]
) -> None:
    _, secrets = sown
    content = open_data(reports_of(desk), date(2026, 3, 1)).decode("utf-8-sig")
    assert content.count("\n") == 2  # the heading, and all six in one cell
    assert leaks(content, secrets) == []


def test_progress_holds_none_of_them(
    desk: Desk, sown: tuple[list[WorkOrder], tuple[str, ...]]
) -> None:
    made, secrets = sown
    for number, order in enumerate(made):
        found = progress_of(desk.office, order.query_code, phone(number)[-4:])
        assert leaks(str(progress_json(found)), (*secrets, order.id)) == []


def test_webhooks_carry_none_of_them(
    desk: Desk, sown: tuple[list[WorkOrder], tuple[str, ...]]
) -> None:
    _, secrets = sown
    with desk.office.database.read() as connection:
        sent = [
            payload(entry, find(connection, entry.event.order_id) if entry.event.order_id else None)
            for entry in entries(connection)
        ]
    assert len(sent) > 6 * 6
    assert [found for body in sent for found in leaks(body.decode(), secrets)] == []


def test_a_unit_s_view_holds_no_person_and_no_query_code(
    desk: Desk, sown: tuple[list[WorkOrder], tuple[str, ...]]
) -> None:
    made, secrets = sown
    with desk.office.database.read() as connection:
        history = [entry for entry in entries(connection) if entry.event.order_id == made[0].id]
    shown = str(order_json(made[0], UNIT)) + str(timeline_json(history, UNIT))
    assert leaks(shown, secrets) == []


@pytest.mark.parametrize("role", [None, "handler", "analyst"])
def test_those_without_the_right_get_nothing_of_them_over_http(
    desk: Desk, sown: tuple[list[WorkOrder], tuple[str, ...]], role: str | None, tmp_path: Path
) -> None:
    made, secrets = sown
    keys = tmp_path / "keys.json"
    elsewhere = Rights(frozenset({role or "handler"}), frozenset({"FIRE"}), frozenset({"500101"}))
    key = create_key(keys, "k", now=datetime.now(UTC), rights=elsewhere)
    app = create_app(Fixed(None), keys=KeyRing(keys), office=desk.office, reports=reports_of(desk))
    headers = {"authorization": f"Bearer {key}"} if role else {}
    paths = [
        *("/v1/requests", "/v1/queue", "/v1/disputes", "/v1/rules"),
        *(f"/v1/requests/{made[0].id}{more}" for more in ("", "/timeline")),
        "/v1/scorecards?from=2026-03-01&to=2026-03-31",
        f"/v1/public/{made[0].query_code}?phone=0000",
    ]

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [await client.get(path, headers=headers) for path in paths]

    answers = asyncio.run(all_of_them())
    assert {answer.status_code for answer in answers} <= {200, 401, 403, 404}
    assert [found for answer in answers for found in leaks(answer.text, secrets)] == []
    of_order = [answer.status_code for answer in answers[4:6]]
    assert of_order == ([401, 401] if role is None else [403, 403])
