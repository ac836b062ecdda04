"""Disputes and routing rules over HTTP, from the objection to the rule that is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from serving.app import create_app
from serving.engine import Fixed
from triage.desk.actor import Actor, NotAllowed
from triage.desk.moves import Wish
from triage.desk.opinions import Stand, give_opinion

if TYPE_CHECKING:
    from desks import Desk

Send = Callable[..., httpx.Response]
REJECTED = Wish("REJECTED", reason="WRONG_DUTY", basis="不属我局")
SENT = Wish("DISPATCHED", unit="URBAN_MGMT")


@pytest.fixture
def send(desk: Desk) -> Send:
    app = create_app(Fixed(None), office=desk.office)

    def once(method: str, path: str, body: object = None) -> httpx.Response:
        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                return await http.request(method, path, json=body)

        return asyncio.run(request())

    return once


def objected(desk: Desk) -> str:
    order_id = desk.taken().id
    desk.go(order_id, SENT, REJECTED, Wish("OBJECTED"))
    return order_id


def ruling(**more: object) -> dict[str, Any]:
    return {"unit": "ECOLOGY", "basis": "会商纪要", **more}


def test_a_dispute_is_listed_read_ruled_on_and_becomes_a_rule(desk: Desk, send: Send) -> None:
    order_id = objected(desk)
    listed = send("GET", "/v1/disputes?state=open").json()
    assert [(one["order_id"], one["interim_lead"]["code"]) for one in listed["items"]] == [
        (order_id, "URBAN_MGMT")
    ]
    found = send("GET", f"/v1/disputes/{order_id}").json()
    assert [one["code"] for one in found["candidates"]] == ["URBAN_MGMT", "ECOLOGY"]
    rule = {"scope": {"topic": "SR03", "keywords": ["油烟"]}, "expires_on": "2026-12-31"}
    body = ruling(version=found["version"], rule=rule)
    answer = send("POST", f"/v1/disputes/{order_id}/ruling", body)
    assert answer.status_code == 200
    made = answer.json()["ruling"]["becomes_rule"]
    rules = send("GET", "/v1/rules").json()["rules"]
    assert [(one["id"], one["order_id"]) for one in rules] == [(made, order_id)]
    assert desk.taken().lead == "ECOLOGY"
    assert send("GET", "/v1/disputes?state=open").json()["items"] == []


def opinion(**more: object) -> dict[str, Any]:
    return {"unit": "ECOLOGY", "stand": "NOT_OURS", "basis": "油烟属城市管理执法", **more}


def test_a_consulted_unit_is_heard_until_the_ruling(desk: Desk, send: Send) -> None:
    order_id = objected(desk)
    path = f"/v1/disputes/{order_id}/opinions"
    before = send("GET", f"/v1/disputes/{order_id}").json()
    found = send("POST", path, opinion(basis="油烟属城管，联系 13812345678")).json()
    said = [(one["unit"]["code"], one["stand"], one["basis"]) for one in found["opinions"]]
    assert said == [("ECOLOGY", "NOT_OURS", "油烟属城管，联系 <手机号1>")]
    assert found["order_state"] == before["order_state"] == "OBJECTED"
    for body, status, code in (
        (opinion(unit="NOPE"), 422, "unit_unknown"),
        (opinion(stand="MAYBE"), 422, "opinion_stand_unknown"),
        (opinion(version=1), 409, "order_stale"),
    ):
        answer = send("POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert send("POST", f"/v1/disputes/{order_id}/ruling", ruling()).status_code == 200
    answer = send("POST", path, opinion())
    assert (answer.status_code, answer.json()["code"]) == (409, "dispute_closed")
    assert len(send("GET", f"/v1/disputes/{order_id}").json()["opinions"]) == 1


def test_a_unit_speaks_for_itself_only(desk: Desk) -> None:
    order_id = objected(desk)
    handler = Actor("h", frozenset({"handler"}), units=frozenset({"URBAN_MGMT"}))
    with pytest.raises(NotAllowed, match="本单位"):
        give_opinion(desk.office, order_id, Stand("ECOLOGY", "OURS", "职责"), handler)
    found = give_opinion(desk.office, order_id, Stand("URBAN_MGMT", "JOINT", "职责"), handler)
    assert [(one.unit, one.by) for one in found.grounds.opinions] == [("URBAN_MGMT", "h")]


def test_what_stands_against_a_ruling_has_its_status_and_code(desk: Desk, send: Send) -> None:
    order_id = objected(desk)
    path = f"/v1/disputes/{order_id}/ruling"
    bad = {"scope": {}, "expires_on": "2026-12-31"}
    for body, status, code in (
        (ruling(unit="NOPE"), 422, "unit_unknown"),
        (ruling(version=1), 409, "order_stale"),
        (ruling(designate=True), 409, "designation_too_early"),
        (ruling(rule=bad), 422, "rule_refused"),
    ):
        answer = send("POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert send("POST", path, ruling()).status_code == 200
    again = send("POST", path, ruling())
    assert (again.status_code, again.json()["code"]) == (409, "dispute_closed")
    calm = desk.taken("路灯不亮").id
    missing = send("GET", f"/v1/disputes/{calm}")
    assert (missing.status_code, missing.json()["code"]) == (404, "dispute_unknown")
    for query, code in (("state=closed", "dispute_state_unknown"), ("cursor=x", "cursor_invalid")):
        answer = send("GET", f"/v1/disputes?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_rules_are_made_listed_and_ended(desk: Desk, send: Send) -> None:
    body = {
        "unit": "ECOLOGY",
        "scope": {"topic": "SR*"},
        "basis": "纪要",
        "expires_on": "2026-12-31",
    }
    first = send("POST", "/v1/rules", body)
    assert first.status_code == 201
    second = send("POST", "/v1/rules", body | {"unit": "MARKET"}).json()
    rule_id = first.json()["rule"]["id"]
    assert second["conflicts"] == [rule_id]
    assert send("DELETE", f"/v1/rules/{rule_id}").json()["ended_by"] == "local"
    assert [one["id"] for one in send("GET", "/v1/rules").json()["rules"]] == [second["rule"]["id"]]
    assert len(send("GET", "/v1/rules?all=true").json()["rules"]) == 2
    assert send("DELETE", f"/v1/rules/{rule_id}").json()["code"] == "rule_refused"
    unknown = send("DELETE", "/v1/rules/R0")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "rule_unknown")
    refused = send("POST", "/v1/rules", body | {"expires_on": "2020-01-01"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "expires_on"


def test_an_order_shows_the_reject_risk_of_its_ranked_units(desk: Desk, send: Send) -> None:
    objected(desk)
    order_id = desk.taken().id
    shown = send("GET", f"/v1/requests/{order_id}").json()
    assert [one["unit"] for one in shown["reject_risk"]] == ["URBAN_MGMT", "ECOLOGY"]
    assert shown["reject_risk"][0]["n"] == 1
    desk.go(order_id, SENT)
    assert send("GET", f"/v1/requests/{order_id}").json()["reject_risk"] == []


def test_a_nul_in_a_text_is_refused_where_the_database_cannot_keep_it(
    desk: Desk, send: Send
) -> None:
    answer = send("GET", "/v1/queue?region=%00")
    if desk.office.database.is_embedded:
        assert answer.status_code == 200  # SQLite finds nothing of that name
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "text_unstorable")
