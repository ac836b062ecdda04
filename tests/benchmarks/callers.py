"""Clients of the work orders: an open loop of intakes and moves, and a log of what was answered.

A caller whose request got no answer sends it again with the same Idempotency-Key until one comes,
as other systems do. What it was told, it writes down: that is compared with the store afterwards.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

from serving.bench.samples import TEXTS

RETRY_SECONDS, LONGEST_PAUSE = 0.25, 4.0
"""The first pause before a request is sent again, doubled each time."""
GIVE_UP_SECONDS = 60.0
UNIT = "URBAN_MGMT"
_NO_ANSWER = (httpx.HTTPError, OSError)


@dataclass(slots=True)
class Log:
    """What callers were told. `orders` maps a serial to its order, `versions` an order to the last
    version acknowledged; `unexpected` are answers that no fault explains; `seconds` and `moments`
    say how long an intake took and when it was acknowledged.
    """

    orders: dict[int, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    def acknowledge(self, serial: int, order_id: str, version: int) -> None:
        """Write down an intake's answer; a second one must name the same order."""
        before = self.orders.setdefault(serial, order_id)
        if before != order_id:
            self.contradictions.append(f"request {serial}: {before}, then {order_id}")
        self.move(order_id, version)

    def move(self, order_id: str, version: int) -> None:
        """Write down a version that was acknowledged."""
        self.versions[order_id] = max(version, self.versions.get(order_id, 0))


def title_of(serial: int) -> str:
    """Return the title that names a request; no two are alike."""
    return f"压测第{serial}件"


def body_of(serial: int) -> dict[str, object]:
    """Return an invented request."""
    return {
        "title": title_of(serial),
        "text": TEXTS[serial % len(TEXTS)],
        "channel": "PHONE",
        "requester": {"name": "测试人", "phone": f"154{serial:08d}"},
    }


class Caller:
    """One system that takes requests in and moves orders on."""

    def __init__(self, client: httpx.AsyncClient, log: Log) -> None:
        self._client, self.log = client, log

    async def take_in(self, serial: int) -> str | None:
        """Send a request until it is acknowledged; return its order, None where it gave up."""
        headers = {"Idempotency-Key": f"key-{serial}"}
        started, pause = time.perf_counter(), RETRY_SECONDS
        while time.perf_counter() - started < GIVE_UP_SECONDS:
            answer = await self._asked("POST", "/v1/requests", body_of(serial), headers)
            if answer is not None and answer.status_code in (200, 201):
                told = answer.json()
                self.log.acknowledge(serial, told["id"], told["version"])
                self.log.seconds.append(time.perf_counter() - started)
                self.log.moments.append(time.perf_counter())
                return str(told["id"])
            if answer is not None and answer.status_code < 500:
                self.log.unexpected.append(f"intake {answer.status_code} {answer.text[:200]}")
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        self.log.answers["gave up"] += 1
        return None

    async def take_in_and_move(self, serial: int) -> None:
        """Take a request in and move its order to HANDLING; every third one only."""
        order_id = await self.take_in(serial)
        if order_id is None or serial % 3:
            return
        for wish in (
            {"to": "DISPATCHED", "unit": UNIT},
            {"to": "ACKNOWLEDGED"},
            {"to": "HANDLING"},
        ):
            if not await self.transition(order_id, wish):
                return  # a move has no key: a person looks before trying again

    async def transition(self, order_id: str, wish: Mapping[str, object]) -> bool:
        """Ask for a move once; say whether it was acknowledged."""
        path = f"/v1/requests/{order_id}/transitions"
        answer = await self._asked("POST", path, wish, {})
        if answer is None or answer.status_code != 200:
            return False
        self.log.move(order_id, answer.json()["version"])
        return True

    async def send_under_key(self, serial: int, body: object) -> int:
        """Send another body under the key of a request; return the status, 0 without an answer."""
        headers = {"Idempotency-Key": f"key-{serial}"}
        answer = await self._asked("POST", "/v1/requests", body, headers)
        return 0 if answer is None else answer.status_code

    async def noop(self, serial: int) -> None:
        """Send a request that nothing is done with."""
        await self._asked("POST", "/noop", {"id": str(serial), "text": TEXTS[0]}, {})

    async def _asked(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> httpx.Response | None:
        try:
            answer = await self._client.request(method, path, json=body, headers=headers)
        except _NO_ANSWER as error:
            self.log.answers[type(error).__name__] += 1
            return None
        self.log.answers[_named(answer)] += 1
        if answer.status_code == 500:
            self.log.unexpected.append(f"{method} {path} 500 {answer.text[:200]}")
        return answer


def _named(answer: httpx.Response) -> str:
    if answer.status_code < 400:
        return str(answer.status_code)
    return f"{answer.status_code} {answer.json().get('code', '')}"


async def open_loop(
    deed: Callable[[int], Awaitable[object]], first: int, *, rate: float, stop: asyncio.Event
) -> int:
    """Begin a deed every 1/rate seconds, whether those before have ended, until told to stop.

    Waits for all; returns the serial after the last.
    """
    began, serial, tasks = time.perf_counter(), first, set[asyncio.Task[object]]()
    while not stop.is_set():
        task = asyncio.ensure_future(deed(serial))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        serial += 1
        pause = began + (serial - first) / rate - time.perf_counter()
        await asyncio.sleep(max(pause, 0))
    await asyncio.gather(*tasks)
    return serial


def client_of(url: str) -> httpx.AsyncClient:
    """Return a client of a service, to be closed by the caller."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=30.0)
