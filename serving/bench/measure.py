"""The measurement: yardstick and triage in turn, so that both see the same machine.

The ratio is the median over the rounds of triage ÷ no operation, each round's two figures taken
seconds apart. Knows nothing of how the figures are shown.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from serving.bench.samples import batch_body, mean_characters, single_bodies
from serving.bench.service import Service
from serving.bench.wrk import Load, drive

SINGLE = "/v1/triage"
BATCH = "/v1/triage:batch"
BATCH_SIZE = 256
ALONE_REQUESTS = 500
WARM_UP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard."""

    connections: int
    rounds: int
    seconds: float
    workers: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured; times in ms unless named, memory in MiB.

    `noop` takes the same request through FastAPI and does nothing; `noop_without_body` is a bare
    GET, whose answer costs less than reading any request.
    """

    plan: Plan
    machine: dict[str, str | int | float]
    model: str
    mean_characters: float
    noop: tuple[Load, ...]
    noop_without_body: Load
    triage: tuple[Load, ...]
    ratio: float
    alone_ms: float
    batch_per_second: float
    ready_seconds: float
    resident_mib: tuple[float, ...]

    def per_second(self) -> float:
        """Return the median requests a second of full triage."""
        return statistics.median(load.per_second for load in self.triage)

    def noop_per_second(self) -> float:
        """Return the median requests a second of the yardstick."""
        return statistics.median(load.per_second for load in self.noop)

    def p99_ms(self) -> float:
        """Return the worst round's p99."""
        return max(load.p99_ms for load in self.triage)


def measure(service: Service, plan: Plan, *, model: str, step: Callable[[], object]) -> Figures:
    """Measure a running service; `step` is called after each of the `2 * rounds + 2` parts."""
    bodies = single_bodies()
    machine = _machine()
    _drive(service, SINGLE, plan, bodies=bodies, seconds=WARM_UP_SECONDS)
    noop: list[Load] = []
    triage: list[Load] = []
    for _ in range(plan.rounds):
        noop.append(_drive(service, "/noop", plan, bodies=bodies))
        step()
        triage.append(_drive(service, SINGLE, plan, bodies=bodies))
        step()
    alone = _alone_ms(service, bodies)
    step()
    # Two connections keep both workers busy; the answer to 256 requests is some 400 KB.
    batches = drive(
        service.url + BATCH,
        connections=plan.workers,
        seconds=plan.seconds,
        bodies=[batch_body(BATCH_SIZE)],
    )
    step()
    bare = _drive(service, "/noop", plan)
    return Figures(
        plan=plan,
        machine=machine,
        model=model,
        mean_characters=mean_characters(),
        noop=tuple(noop),
        noop_without_body=bare,
        triage=tuple(triage),
        ratio=statistics.median(
            ours.per_second / theirs.per_second for ours, theirs in zip(triage, noop, strict=True)
        ),
        alone_ms=alone,
        batch_per_second=batches.per_second * BATCH_SIZE,
        ready_seconds=service.ready_seconds,
        resident_mib=tuple(service.resident_mib()),
    )


def _drive(
    service: Service,
    path: str,
    plan: Plan,
    *,
    bodies: Sequence[bytes] = (),
    seconds: float | None = None,
) -> Load:
    return drive(
        service.url + path,
        connections=plan.connections,
        seconds=seconds or plan.seconds,
        bodies=bodies,
    )


def _alone_ms(service: Service, bodies: Sequence[bytes]) -> float:
    """Return the mean time inside the service of requests that come one at a time."""
    sent = [bodies[n % len(bodies)] for n in range(ALONE_REQUESTS)]
    count_before, seconds_before = service.served(SINGLE)
    service.post(SINGLE, sent)
    count, seconds = service.served(SINGLE)
    return (seconds - seconds_before) / (count - count_before) * 1000


def _machine() -> dict[str, str | int | float]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "fastapi": version("fastapi"),
        "uvicorn": version("uvicorn"),
    }
