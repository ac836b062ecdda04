"""Alarms over HTTP: listed, looked at, acknowledged, closed, and how often they were true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import httpx
import pytest

from serving.app import create_app
from serving.engine import Fixed
from triage.alarms.findings import AlarmKind, Finding, Method
from triage.alarms.key import Level, SeriesKey
from triage.catalogue import Catalogue
from triage.desk.alarm_raising import raise_findings
from triage.desk.alarm_room import open_room

if TYPE_CHECKING:
    from desks import Desk

Send = Callable[..., httpx.Response]
CATALOGUE = Catalogue.load()
BURST = Finding(
    kind=AlarmKind.OUTBREAK,
    key=SeriesKey(Level.AREA, area="500103"),
    day=date(2026, 3, 1),
    window_days=1,
    count=90,
    expected=30.0,
    chance=1e-9,
    rate=1e-6,
    dispersion=1.3,
    method=Method.EARS,
)


@pytest.fixture
def send(desk: Desk) -> Send:
    room = open_room(desk.office.database, CATALOGUE, now=lambda: desk.now)
    for n in range(2):
        key = SeriesKey(Level.AREA, area=f"50010{n + 3}")
        raise_findings(room, [replace(BURST, key=key)], "test")
        desk.wait(minutes=1)
    app = create_app(Fixed(None), office=desk.office, reports=room.reports)

    def once(method: str, path: str, body: object = None) -> httpx.Response:
        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                return await http.request(method, path, json=body)

        return asyncio.run(request())

    return once


def test_alarms_are_listed_taken_on_merged_closed_and_counted(send: Send) -> None:
    later, earlier = send("GET", "/v1/alarms?state=OPEN&kind=outbreak").json()["items"]
    taken = send("POST", f"/v1/alarms/{earlier['id']}/acknowledge", {"note": "去看了"})
    assert (taken.status_code, taken.json()["state"]) == (200, "ACKNOWLEDGED")
    merged = send("POST", f"/v1/alarms/{later['id']}/merge", {"into": earlier["id"]})
    assert merged.json()["merged_into"] == earlier["id"]
    body = {"outcome": "TRUE", "version": 2}
    closed = send("POST", f"/v1/alarms/{earlier['id']}/close", body).json()
    assert [one["step"] for one in closed["steps"]] == ["opened", "acknowledged", "closed"]
    (found, *_) = send("GET", "/v1/alarms/precision").json()["items"]
    assert (found["kind"], found["precision"], found["merged"]) == ("outbreak", 1.0, 1)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("A20260302-XXXXXX/acknowledge", {}, 404, "alarm_unknown"),
        ("{id}/merge", {"into": "{id}"}, 409, "alarm_merge_itself"),
        ("{id}/close", {"outcome": "TRUE", "version": 9}, 409, "alarm_stale"),
        ("{id}/close", {"outcome": "MAYBE"}, 422, "field_invalid"),
        ("{id}/close", {}, 422, "field_invalid"),
    ],
)
def test_deeds_that_cannot_be_carry_their_code(
    send: Send, path: str, body: dict[str, object], status: int, code: str
) -> None:
    alarm_id = send("GET", "/v1/alarms").json()["items"][0]["id"]
    filled = {name: alarm_id if value == "{id}" else value for name, value in body.items()}
    answer = send("POST", f"/v1/alarms/{path.format(id=alarm_id)}", filled)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_pages_and_days_bound_what_is_listed(send: Send) -> None:
    first = send("GET", "/v1/alarms?limit=1").json()
    second = send("GET", f"/v1/alarms?limit=1&cursor={first['next_cursor']}").json()
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert send("GET", "/v1/alarms?until=2026-03-01").json()["items"] == []
    assert send("GET", "/v1/alarms?cursor=nonsense").status_code == 422
