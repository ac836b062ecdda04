"""Jobs in the store: queued by whoever asks, claimed by one runner, kept alive by its heartbeat.

Every write of a runner names the runner and the attempt that it claimed: one that was thought dead
and comes back changes nothing of a job that another has taken over. Knows no kind of job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

import orjson
from sqlalchemy import Connection, Row, insert, select, tuple_, update

from triage.errors import TriageError
from triage.request import Json
from triage.store.job_tables import job


class UnknownJob(TriageError):
    """No job has this id."""

    code = "job_unknown"


class JobState(StrEnum):
    """A job goes from queued to running (and back, when its runner died) to one of the rest."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """One job, without its log. `attempts` counts how often a runner began it."""

    id: str
    kind: str
    arguments: Mapping[str, Json]
    state: JobState
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    runner: str = ""
    heartbeat: datetime | None = None
    attempts: int = 0
    cancel_wanted: bool = False
    done: int = 0
    total: int = 0
    message: str = ""
    exit_code: int | None = None

    @property
    def is_over(self) -> bool:
        """Nothing more happens to it."""
        return self.state not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a runner tells of its job; `log` is the whole tail that is kept."""

    done: int = 0
    total: int = 0
    message: str = ""
    log: str = ""


_COLUMNS = tuple(job.c[field.name] for field in fields(Job))


def add(connection: Connection, one: Job) -> None:
    """Queue a job."""
    row = {field.name: getattr(one, field.name) for field in fields(one)}
    row |= {"arguments": orjson.dumps(dict(one.arguments)).decode(), "log": ""}
    connection.execute(insert(job).values(**row | {"state": one.state.value}))


def job_of(connection: Connection, job_id: str, *, for_update: bool = False) -> Job:
    """Return a job, locked where asked.

    Raises
    ------
    UnknownJob
    """
    query = select(*_COLUMNS).where(job.c.id == job_id)
    row = connection.execute(query.with_for_update() if for_update else query).first()
    if row is None:
        raise UnknownJob(f"没有编号为 {job_id!r} 的任务")
    return _job(row)


def log_of(connection: Connection, job_id: str) -> str:
    """Return the last lines that a job wrote.

    Raises
    ------
    UnknownJob
    """
    found = connection.execute(select(job.c.log).where(job.c.id == job_id)).scalar()
    if found is None:
        raise UnknownJob(f"没有编号为 {job_id!r} 的任务")
    return str(found)


def page(
    connection: Connection,
    *,
    state: JobState | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Job]:
    """Return jobs, the newest first; `before` is the time and id of the last one seen."""
    query = select(*_COLUMNS).order_by(job.c.created_at.desc(), job.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(job.c.state == state.value)
    if before is not None:
        query = query.where(tuple_(job.c.created_at, job.c.id) < before)
    return [_job(row) for row in connection.execute(query)]


def claim(connection: Connection, runner: str, now: datetime) -> Job | None:
    """Take the oldest queued job that no other runner is taking at this moment."""
    query = select(*_COLUMNS).where(job.c.state == JobState.QUEUED.value)
    oldest = query.order_by(job.c.created_at, job.c.id).limit(1)
    row = connection.execute(oldest.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    connection.execute(
        update(job)
        .where(job.c.id == row.id)
        .values(
            state=JobState.RUNNING.value,
            runner=runner,
            heartbeat=now,
            started_at=now,
            attempts=job.c.attempts + 1,
            message="",
            exit_code=None,
        )
    )
    return job_of(connection, row.id)


def beat(connection: Connection, mine: Job, pulse: Pulse, now: datetime) -> Job | None:
    """Say that a job is alive and how far it is; None where it is no longer this runner's."""
    if not _write(connection, mine, heartbeat=now, **_pulse(pulse)):
        return None
    return job_of(connection, mine.id)


def end(
    connection: Connection,
    mine: Job,
    state: JobState,
    pulse: Pulse,
    now: datetime,
    *,
    exit_code: int | None,
) -> bool:
    """Write how a running job ended, or queue it again; False where it is not this runner's."""
    ends = None if state is JobState.QUEUED else now
    return _write(
        connection,
        mine,
        state=state.value,
        finished_at=ends,
        exit_code=exit_code,
        **_pulse(pulse),
    )


def want_cancelled(connection: Connection, one: Job, now: datetime) -> None:
    """Cancel a queued job at once, a running one when its runner next looks."""
    values: dict[str, object] = {"cancel_wanted": True}
    if one.state is JobState.QUEUED:
        values |= {"state": JobState.CANCELLED.value, "finished_at": now}
    connection.execute(update(job).where(job.c.id == one.id).values(**values))


def silent(connection: Connection, since: datetime) -> list[Job]:
    """Return the running jobs, locked, whose runner was last heard of before a time."""
    query = select(*_COLUMNS).where(job.c.state == JobState.RUNNING.value, job.c.heartbeat < since)
    rows = connection.execute(query.order_by(job.c.id).with_for_update(skip_locked=True))
    return [_job(row) for row in rows]


def take_back(
    connection: Connection, one: Job, state: JobState, message: str, now: datetime
) -> None:
    """Write what becomes of a locked job whose runner died; what it logged stays."""
    ends = None if state is JobState.QUEUED else now
    values = {"state": state.value, "finished_at": ends, "message": message}
    connection.execute(update(job).where(job.c.id == one.id).values(**values))


def _write(connection: Connection, mine: Job, **values: object) -> bool:
    written = connection.execute(
        update(job)
        .where(
            job.c.id == mine.id,
            job.c.state == JobState.RUNNING.value,
            job.c.runner == mine.runner,
            job.c.attempts == mine.attempts,
        )
        .values(**values)
    )
    return written.rowcount == 1


def _pulse(pulse: Pulse) -> dict[str, object]:
    return {field.name: getattr(pulse, field.name) for field in fields(pulse)}


def _job(row: Row[tuple[object, ...]]) -> Job:
    values = {field.name: getattr(row, field.name) for field in fields(Job)}
    values |= {"arguments": orjson.loads(row.arguments), "state": JobState(row.state)}
    return Job(**values)
