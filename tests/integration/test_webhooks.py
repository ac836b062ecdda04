"""Webhooks from event to receiver: a real receiver on this machine, a clock moved by hand."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from triage.desk.actor import Actor
from triage.desk.moves import Wish
from triage.desk.reveal import reveal
from triage.outgoing import deliveries, hooks
from triage.outgoing.address import UnfitAddress
from triage.outgoing.deliveries import deliver
from triage.outgoing.hooks import HookRefused, Outgoing
from triage.outgoing.posting import HttpPoster
from triage.outgoing.signature import is_signed
from triage.store.cipher import CipherName
from triage.store.key_events import KeyKeeper
from triage.store.key_file import create_key, read_keys
from triage.store.outgoing_tables import webhook
from triage.store.vault import Field, Vault, usage
from triage.store.webhook_secrets import secret_of
from triage.store.webhooks import DeliveryState, UnknownWebhook, Webhook

if TYPE_CHECKING:
    from desks import Desk

ROOT = Path(__file__).resolve().parents[2]
CHIEF = Actor("chief", frozenset({"administrator"}))
SENT = Wish("DISPATCHED", unit="URBAN_MGMT")
PHONE = "13800000000"


@dataclass
class Receiver:
    """What came, and the status that is answered; 0 hangs up."""

    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    url: str = ""

    @property
    def kinds(self) -> list[str]:
        """The kinds of event that were taken, in order."""
        return [json.loads(body)["kind"] for _, body in self.got if body]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if state.status == 0:
                self.close_connection = True
                return
            if 200 <= state.status < 300:
                state.got.append((dict(self.headers), body))
            self.send_response(state.status)
            if state.status == 302:
                self.send_header("Location", state.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *given: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def outgoing(desk: Desk, tmp_path: Path) -> Outgoing:
    """Sending that may reach this machine."""
    poster = HttpPoster(allow_private=True)
    keys = read_keys(tmp_path / "vault.json")
    return Outgoing(desk.office.database, keys, poster, lambda: desk.now, allow_private=True)


def sent(outgoing: Outgoing, holder: str = "a", most: int = 100) -> dict[str, int]:
    return dict(asyncio.run(deliver(outgoing, holder, most=most)))


def registered(outgoing: Outgoing, receiver: Receiver, *events: str) -> tuple[Webhook, str]:
    return hooks.register(outgoing, receiver.url, events, actor="chief")


def test_events_arrive_in_order_signed_and_without_personal_data(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    desk.taken("这件在登记之前")
    hook, secret = registered(outgoing, receiver)
    order = desk.taken(
        f"我叫张三，电话{PHONE}，楼下油烟太大",
        requester={"name": "张三", "phone": PHONE},
        source="110",
        source_id="J-1",
    )
    desk.go(order.id, SENT, Wish("HANDLING"), Wish("REPLIED", note="张三您好，油烟已整改"))
    reveal(desk.office, order.id, frozenset({Field.PHONE}), purpose="回访", actor=CHIEF)
    assert sent(outgoing) == {"taken": 5}
    assert receiver.kinds == ["intake", "suggest", "dispatch", "handle", "reply"]
    for headers, body in receiver.got:
        assert is_signed(secret, headers["Triage-Signature"], body, desk.now)
        document = json.loads(body)
        assert headers["Triage-Event-Id"] == document["id"] == f"evt_{document['seq']}"
        assert document["request"]["id"] == order.id
        assert document["request"]["source_id"] == "J-1"
        for private in ("张三", PHONE, order.query_code, order.requester, "油烟", "chief"):
            assert private not in body.decode()
    assert json.loads(receiver.got[2][1])["data"]["unit"] == "URBAN_MGMT"
    assert sent(outgoing) == {}
    assert hook.active


def test_a_receiver_gets_only_what_it_asked_for(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    registered(outgoing, receiver, "reply")
    desk.go(desk.taken().id, SENT, Wish("HANDLING"), Wish("REPLIED", note="油烟已整改完毕"))
    sent(outgoing)
    assert receiver.kinds == ["reply"]


@pytest.mark.parametrize("status", [503, 0])
def test_a_receiver_down_for_an_hour_gets_everything_afterwards_in_order_and_once(
    desk: Desk, outgoing: Outgoing, receiver: Receiver, status: int
) -> None:
    hook, _ = registered(outgoing, receiver)
    receiver.status = status
    order_id = desk.taken().id
    desk.go(order_id, SENT)
    tries = 0
    for _ in range(60):
        tries += sum(sent(outgoing).values())
        desk.wait(minutes=1)
    assert 5 <= tries <= 12  # 10 s doubling: about nine in an hour
    desk.go(order_id, Wish("HANDLING"))
    receiver.status = 204
    for _ in range(90):
        sent(outgoing)
        desk.wait(minutes=1)
    assert receiver.kinds == ["intake", "suggest", "dispatch", "handle"]
    ids = [json.loads(body)["id"] for _, body in receiver.got]
    assert len(ids) == len(set(ids))
    (late,) = hooks.undelivered(outgoing, hook.id, list(DeliveryState), 9)
    assert late.state is DeliveryState.DELIVERED


def test_after_a_day_an_event_is_a_dead_letter_and_the_next_one_goes(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    hook, _ = registered(outgoing, receiver, "intake", "dispatch")
    receiver.status = 500
    order_id = desk.taken().id
    for _ in range(40):
        sent(outgoing)
        desk.wait(hours=1)
    (dead,) = hooks.undelivered(outgoing, hook.id, [DeliveryState.DEAD], 9)
    assert (dead.attempts, dead.status, dead.error) == (18, 500, "http_500")
    receiver.status = 204
    desk.go(order_id, SENT)
    sent(outgoing)
    assert receiver.kinds == ["dispatch"]
    assert hooks.try_again(outgoing, hook.id, dead.seq).state is DeliveryState.QUEUED
    assert sent(outgoing) == {"taken": 1}
    assert receiver.kinds == ["dispatch", "intake"]
    with pytest.raises(HookRefused) as refused:
        hooks.try_again(outgoing, hook.id, dead.seq)
    assert refused.value.code == "delivery_not_dead"


def test_a_redirect_is_not_followed(desk: Desk, outgoing: Outgoing, receiver: Receiver) -> None:
    hook, _ = registered(outgoing, receiver, "intake")
    receiver.status = 302
    desk.taken()
    assert sent(outgoing) == {"failed": 1}
    (held,) = hooks.undelivered(outgoing, hook.id, [DeliveryState.RETRYING], 9)
    assert (held.status, held.error) == (302, "redirect")
    assert receiver.got == []


def test_one_dead_receiver_does_not_hold_up_another(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    hooks.register(outgoing, "http://127.0.0.1:1/", ["intake"], actor="chief")
    registered(outgoing, receiver, "intake")
    desk.taken()
    assert sent(outgoing) == {"failed": 1, "taken": 1}


def test_a_process_killed_between_event_and_delivery_loses_nothing(
    desk: Desk, outgoing: Outgoing, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*given: object) -> str:
        raise Killed

    registered(outgoing, receiver, "intake", "dispatch")
    desk.go(desk.taken().id, SENT)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_next", die)
        with pytest.raises(Killed):
            sent(outgoing)
    assert receiver.got == []
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_settle", die)
        with pytest.raises(Killed):
            sent(outgoing)
    sent(outgoing)
    ids = [headers["Triage-Event-Id"] for headers, _ in receiver.got]
    assert receiver.kinds == ["intake", "intake", "dispatch"]
    assert ids[0] == ids[1]  # sent twice under one id: the receiver drops it


def test_two_processes_do_not_send_an_event_twice(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    registered(outgoing, receiver, "intake")
    desk.taken()
    assert sent(outgoing, "a") == {"taken": 1}
    desk.taken("路灯不亮")
    assert sent(outgoing, "b") == {}
    desk.wait(minutes=2)
    assert sent(outgoing, "b") == {"taken": 1}
    assert len(receiver.got) == 2


def test_this_machine_is_refused_unless_allowed(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    strict = replace(outgoing, poster=HttpPoster(), allow_private=False)
    with pytest.raises(UnfitAddress):
        registered(strict, receiver)
    hook, _ = registered(outgoing, receiver, "intake")
    desk.taken()
    assert sent(strict) == {"failed": 1}  # registered while it was allowed
    (held,) = hooks.undelivered(strict, hook.id, [DeliveryState.RETRYING], 9)
    assert held.error == "address_refused"
    assert receiver.got == []


def test_a_receiver_that_was_stopped_goes_on_where_it_stood(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    hook, _ = registered(outgoing, receiver, "intake")
    hooks.change(outgoing, hook.id, url=hook.url, events=["intake"], active=False)
    desk.taken()
    assert sent(outgoing) == {}
    hooks.change(outgoing, hook.id, url=hook.url, events=["intake"], active=True)
    assert sent(outgoing) == {"taken": 1}
    hooks.delete(outgoing, hook.id)
    with pytest.raises(UnknownWebhook):
        hooks.shown(outgoing, hook.id)


def test_a_secret_is_never_stored_plain_and_turns_with_the_vault_s_keys(
    desk: Desk, outgoing: Outgoing, receiver: Receiver, tmp_path: Path
) -> None:
    hook, secret = registered(outgoing, receiver)
    database = desk.office.database
    with database.read() as connection:
        row = connection.execute(webhook.select()).one()
        assert secret.encode() not in bytes(row.sealed)
        assert secret not in str(row)
    create_key(tmp_path / "vault.json", CipherName.SM4, now=datetime(2026, 3, 2, tzinfo=UTC))
    keys = read_keys(tmp_path / "vault.json")
    assert Vault(keys).rotate(database, KeyKeeper("cli:keeper", desk.now)) == 1
    with database.read() as connection:
        assert usage(connection) == {"k2": 1}
        assert secret_of(connection, hook.id, keys) == secret


def test_an_event_nobody_may_have_is_refused(outgoing: Outgoing, receiver: Receiver) -> None:
    with pytest.raises(HookRefused) as refused:
        registered(outgoing, receiver, "read")
    assert refused.value.code == "webhook_event"


def test_a_test_says_what_came_of_it(outgoing: Outgoing, receiver: Receiver) -> None:
    hook, secret = registered(outgoing, receiver)
    assert asyncio.run(hooks.test(outgoing, hook.id)).is_taken
    headers, body = receiver.got[0]
    assert json.loads(body)["kind"] == "test"
    assert is_signed(secret, headers["Triage-Signature"], body, outgoing.now())
    receiver.status = 500
    assert asyncio.run(hooks.test(outgoing, hook.id)).error == "http_500"


def test_the_receiver_s_check_in_the_documentation_is_right(
    desk: Desk, outgoing: Outgoing, receiver: Receiver
) -> None:
    _, secret = registered(outgoing, receiver, "intake")
    desk.taken()
    sent(outgoing)
    headers, body = receiver.got[0]
    snippet = re.findall(r"```python\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
    scope: dict[str, Callable[..., bool]] = {}
    exec(snippet[0], scope)  # the document's own code
    verify = scope["verify"]
    now = desk.now.timestamp()
    assert verify(secret, headers["Triage-Signature"], body, now=now)
    assert not verify(secret, headers["Triage-Signature"], body + b" ", now=now)
    assert not verify("other", headers["Triage-Signature"], body, now=now)
    assert not verify(secret, headers["Triage-Signature"], body, now=now + 301)
    assert not verify(secret, "nonsense", body, now=now)
