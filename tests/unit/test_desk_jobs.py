from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.desk.actor import Actor, NotAllowed
from triage.desk.job_arguments import JobRefused
from triage.desk.job_kinds import KINDS, JobPlace, words_of
from triage.desk.job_runner import MOST_ATTEMPTS, SILENCE, Launch, run_next
from triage.desk.jobs import JobRoom, cancel, listed, log, rejects, show, submit
from triage.request import Json
from triage.store.database import Database
from triage.store.jobs import Job, JobState, Pulse, UnknownJob, beat, claim

ANALYST = Actor("ana", frozenset({"analyst"}))
AGENT = Actor("agent-1", frozenset({"agent"}))
CHIEF = Actor("chief", frozenset({"administrator"}))
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(database: Database, tmp_path: Path, clock: Clock) -> JobRoom:
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "a.csv").write_text("诉求内容\n路灯坏了\n", "utf-8")
    (folder / "train.jsonl").write_text("{}\n")
    return JobRoom(database, JobPlace(folder, tmp_path / "models", str(database.url)), clock)


def asked(room: JobRoom, actor: Actor = CHIEF, kind: str = "intake", **more: Json) -> Job:
    arguments: dict[str, Json] = {"files": ["a.csv"], **more}
    return submit(room, kind, arguments, actor)


def doing(script: str, started: list[Sequence[str]] | None = None) -> Launch:
    """Return a launch that runs a script in place of `triage`."""

    def launch(words: Sequence[str], place: JobPlace) -> subprocess.Popen[bytes]:
        if started is not None:
            started.append(words)
        return subprocess.Popen(
            [sys.executable, "-uc", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    return launch


def do(room: JobRoom, script: str, **more: Callable[[], bool]) -> Job | None:
    return run_next(room, "r1", launch=doing(script), beat_seconds=0.05, **more)


# What may be asked for


def test_a_job_becomes_the_words_of_a_command(room: JobRoom) -> None:
    one = asked(room, source="portal")
    folder = room.place.folder
    assert words_of(one, room.place) == [
        "intake",
        f"--rejects={folder}/{one.id}/rejects.csv",
        "--actor=chief",
        "--progress-lines",
        "--source",
        "portal",
        f"{folder}/a.csv",
    ]
    training = submit(
        room, "train", {"data": ["train.jsonl"], "out": "runs/new", "split": "time"}, ANALYST
    )
    assert words_of(training, room.place) == [
        *("train", "--data", f"{folder}/train.jsonl"),
        *("--out", f"{folder}/runs/new", "--split", "time"),
    ]


def test_a_city_s_own_files_are_named_to_what_reads_them(room: JobRoom) -> None:
    city = {"catalogue": Path("/city/lists"), "policy": Path("/city/policy.toml")}
    place = replace(room.place, city=city)
    words = words_of(asked(room), place)
    assert words[4:6] == ["--catalogue=/city/lists", "--policy=/city/policy.toml"]
    one = submit(room, "import", {"files": ["a.csv"], "out": "a.jsonl"}, ANALYST)
    assert words_of(one, place)[:3] == ["import", "--progress-lines", "--catalogue=/city/lists"]


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        ("shell", {}, "kind"),
        ("intake", {}, "arguments.files"),
        ("intake", {"files": []}, "arguments.files"),
        ("intake", {"files": "a.csv"}, "arguments.files"),
        ("intake", {"files": ["b.csv"]}, "arguments.files"),
        ("intake", {"files": ["/etc/passwd"]}, "arguments.files"),
        ("intake", {"files": ["../secret"]}, "arguments.files"),
        ("intake", {"files": ["a.csv\0"]}, "arguments.files"),
        ("intake", {"files": ["link.csv"]}, "arguments.files"),
        ("intake", {"files": ["a.csv"], "source": "--json"}, "arguments.source"),
        ("intake", {"files": ["a.csv"], "source": "a b; rm"}, "arguments.source"),
        ("intake", {"files": ["a.csv"], "actor": "chief"}, "arguments.actor"),
        ("import", {"files": ["a.csv"], "out": "x.csv"}, "arguments.out"),
        ("import", {"files": ["a.csv"], "out": "../x.jsonl"}, "arguments.out"),
        ("import", {"files": ["a.csv"], "out": "."}, "arguments.out"),
        ("import", {"files": ["a.csv"], "out": "J20260302-ABC123/x.jsonl"}, "arguments.out"),
        (
            "import",
            {"files": ["a.csv"], "out": "x.jsonl", "strict_codes": "yes"},
            "arguments.strict_codes",
        ),
        ("train", {"data": ["train.jsonl"], "out": "m", "split": "all"}, "arguments.split"),
    ],
)
def test_what_is_not_of_the_table_is_refused(
    room: JobRoom, tmp_path: Path, kind: str, arguments: dict[str, Json], field: str
) -> None:
    (tmp_path / "secret").write_text("x")
    (room.place.folder / "link.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(JobRefused) as refused:
        submit(room, kind, arguments, CHIEF)
    assert refused.value.field == field
    assert listed(room, CHIEF, state=None, cursor=None, limit=9).jobs == ()


def test_each_kind_has_its_roles(room: JobRoom) -> None:
    with pytest.raises(NotAllowed, match="agent"):
        asked(room, ANALYST)
    with pytest.raises(NotAllowed, match="analyst"):
        submit(room, "train", {"data": ["train.jsonl"], "out": "m"}, AGENT)
    assert {name for name, kind in KINDS.items() if "administrator" not in kind.roles} == set()


def test_who_asked_sees_a_job_and_who_oversees_sees_all(room: JobRoom) -> None:
    mine, others = asked(room, AGENT), asked(room, CHIEF)
    assert show(room, mine.id, AGENT) == mine
    for look in (show, log, cancel, rejects):
        with pytest.raises(NotAllowed, match=others.id):
            look(room, others.id, AGENT)
    with pytest.raises(NotAllowed):
        listed(room, AGENT, state=None, cursor=None, limit=9)
    assert {one.id for one in listed(room, ANALYST, state=None, cursor=None, limit=9).jobs} == {
        mine.id,
        others.id,
    }
    with pytest.raises(UnknownJob):
        show(room, "J0", CHIEF)


def test_a_list_goes_on_where_its_page_ended(room: JobRoom, clock: Clock) -> None:
    ids = []
    for _ in range(5):
        clock.now += timedelta(seconds=1)
        ids.append(asked(room).id)
    seen: list[str] = []
    cursor = None
    while True:
        got = listed(room, CHIEF, state=JobState.QUEUED, cursor=cursor, limit=2)
        seen += [one.id for one in got.jobs]
        cursor = got.next_cursor
        if cursor is None:
            break
    assert seen == ids[::-1]
    with pytest.raises(JobRefused) as refused:
        listed(room, CHIEF, state=None, cursor="x", limit=2)
    assert refused.value.code == "cursor_invalid"


# How it is done


def test_progress_message_and_log_reach_the_table_and_numbers_are_masked(room: JobRoom) -> None:
    one = asked(room)
    script = """
print('{"done": 3, "total": 10}')
print('{"done": oops')
print('来电 13800000000 已登记')
"""
    do(room, script)
    found = show(room, one.id, CHIEF)
    assert (found.state, found.exit_code) == (JobState.DONE, 0)
    assert (found.done, found.total) == (3, 10)
    assert found.message == "来电 <手机号1> 已登记"
    assert log(room, one.id, CHIEF).splitlines() == ['{"done": oops', "来电 <手机号1> 已登记"]


@pytest.mark.parametrize(
    ("code", "state"), [(0, JobState.DONE), (1, JobState.DONE), (2, JobState.FAILED)]
)
def test_the_exit_code_says_how_it_ended(room: JobRoom, code: int, state: JobState) -> None:
    one = asked(room)
    do(room, f"print('last words'); raise SystemExit({code})")
    found = show(room, one.id, CHIEF)
    assert (found.state, found.exit_code, found.message) == (state, code, "last words")


def test_a_running_job_is_cancelled_by_signal(room: JobRoom) -> None:
    one = asked(room)
    (room.place.own(one.id)).mkdir()
    upload = room.place.own(one.id) / "upload.csv"
    upload.write_text("x")
    asks = iter([False, True])

    def cancelled() -> bool:  # called at every beat
        if next(asks, False):
            cancel(room, one.id, CHIEF)
        return False

    do(room, "import time; print('on'); time.sleep(60)", is_stopping=cancelled)
    found = show(room, one.id, CHIEF)
    assert (found.state, found.exit_code) == (JobState.CANCELLED, -15)
    assert not upload.exists()
    assert cancel(room, one.id, CHIEF) == found  # asking twice changes nothing


def test_a_job_that_is_over_cannot_be_cancelled(room: JobRoom) -> None:
    one = asked(room)
    do(room, "")
    with pytest.raises(JobRefused) as refused:
        cancel(room, one.id, CHIEF)
    assert refused.value.code == "job_over"


def test_a_waiting_job_is_cancelled_with_what_was_sent(room: JobRoom) -> None:
    one = asked(room)
    room.place.own(one.id).mkdir()
    (room.place.own(one.id) / "upload.csv").write_text("x")
    assert cancel(room, one.id, CHIEF).state is JobState.CANCELLED
    assert list(room.place.own(one.id).iterdir()) == []
    assert do(room, "") is None


@pytest.mark.parametrize(
    ("kind", "arguments", "state"),
    [
        ("intake", {"files": ["a.csv"]}, JobState.QUEUED),
        ("train", {"data": ["train.jsonl"], "out": "m"}, JobState.FAILED),
    ],
)
def test_a_stopped_runner_hands_its_job_back(
    room: JobRoom, kind: str, arguments: dict[str, Json], state: JobState
) -> None:
    one = submit(room, kind, arguments, CHIEF)
    do(room, "import time; time.sleep(60)", is_stopping=lambda: True)
    assert show(room, one.id, CHIEF).state is state


@pytest.mark.parametrize(
    ("kind", "arguments", "state"),
    [
        ("intake", {"files": ["a.csv"]}, JobState.DONE),
        ("train", {"data": ["train.jsonl"], "out": "m"}, JobState.FAILED),
    ],
)
def test_the_job_of_a_dead_runner_is_done_again_where_that_changes_nothing(
    room: JobRoom, clock: Clock, kind: str, arguments: dict[str, Json], state: JobState
) -> None:
    one = submit(room, kind, arguments, CHIEF)
    with room.database.write() as connection:
        claim(connection, "dead", room.now())
    clock.now += SILENCE
    assert do(room, "") is None  # not silent for long enough
    clock.now += timedelta(seconds=1)
    do(room, "")
    assert show(room, one.id, CHIEF).state is state


def test_a_job_that_kills_every_runner_is_given_up(room: JobRoom) -> None:
    one = asked(room)
    runs = 0
    while do(room, "import os; os.kill(os.getpid(), 9)") is not None:
        runs += 1
    assert runs == MOST_ATTEMPTS
    found = show(room, one.id, CHIEF)
    assert (found.state, found.exit_code) == (JobState.FAILED, -9)


def test_a_runner_that_lost_its_job_stops_the_process_and_writes_nothing(
    room: JobRoom, clock: Clock
) -> None:
    one = asked(room)
    taken: Iterator[bool] = iter([True])

    def lost() -> bool:  # another runner thinks that this one is dead
        if next(taken, False):
            clock.now += 2 * SILENCE
            run_next(room, "r2", launch=doing("print('second')"), beat_seconds=0.05)
        return False

    do(room, "import time; print('first'); time.sleep(60)", is_stopping=lost)
    found = show(room, one.id, CHIEF)
    assert (found.state, found.runner, found.message) == (JobState.DONE, "r2", "second")


def test_a_command_that_cannot_start_is_a_failed_job(room: JobRoom) -> None:
    def launch(words: Sequence[str], place: JobPlace) -> subprocess.Popen[bytes]:
        raise FileNotFoundError("python")

    one = asked(room)
    run_next(room, "r1", launch=launch)
    assert show(room, one.id, CHIEF).state is JobState.FAILED


def test_a_file_that_went_away_before_the_job_began_fails_it(room: JobRoom) -> None:
    one = asked(room)
    (room.place.folder / "a.csv").unlink()
    do(room, "")
    found = show(room, one.id, CHIEF)
    assert found.state is JobState.FAILED
    assert "a.csv" in found.message


def test_an_import_is_done_by_the_real_command(room: JobRoom) -> None:
    one = submit(room, "import", {"files": ["a.csv"], "out": "out.jsonl"}, ANALYST)
    run_next(room, "r1", beat_seconds=0.05)
    found = show(room, one.id, ANALYST)
    assert found.state is JobState.DONE, log(room, one.id, ANALYST)
    assert found.done == found.total > 0
    assert "路灯坏了" in (room.place.folder / "out.jsonl").read_text("utf-8")
    assert rejects(room, one.id, ANALYST) == room.place.folder / "out.rejects.csv"


def test_no_rejects_are_said_to_be_none(room: JobRoom) -> None:
    one = asked(room)
    with pytest.raises(JobRefused) as refused:
        rejects(room, one.id, CHIEF)
    assert refused.value.code == "job_rejects_none"


def test_a_heartbeat_tells_of_a_wish_to_cancel(room: JobRoom) -> None:
    one = asked(room)
    with room.database.write() as connection:
        mine = claim(connection, "r1", room.now())
    assert mine is not None
    cancel(room, one.id, CHIEF)
    with room.database.write() as connection:
        now = beat(connection, mine, Pulse(), room.now())
    assert now is not None
    assert now.cancel_wanted
