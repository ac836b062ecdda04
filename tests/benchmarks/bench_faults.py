"""Everything that can go wrong with a store, each several times, and what was lost by it: nothing.

Run `python tests/benchmarks/bench_faults.py --times 20`; writes evaluation/results/faults.json.
Faults: a worker killed, the service killed, PostgreSQL killed (a private cluster), the embedded
database's disk full (a small file system: root, or --small-disk FOLDER), requests duplicated and
reordered, several writers at one order, a clock that jumps, a receiver of webhooks that is down.
Every fault has a database and a service of its own. Afterwards what callers were told is compared
with the store: an acknowledged intake or move that is not there, a second order of one request, a
step that the table of moves does not hold, a ledger that does not verify. Exit code 1 if any.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import orjson
import service_faults as faults
from callers import Caller, Log, client_of
from cluster import Cluster, private_cluster
from desk_faults import Desk, Receiver, clock_jumps, outgoing_of, receiver_down
from reconcile import Balance, reconcile
from service import Service, running
from service_faults import Stage
from sqlalchemy import text

from triage.files import atomic_write
from triage.request import Json
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import create_key, read_keys
from triage.store.migrate import upgrade

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/faults.json"
SMALL_DISK_MB = 24
Row: TypeAlias = dict[str, Json]
Deed: TypeAlias = Callable[[Stage], Awaitable[object]]


class Bench:
    """The cluster, a folder with a vault key, and how often."""

    def __init__(self, cluster: Cluster, folder: Path, times: int, small_disk: Path | None) -> None:
        self.cluster, self.folder, self.times, self.small_disk = cluster, folder, times, small_disk
        self.keys = folder / "vault.json"
        create_key(self.keys, CipherName.AES, now=datetime.now(UTC))

    def killed(self, name: str, deed: Deed) -> Row:
        """A fault that happens beside an open loop of intakes and moves."""
        with self._database(name) as url:
            return self._under_load(name, url, deed)

    def sent(self, name: str, deed: Deed) -> Row:
        """What senders do to the service, one time after another."""

        async def all_times(stage: Stage) -> None:
            for _ in range(self.times):
                await deed(stage)

        with self._database(name) as url, self._service(name, url) as service:
            log = asyncio.run(_staged(service, all_times))
            return self._row(name, url, log)

    def two_writers(self) -> Row:
        """Several writers who saw the same version: exactly one may write."""
        wins: list[int] = []
        row = self.sent("two_writers", lambda stage: faults.two_writers(stage, wins))
        return row | {"orders_with_other_than_one_winner": sum(one != 1 for one in wins)}

    def disk_full(self) -> Row:
        """The disk of the embedded database fills, and empties again."""
        folder, is_ours = self.small_disk or self.folder / "small", self.small_disk is None
        if is_ours:
            faults.mount_small(folder, SMALL_DISK_MB)
        try:
            url = f"sqlite:///{folder}/triage.db"
            _upgraded(url)
            return self._under_load("disk_full", url, lambda stage: faults.disk_filled(folder))
        finally:
            if is_ours:
                faults.unmount(folder)

    def clock_jump(self) -> Row:
        """The clock jumps back and forth at every step."""
        with self._database("clock_jump") as url, _desk(url, self) as desk:
            jumps = clock_jumps(desk, self.times)
            return self._row("clock_jump", url, desk.log) | {"jumps": jumps}

    def webhooks_down(self) -> Row:
        """A receiver is down for an hour."""
        with self._database("webhooks_down") as url, _desk(url, self) as desk:
            receiver = Receiver()
            outgoing = outgoing_of(desk, read_keys(self.keys), receiver)
            rows = [asyncio.run(receiver_down(desk, outgoing, receiver)) for _ in range(self.times)]
            total: Row = {name: sum(row[name] for row in rows) for name in rows[0]}
            total["seconds_after_recovery"] = max(row["seconds_after_recovery"] for row in rows)
            return self._row("webhooks_down", url, desk.log) | {"deliveries": total}

    def _under_load(self, name: str, url: str, deed: Deed) -> Row:
        stood_still: list[float] = []

        async def all_times(stage: Stage) -> None:
            stood_still.extend(await faults.under_load(stage, lambda: deed(stage), self.times))

        with self._service(name, url) as service:
            log = asyncio.run(_staged(service, all_times))
            row = self._row(name, url, log)
        spread: Row = {"median": statistics.median(stood_still), "max": max(stood_still)}
        return row | {"seconds_without_an_intake": spread}

    @contextmanager
    def _service(self, name: str, url: str) -> Iterator[Service]:
        options = ["--database", url, "--vault-keys", str(self.keys), "--workers", "2"]
        options += ["--debug-engine", "--models-dir", str(ROOT / "models")]
        with running(options, self.folder / f"{name}.log") as service:
            yield service

    @contextmanager
    def _database(self, name: str) -> Iterator[str]:
        server = Database(self.cluster.url)
        with server.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text(f'CREATE DATABASE "{name}"')
            )
        server.close()
        url = self.cluster.url.removesuffix("postgres") + name
        _upgraded(url)
        yield url

    def _row(self, name: str, url: str, log: Log) -> Row:
        database = Database(url)
        balance: Balance = reconcile(database, log)
        database.close()
        row: Row = {"fault": name, "times": self.times, "is_clean": balance.is_clean}
        row |= {"reconciled": dict(balance.to_json()), "answers": dict(log.answers)}
        return row | {"examples": [*log.unexpected[:3], *log.contradictions[:3]]}


def _upgraded(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


async def _staged(service: Service, play: Callable[[Stage], Awaitable[None]]) -> Log:
    async with client_of(service.url) as client:
        stage = Stage(service, Caller(client, Log()))
        await play(stage)
        return stage.caller.log


@contextmanager
def _desk(url: str, bench: Bench) -> Iterator[Desk]:
    database = Database(url)
    yield Desk(database, read_keys(bench.keys), Log())
    database.close()


def main() -> int:
    """Let every fault happen, write the report."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder, private_cluster() as cluster:
        bench = Bench(cluster, Path(folder), wanted.times, wanted.small_disk)
        plays: dict[str, Callable[[], Row]] = {
            "worker_killed": lambda: bench.killed("worker_killed", faults.worker_killed),
            "service_killed": lambda: bench.killed("service_killed", faults.service_killed),
            "database_killed": lambda: bench.killed(
                "database_killed", lambda stage: faults.database_killed(cluster)
            ),
            "disk_full": bench.disk_full,
            "duplicated": lambda: bench.sent("duplicated", faults.duplicated_and_reordered),
            "moves_reordered": lambda: bench.sent("moves_reordered", faults.reordered_moves),
            "two_writers": bench.two_writers,
            "clock_jump": bench.clock_jump,
            "webhooks_down": bench.webhooks_down,
        }
        rows: list[Row] = []
        for name in wanted.only or plays:
            rows.append(plays[name]())
            sys.stdout.write(orjson.dumps(rows[-1]).decode() + "\n")
            sys.stdout.flush()
            _write(wanted.out, rows)  # after each: the whole takes long
    return 0 if all(row["is_clean"] for row in rows) else 1


def _write(path: Path, rows: list[Row]) -> None:
    """Write the report, with what an earlier run found of other faults."""
    done = {row["fault"] for row in rows}
    before = orjson.loads(path.read_bytes())["faults"] if path.is_file() else []
    found = [row for row in before if row["fault"] not in done] + rows
    report = {
        "command": "python tests/benchmarks/bench_faults.py --times TIMES --only FAULT ...",
        "load_per_second": faults.RATE,
        "is_clean": all(row["is_clean"] for row in found),
        "faults": found,
    }
    with atomic_write(path) as file:
        file.write(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often each fault happens")
    parser.add_argument("--only", nargs="+", metavar="FAULT", help="only these")
    parser.add_argument("--small-disk", type=Path, metavar="FOLDER", help="an empty file system")
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
