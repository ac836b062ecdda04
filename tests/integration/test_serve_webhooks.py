"""/v1/webhooks over HTTP: register, look, change, dead letters, test, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from serving.app import create_app
from serving.engine import Fixed
from triage.outgoing.deliveries import deliver
from triage.outgoing.hooks import Outgoing
from triage.outgoing.posting import Answer
from triage.store.key_file import read_keys

if TYPE_CHECKING:
    from desks import Desk

URL = "https://receiver.example/hook"


class Wire:
    """A poster that answers what it is told to."""

    def __init__(self) -> None:
        self.answer = Answer(204, "")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return self.answer


class Counted:
    """A work of the background that counts how often it was asked."""

    def __init__(self) -> None:
        self.polls = 0

    async def poll(self) -> None:
        self.polls += 1


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def outgoing(desk: Desk, tmp_path: Path, wire: Wire) -> Outgoing:
    keys = read_keys(tmp_path / "vault.json")
    return Outgoing(desk.office.database, keys, wire, lambda: desk.now)


class Client:
    """Asks the application, one request at a time."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def ask(
        self,
        method: str,
        path: str,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Return the answer."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, json=json, params=params)

        return asyncio.run(asked())

    def get(self, path: str, params: Mapping[str, str] | None = None) -> httpx.Response:
        return self.ask("GET", path, params=params)

    def post(self, path: str, json: object = None) -> httpx.Response:
        return self.ask("POST", path, json)

    def put(self, path: str, json: object) -> httpx.Response:
        return self.ask("PUT", path, json)

    def delete(self, path: str) -> httpx.Response:
        return self.ask("DELETE", path)


@pytest.fixture
def client(desk: Desk, outgoing: Outgoing) -> Client:
    return Client(create_app(Fixed(None), office=desk.office, outgoing=outgoing))


def test_a_receiver_is_registered_shown_changed_and_deleted(client: Client) -> None:
    made = client.post("/v1/webhooks", json={"url": URL, "events": ["reply"]})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    hook = made.json()
    assert hook["secret"].startswith("whsec_")
    where = f"/v1/webhooks/{hook['id']}"
    del hook["secret"]  # in that answer, and in no other
    assert client.get(where).json() == hook
    assert client.get("/v1/webhooks").json() == {"webhooks": [hook]}
    changed = client.put(where, json={"url": URL, "events": [], "active": False}).json()
    assert changed == hook | {"events": [], "active": False}
    assert client.delete(where).status_code == 204
    assert client.get(where).json()["code"] == "webhook_unknown"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://10.0.0.1/"}, "webhook_url"),
        ({"url": "gopher://receiver.example"}, "webhook_url"),
        ({"url": URL, "events": ["read"]}, "webhook_event"),
        ({"url": URL, "event": ["reply"]}, "field_invalid"),
        ({}, "field_invalid"),
    ],
)
def test_what_cannot_be_registered_is_refused(
    client: Client, body: dict[str, object], code: str
) -> None:
    answer = client.post("/v1/webhooks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_dead_letters_are_seen_and_sent_again(
    client: Client, desk: Desk, outgoing: Outgoing, wire: Wire
) -> None:
    hook_id = client.post("/v1/webhooks", json={"url": URL, "events": ["intake"]}).json()["id"]
    where = f"/v1/webhooks/{hook_id}/deliveries"
    wire.answer = Answer(503, "http_503")
    desk.taken()
    for _ in range(40):
        asyncio.run(deliver(outgoing, "a"))
        desk.wait(hours=1)
    assert client.get(where, params={"state": "retrying"}).json() == {"deliveries": []}
    (dead,) = client.get(where, params={"state": "dead"}).json()["deliveries"]
    assert (dead["state"], dead["status"], dead["attempts"]) == ("DEAD", 503, 18)
    again = client.post(f"{where}/{dead['id']}/retry")
    assert again.json()["state"] == "QUEUED"
    assert client.post(f"{where}/{dead['id']}/retry").json()["code"] == "delivery_not_dead"
    assert client.post(f"{where}/evt_999/retry").json()["code"] == "webhook_unknown"
    assert client.post(f"{where}/x/retry").json()["code"] == "webhook_unknown"
    assert client.get(where, params={"state": "lost"}).status_code == 422


def test_a_test_is_sent_at_once(client: Client, wire: Wire) -> None:
    hook_id = client.post("/v1/webhooks", json={"url": URL}).json()["id"]
    sent = client.post(f"/v1/webhooks/{hook_id}/test").json()
    assert sent == {"delivered": True, "status": 204, "error": ""}
    wire.answer = Answer(None, "timeout")
    assert not client.post(f"/v1/webhooks/{hook_id}/test").json()["delivered"]


def test_the_works_of_the_background_are_asked_while_the_service_runs() -> None:
    work = Counted()
    app = create_app(Fixed(None), background=[work], poll_seconds=0.001)

    async def lived() -> None:
        async with app.router.lifespan_context(app):
            async with asyncio.timeout(60):
                while work.polls < 2:
                    await asyncio.sleep(0.001)

    asyncio.run(lived())
    assert work.polls >= 2
