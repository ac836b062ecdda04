"""Fifty intakes a second, triaged and durable, on PostgreSQL against the real service.

Run `python tests/benchmarks/bench_intake.py --seconds 600` (about 30 s more); writes
evaluation/results/intake_load.json. A private cluster and two workers are started and stopped.
Every request comes when it is due, whether those before have been answered. Between two intakes
goes one no-op of the same size: the machine is noisy, and what both suffer is not the store's.
Afterwards every 201 is looked for in the store, and the whole ledger is verified.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import orjson
from callers import Caller, Log, client_of, open_loop
from cluster import private_cluster
from reconcile import reconcile
from service import TRIAGE, running

from triage.files import atomic_write
from triage.store.database import Database
from triage.store.migrate import upgrade

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/intake_load.json"
WARM_UP = 5.0


def main() -> int:
    """Measure, reconcile, write the report; 1 where something was lost."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as name, private_cluster() as cluster:
        folder = Path(name)
        database = Database(cluster.url)
        upgrade(database)
        keys = str(folder / "vault.json")
        _triage("vault", "create-key", "--vault-keys", keys)
        options = ["--database", cluster.url, "--vault-keys", keys, "--noop-route"]
        options += ["--models-dir", str(ROOT / "models"), "--workers", str(wanted.workers)]
        intakes, noops, log = Log(), [], Log()
        with running(options, folder / "service.log") as service:
            load = os.getloadavg()[0]
            before = (cpu_seconds(service.workers()), cpu_seconds(cluster.backends()))
            asyncio.run(_measured(service.url, wanted, intakes, noops, log))
            after = (cpu_seconds(service.workers()), cpu_seconds(cluster.backends()))
        balance = reconcile(database, intakes)
        database.close()
        code = _triage("ledger", "verify", "--database", cluster.url)
    report = {
        "command": f"python tests/benchmarks/bench_intake.py --seconds {wanted.seconds:g}",
        "rate": wanted.rate,
        "seconds": wanted.seconds,
        "workers": wanted.workers,
        "cores": os.cpu_count(),
        "load_before": round(load, 1),
        "intake_ms": _quantiles(intakes.seconds),
        "noop_ms": _quantiles(noops),
        "cpu_ms_per_intake": {
            name: round((end - begin) * 1000 / len(intakes.orders), 1)
            for name, begin, end in zip(("service", "postgresql"), before, after, strict=True)
        },
        "answers": dict(intakes.answers),
        "reconciled": balance.to_json(),
        "ledger_verify_exit_code": code,
    }
    with atomic_write(wanted.out) as file:
        file.write(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0 if balance.is_clean and code == 0 else 1


async def _measured(
    url: str, wanted: argparse.Namespace, intakes: Log, noops: list[float], log: Log
) -> None:
    async with client_of(url) as client:
        caller, idle = Caller(client, intakes), Caller(client, log)

        async def noop(serial: int) -> None:
            await asyncio.sleep(0.5 / wanted.rate)  # between two intakes
            started = time.perf_counter()
            await idle.noop(serial)
            noops.append(time.perf_counter() - started)

        first = await _for(WARM_UP, caller.take_in, 1, wanted.rate)
        intakes.seconds.clear()
        await asyncio.gather(
            _for(wanted.seconds, caller.take_in, first, wanted.rate),
            _for(wanted.seconds, noop, 1, wanted.rate),
        )


async def _for(
    seconds: float, deed: Callable[[int], Awaitable[object]], first: int, rate: float
) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    return await open_loop(deed, first, rate=rate, stop=stop)


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time of processes that run, which no other load on the machine adds to.

    The service's holds that of the no-ops too.
    """
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    found = {"count": len(ordered)}
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)):
        found[name] = round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 1)
    return found


def _triage(*words: str) -> int:
    return subprocess.run([TRIAGE, *words], stdout=sys.stderr).returncode


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rate", type=float, default=50.0, help="intakes a second")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
