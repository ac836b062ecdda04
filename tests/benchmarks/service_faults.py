"""Faults of the real service under load: killed workers, service, database; full disk; senders.

Each fault is a coroutine that runs beside an open loop of intakes and moves; what happened is in
the log of the callers. Knows nothing of how the log is compared with the store.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from callers import UNIT, Caller, body_of, open_loop
from cluster import Cluster
from service import Service

RATE = 10.0
"""Intakes a second beside the faults."""
SETTLE_SECONDS = 1.0
_WRITERS = 6


@dataclass(slots=True)
class Stage:
    """Where faults happen; `serial` is the next request's."""

    service: Service
    caller: Caller
    serial: int = 1

    def next(self) -> int:
        """Return a serial that no request has."""
        self.serial += 1
        return self.serial - 1


async def under_load(
    stage: Stage, fault: Callable[[], Awaitable[object]], times: int
) -> list[float]:
    """Let a fault happen so many times under load; return how long intake stood still at each.

    Seconds: the longest gap between two acknowledged intakes, until the first after the fault.
    """
    stop, stood_still = asyncio.Event(), []
    loop = asyncio.ensure_future(
        open_loop(stage.caller.take_in_and_move, stage.serial, rate=RATE, stop=stop)
    )
    log = stage.caller.log
    try:
        for _ in range(times):
            await asyncio.sleep(SETTLE_SECONDS)
            started = time.perf_counter()
            await fault()
            before = len(log.moments)
            while len(log.moments) == before and time.perf_counter() - started < 60:
                await asyncio.sleep(0.02)
            moments = [started, *(one for one in log.moments if one > started)]
            stood_still.append(round(max(b - a for a, b in pairwise(moments)), 2))
    finally:
        stop.set()
        stage.serial = await loop
    return stood_still


async def worker_killed(stage: Stage) -> None:
    """SIGKILL to one worker; until it is replaced."""
    await asyncio.to_thread(stage.service.kill_worker)


async def service_killed(stage: Stage) -> None:
    """SIGKILL to the service, and start it again."""
    stage.service.kill()
    await asyncio.to_thread(stage.service.start)


async def database_killed(cluster: Cluster) -> None:
    """SIGKILL to the whole of PostgreSQL, and start it again."""
    await asyncio.to_thread(cluster.kill)
    await asyncio.to_thread(cluster.start)


async def disk_filled(folder: Path) -> None:
    """Fill the disk of the embedded database for a while, then make room again."""
    ballast = folder / "ballast"
    await asyncio.to_thread(_fill, ballast)
    await asyncio.sleep(2.0)
    ballast.unlink()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def mount_small(folder: Path, megabytes: int) -> None:
    """Mount a file system of its own size in memory; root only.

    Raises
    ------
    subprocess.CalledProcessError
    """
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    subprocess.run(["mount", *options], check=True)


def unmount(folder: Path) -> None:
    """Take it away again."""
    subprocess.run(["umount", str(folder)], check=True)


async def duplicated_and_reordered(stage: Stage) -> None:
    """Send ten requests three times each, in any order, at once."""
    serials = [stage.next() for _ in range(10)] * 3
    random.Random(serials[0]).shuffle(serials)
    await asyncio.gather(*(stage.caller.take_in(serial) for serial in serials))


async def two_writers(stage: Stage, wins: list[int]) -> None:
    """Let several dispatch one order, all of whom saw the same version; note how many could."""
    order_id = await stage.caller.take_in(stage.next())
    assert order_id is not None
    version = stage.caller.log.versions[order_id]
    wish = {"to": "DISPATCHED", "unit": UNIT, "version": version}
    answers = await asyncio.gather(
        *(stage.caller.transition(order_id, wish) for _ in range(_WRITERS))
    )
    wins.append(sum(answers))


async def reordered_moves(stage: Stage) -> None:
    """Send the moves of one order in any order at once: the table lets through what is legal."""
    serial = stage.next()
    order_id = await stage.caller.take_in(serial)
    assert order_id is not None
    wishes: list[dict[str, object]] = [
        {"to": "HANDLING"},
        {"to": "REPLIED", "note": "已到现场处理，油烟净化设备已装好。"},
        {"to": "ACKNOWLEDGED"},
        {"to": "DISPATCHED", "unit": UNIT},
    ] * 2
    random.Random(serial).shuffle(wishes)
    await asyncio.gather(*(stage.caller.transition(order_id, wish) for wish in wishes))


async def replayed_to_another(stage: Stage) -> int:
    """Send one key with another content; return the status, which must be 409 or 422."""
    serial = stage.next()
    await stage.caller.take_in(serial)
    return await stage.caller.send_under_key(serial, body_of(serial + 1_000_000))
