from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.database import Database
from triage.store.jobs import (
    Job,
    JobState,
    Pulse,
    UnknownJob,
    add,
    beat,
    claim,
    end,
    job_of,
    log_of,
    page,
    silent,
    take_back,
    want_cancelled,
)

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def queue(database: Database, count: int) -> list[Job]:
    jobs = [
        Job(f"j{n:02}", "import", {"n": n}, JobState.QUEUED, "ana", START + n * SECOND)
        for n in range(count)
    ]
    with database.write() as connection:
        for one in jobs:
            add(connection, one)
    return jobs


def take(database: Database, runner: str = "r1") -> Job | None:
    with database.write() as connection:
        return claim(connection, runner, START)


def found(database: Database, job_id: str = "j00") -> Job:
    with database.read() as connection:
        return job_of(connection, job_id)


def test_what_is_queued_is_read_back_as_it_was(database: Database) -> None:
    (one,) = queue(database, 1)
    assert found(database) == one


def test_the_oldest_job_is_claimed_first_and_nothing_twice(database: Database) -> None:
    queue(database, 3)
    taken = [take(database) for _ in range(4)]
    assert [one.id if one else None for one in taken] == ["j00", "j01", "j02", None]
    assert found(database).state is JobState.RUNNING
    assert found(database).attempts == 1


def test_runners_that_claim_at_once_never_get_the_same_job(database: Database) -> None:
    queue(database, 24)

    def all_of(runner: str) -> list[str]:
        ids = []
        while (one := take(database, runner)) is not None:
            ids.append(one.id)
        return ids

    with ThreadPoolExecutor(4) as pool:
        got = [job_id for ids in pool.map(all_of, ["a", "b", "c", "d"]) for job_id in ids]
    left = []
    while (one := take(database)) is not None:  # a runner may pass over a locked one and go home
        left.append(one.id)
    assert sorted([*got, *left]) == [f"j{n:02}" for n in range(24)]


def test_a_runner_that_lost_its_job_writes_nothing(database: Database) -> None:
    queue(database, 1)
    first = take(database, "r1")
    assert first is not None
    with database.write() as connection:
        take_back(connection, first, JobState.QUEUED, "gone", START)
    second = take(database, "r1")  # the same runner, but the attempt is another
    assert second is not None
    with database.write() as connection:
        assert beat(connection, first, Pulse(5, 9, "old", "old"), START) is None
        assert not end(connection, first, JobState.DONE, Pulse(), START, exit_code=0)
        assert beat(connection, second, Pulse(1, 9, "new", "one\ntwo"), START + SECOND) is not None
    now = found(database)
    assert (now.done, now.total, now.message, now.attempts) == (1, 9, "new", 2)
    with database.read() as connection:
        assert log_of(connection, "j00") == "one\ntwo"


def test_a_job_is_silent_only_after_its_last_heartbeat(database: Database) -> None:
    queue(database, 2)
    mine = take(database)
    assert mine is not None
    with database.write() as connection:
        beat(connection, mine, Pulse(), START + 10 * SECOND)
        assert silent(connection, START + 10 * SECOND) == []
        assert [one.id for one in silent(connection, START + 11 * SECOND)] == ["j00"]


def test_cancelling_ends_a_waiting_job_at_once_and_asks_a_running_one(database: Database) -> None:
    queue(database, 2)
    take(database)
    with database.write() as connection:
        for job_id in ("j00", "j01"):
            want_cancelled(connection, job_of(connection, job_id), START + SECOND)
    running, waiting = found(database, "j00"), found(database, "j01")
    assert (running.state, running.cancel_wanted) == (JobState.RUNNING, True)
    assert (waiting.state, waiting.finished_at) == (JobState.CANCELLED, START + SECOND)
    assert take(database) is None


def test_an_ended_job_says_how(database: Database) -> None:
    queue(database, 1)
    mine = take(database)
    assert mine is not None
    with database.write() as connection:
        assert end(connection, mine, JobState.FAILED, Pulse(3, 9, "no", ""), START, exit_code=2)
    assert found(database) == replace(
        mine, state=JobState.FAILED, finished_at=START, done=3, total=9, message="no", exit_code=2
    )


def test_pages_go_from_the_newest_to_the_oldest(database: Database) -> None:
    queue(database, 5)
    with database.read() as connection:
        first = page(connection, limit=2)
        last = first[-1]
        rest = page(connection, before=(last.created_at, last.id))
        assert page(connection, state=JobState.DONE) == []
    assert [one.id for one in first + rest] == ["j04", "j03", "j02", "j01", "j00"]


def test_an_unknown_job_is_said_to_be_so(database: Database) -> None:
    with pytest.raises(UnknownJob, match="j99"):
        found(database, "j99")
    with pytest.raises(UnknownJob, match="j99"), database.read() as connection:
        log_of(connection, "j99")
