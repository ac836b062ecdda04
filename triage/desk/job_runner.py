"""The runner of jobs: claims one, does it in a process of its own, writes down how far it is.

Several runners share one table. One that dies is noticed by its silence: what may be done twice is
queued again, the rest has failed. A runner that is told to stop hands its job back the same way.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from triage.desk.job_arguments import JobRefused
from triage.desk.job_kinds import KINDS, JobPlace, forget_upload, words_of
from triage.desk.job_output import Output
from triage.desk.jobs import JobRoom
from triage.store.database import StoreUnavailable
from triage.store.jobs import Job, JobState, Pulse, beat, claim, end, page, silent, take_back

SILENCE = timedelta(seconds=60)
"""A runner that was not heard of for so long is taken for dead."""
BEAT_SECONDS, GRACE_SECONDS = 1.0, 10.0
MOST_ATTEMPTS = 5
"""A job that kills its runner so often is not tried again."""
CLEAN_EXITS = frozenset({0, 1})
"""1 says that some rows were refused: the job is done, and they are listed."""

Launch: TypeAlias = Callable[[Sequence[str], JobPlace], "subprocess.Popen[bytes]"]

_CHILD = """
import ctypes, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no job outlives its runner
signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as Ctrl-C does, files cleaned up
from triage.cli import main
sys.exit(main(sys.argv[1:]))
"""

logger = logging.getLogger(__name__)


def launched(words: Sequence[str], place: JobPlace) -> subprocess.Popen[bytes]:
    """Start `triage` with these words: no shell, no input, a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, *words],  # -P: no module of the working folder
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **place.environment()},
        start_new_session=True,
    )


def run_next(
    room: JobRoom,
    runner: str,
    *,
    launch: Launch = launched,
    is_stopping: Callable[[], bool] = lambda: False,
    beat_seconds: float = BEAT_SECONDS,
) -> Job | None:
    """Do the oldest queued job to its end, and return it as it was claimed; None without one.

    Raises
    ------
    StoreUnavailable
        No job was begun.
    """
    take_back_silent(room)
    with room.database.read() as connection:
        if not page(connection, state=JobState.QUEUED, limit=1):
            return None
    with room.database.write() as connection:
        mine = claim(connection, runner, room.now())
    if mine is None:
        return None
    try:
        process = launch(words_of(mine, room.place), room.place)
    except (JobRefused, OSError) as error:
        words = error.message if isinstance(error, JobRefused) else type(error).__name__
        _end(room, mine, JobState.FAILED, Pulse(message=words, log=words), None)
        return mine
    _see_through(room, mine, process, is_stopping, beat_seconds)
    return mine


def take_back_silent(room: JobRoom) -> None:
    """Queue the jobs of dead runners again, or call them failed.

    Raises
    ------
    StoreUnavailable
    """
    now = room.now()
    with room.database.read() as connection:
        if not silent(connection, now - SILENCE):
            return
    with room.database.write() as connection:
        dead = silent(connection, now - SILENCE)
        for one in dead:
            logger.warning("job %s: its runner fell silent", one.id)
            take_back(connection, one, _after_death(one), "执行者中断，没有心跳", now)
    for one in dead:
        if _after_death(one) is not JobState.QUEUED:
            forget_upload(one, room.place)


def _after_death(one: Job) -> JobState:
    if one.cancel_wanted:
        return JobState.CANCELLED
    kind = KINDS.get(one.kind)
    again = kind is not None and kind.is_resumable and one.attempts < MOST_ATTEMPTS
    return JobState.QUEUED if again else JobState.FAILED


def _see_through(
    room: JobRoom,
    mine: Job,
    process: subprocess.Popen[bytes],
    is_stopping: Callable[[], bool],
    beat_seconds: float,
) -> None:
    assert process.stdout is not None
    output = Output(process.stdout)  # type: ignore[arg-type]  # typeshed: IO[bytes], a BinaryIO here
    state: JobState | None = JobState.RUNNING
    while state is JobState.RUNNING:
        try:
            process.wait(beat_seconds)
            break
        except subprocess.TimeoutExpired:
            state = _still(room, mine, output.pulse(), is_stopping=is_stopping())
    if process.poll() is None:
        _stop(process)
    output.close(GRACE_SECONDS)
    code = process.returncode
    if state is JobState.RUNNING:
        state = JobState.DONE if code in CLEAN_EXITS else JobState.FAILED
        if code < 0:  # something from outside killed it, as the kernel does without memory
            state = _after_death(mine)
    if state is not None:
        _end(room, mine, state, output.pulse(), code)


def _still(room: JobRoom, mine: Job, pulse: Pulse, *, is_stopping: bool) -> JobState | None:
    """Say that the job is alive; return RUNNING, or what it is to become, or None: not ours."""
    try:
        with room.database.write() as connection:
            now = beat(connection, mine, pulse, room.now())
    except StoreUnavailable:
        logger.warning("job %s: no heartbeat, the database is gone", mine.id)
        return JobState.RUNNING
    if now is None:
        return None
    if now.cancel_wanted:
        return JobState.CANCELLED
    return _after_death(now) if is_stopping else JobState.RUNNING


def _end(room: JobRoom, mine: Job, state: JobState, pulse: Pulse, code: int | None) -> None:
    with room.database.write() as connection:
        is_mine = end(connection, mine, state, pulse, room.now(), exit_code=code)
    if is_mine and state is not JobState.QUEUED:
        forget_upload(mine, room.place)
    logger.info("job %s (%s): %s", mine.id, mine.kind, state if is_mine else "lost")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            logger.warning("process %d did not end in time", process.pid)
