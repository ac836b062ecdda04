"""Jobs at the desk: ask for one, see it, cancel it. Who does them is `triage.desk.job_runner`.

Everybody sees the jobs that they asked for; supervisors, analysts, administrators and auditors see
all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triage.desk.actor import Actor, NotAllowed
from triage.desk.job_arguments import JobRefused
from triage.desk.job_kinds import JobPlace, forget_upload, kind_of, rejects_of
from triage.desk.office import Now
from triage.request import Json
from triage.store.database import Database
from triage.store.instant import microseconds, moment
from triage.store.jobs import Job, JobState, add, job_of, log_of, page, want_cancelled
from triage.workorder.numbers import new_job_id

_ALL = frozenset({"supervisor", "analyst", "administrator", "auditor"})
MOST, DEFAULT_LIMIT = 200, 50


@dataclass(frozen=True, slots=True)
class JobRoom:
    """What jobs need: the table, where they work, the time."""

    database: Database
    place: JobPlace
    now: Now


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, the newest first; `next_cursor` goes on, None at the end."""

    jobs: tuple[Job, ...]
    next_cursor: str | None


def submit(
    room: JobRoom, kind: str, arguments: Mapping[str, Json], actor: Actor, *, job_id: str = ""
) -> Job:
    """Queue a job; `job_id` where its folder was made before.

    Raises
    ------
    JobRefused
        job_kind_unknown, job_argument.
    NotAllowed
        The caller's roles may not ask for this kind.
    StoreUnavailable
    """
    wanted = kind_of(kind)
    if not wanted.roles & actor.roles:
        needed = "、".join(sorted(wanted.roles))
        raise NotAllowed(f"提交 {kind} 任务需要这些角色之一：{needed}")
    wanted.words(arguments, room.place.folder)
    now = room.now()
    one = Job(job_id or new_job_id(now), kind, arguments, JobState.QUEUED, actor.id, now)
    with room.database.write() as connection:
        add(connection, one)
    return one


def show(room: JobRoom, job_id: str, actor: Actor) -> Job:
    """Return a job.

    Raises
    ------
    UnknownJob, NotAllowed, StoreUnavailable
    """
    with room.database.read() as connection:
        return _seen(job_of(connection, job_id), actor)


def log(room: JobRoom, job_id: str, actor: Actor) -> str:
    """Return the last lines that a job wrote, masked.

    Raises
    ------
    UnknownJob, NotAllowed, StoreUnavailable
    """
    with room.database.read() as connection:
        _seen(job_of(connection, job_id), actor)
        return log_of(connection, job_id)


def listed(
    room: JobRoom, actor: Actor, *, state: JobState | None, cursor: str | None, limit: int
) -> JobPage:
    """Return a page of jobs for one who may see all of them.

    Raises
    ------
    JobRefused
        cursor_invalid.
    NotAllowed, StoreUnavailable
    """
    if not _ALL & actor.roles:
        raise NotAllowed("查看全部任务需要 supervisor、analyst、administrator 或 auditor 角色")
    before = None if cursor is None else _from_cursor(cursor)
    with room.database.read() as connection:
        found = page(connection, state=state, before=before, limit=limit + 1)
    shown = tuple(found[:limit])
    more = f"{microseconds(shown[-1].created_at)}.{shown[-1].id}" if len(found) > limit else None
    return JobPage(shown, more)


def cancel(room: JobRoom, job_id: str, actor: Actor) -> Job:
    """Cancel a job: at once where it waits, soon where it runs; asking twice changes nothing.

    Raises
    ------
    JobRefused
        job_over: it has ended.
    UnknownJob, NotAllowed, StoreUnavailable
    """
    with room.database.write() as connection:
        one = _seen(job_of(connection, job_id, for_update=True), actor)
        if one.state is JobState.CANCELLED:
            return one
        if one.is_over:
            raise JobRefused("job_over", f"任务 {job_id} 已结束（{one.state}），不能取消")
        want_cancelled(connection, one, room.now())
        found = job_of(connection, job_id)
    if found.is_over:
        forget_upload(found, room.place)
    return found


def rejects(room: JobRoom, job_id: str, actor: Actor) -> Path:
    """Return the file of the rows that a job refused, personal data masked.

    Raises
    ------
    JobRefused
        job_rejects_none: there is none, or not yet.
    UnknownJob, NotAllowed, StoreUnavailable
    """
    path = rejects_of(show(room, job_id, actor), room.place)
    if not path.is_file():
        raise JobRefused("job_rejects_none", f"任务 {job_id} 没有拒收明细，或还没有处理完")
    return path


def _seen(one: Job, actor: Actor) -> Job:
    if one.created_by != actor.id and not _ALL & actor.roles:
        raise NotAllowed(f"任务 {one.id} 不是您提交的")
    return one


def _from_cursor(cursor: str) -> tuple[datetime, str]:
    at, _, job_id = cursor.partition(".")
    if not (at.isdecimal() and len(at) < 18 and job_id):
        raise JobRefused("cursor_invalid", "翻页标记无效：请用上一页给出的 next_cursor")
    return moment(int(at)), job_id
