"""Lockout of the public query: by address, by code, for as long as the window says."""

from __future__ import annotations

import asyncio

import pytest

import serving.lockout
from serving.asgi import Message, Receive, Scope, Send, send_bytes
from serving.denial import Denial
from serving.lockout import Lockout, MemoryFailures, QueryGuard, address_subject
from serving.problems import Problem


class Hands:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def known_codes(scope: Scope, receive: Receive, send: Send) -> None:
    await send_bytes(send, b"{}", status=200 if scope["path"].endswith("/good") else 404)


def guard(clock: Hands, *, most: int = 3) -> QueryGuard:
    lockout = Lockout(MemoryFailures(most=most), most, 60.0, clock)
    return QueryGuard(known_codes, lockout=lockout)


def ask(asked: QueryGuard, code: str, client: str = "10.0.0.9") -> int:
    status = 0

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    async def receive() -> Message:
        raise AssertionError("a query has no body")

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/v1/public/{code}",
        "client": (client, 1),
    }
    asyncio.run(asked(scope, receive, send))
    return status


def locked(asked: QueryGuard, code: str, client: str = "10.0.0.9") -> int:
    """Return the seconds to wait."""
    with pytest.raises(Problem) as caught:
        ask(asked, code, client)
    assert (caught.value.status, caught.value.code) == (429, "locked_out")
    return int(dict(caught.value.headers)[b"retry-after"])


def test_an_address_that_guesses_is_locked_out_even_of_a_right_code() -> None:
    clock = Hands()
    asked = guard(clock)
    for code in "abc":
        assert ask(asked, code) == 404
        clock.now += 10
    # Now is 1030; the first of the three failures, at 1000, leaves the window at 1060.
    assert locked(asked, "good") == 30
    assert ask(asked, "good", "10.0.0.8") == 200


def test_a_code_is_locked_whoever_asks() -> None:
    asked = guard(Hands())
    for last in range(3):
        assert ask(asked, "a", f"10.0.0.{last}") == 404
    assert locked(asked, "a", "10.0.0.77") == 60
    assert ask(asked, "good", "10.0.0.77") == 200


def test_a_code_is_one_code_however_it_is_typed() -> None:
    asked = guard(Hands())
    for last, typed in enumerate(("AB-12", "ab12", " Ab1-2 ")):
        assert ask(asked, typed, f"10.0.0.{last}") == 404
    assert locked(asked, "AB12", "10.0.0.77") == 60


def test_a_lockout_is_noted_without_the_code() -> None:
    denials: list[Denial] = []
    lockout = Lockout(MemoryFailures(most=1), 1, 60.0, Hands())
    asked = QueryGuard(known_codes, lockout=lockout, on_denied=denials.append)
    ask(asked, "a")
    locked(asked, "a")
    assert denials == [Denial(None, "GET", "/v1/public/", "locked_out")]


def test_a_lockout_ends() -> None:
    clock = Hands()
    asked = guard(clock)
    for code in "abc":
        ask(asked, code)
    clock.now += locked(asked, "good")
    assert ask(asked, "good") == 200


def test_waiting_in_vain_does_not_prolong_it() -> None:
    clock = Hands()
    asked = guard(clock)
    for code in "abc":
        ask(asked, code)
    clock.now += 59
    assert locked(asked, "d") == 1
    clock.now += 1
    assert ask(asked, "good") == 200


def test_right_codes_cost_nothing() -> None:
    asked = guard(Hands())
    for _ in range(9):
        assert ask(asked, "good") == 200
    assert ask(asked, "a") == 404


@pytest.mark.parametrize(
    ("client", "subject"),
    [
        (("10.0.0.9", 1), "address:10.0.0.9"),
        (("::ffff:10.0.0.9", 1), "address:10.0.0.9"),
        (("2001:db8:0:1:aaaa::1", 1), "address:2001:db8:0:1::/64"),
        (("2001:db8:0:1:bbbb::2", 1), "address:2001:db8:0:1::/64"),
        (("testclient", 1), "address:testclient"),
        (None, "address:unknown"),
    ],
)
def test_one_household_is_one_address(client: tuple[str, int] | None, subject: str) -> None:
    assert address_subject({"client": client}) == subject


def test_the_store_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.lockout, "MAX_SUBJECTS", 2)
    store = MemoryFailures(most=2)

    async def fill() -> list[list[float]]:
        for subject, at in (("a", 1.0), ("b", 2.0), ("a", 3.0), ("a", 4.0), ("c", 5.0)):
            await store.add(subject, at)
        return [await store.since(subject, 0.0) for subject in "abc"]

    # "b" is the least recent of three subjects; of "a" the last two times are kept.
    assert asyncio.run(fill()) == [[3.0, 4.0], [], [5.0]]
