"""What retention takes out of the store leaves the index's files too, of every encoder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from triage.commands import index as command
from triage.desk.erasing import Erased, erase_outdated
from triage.desk.sight import Sight
from triage.index import Mark, Printed, Snapshots
from triage.index.growing import Growing
from triage.index.lock import writing
from triage.store.database import Database
from triage.store.event_tables import event_member
from triage.store.index_feed import hash_at
from triage.store.ledger import append
from triage.store.policy import RecordClass
from triage.store.tables import ledger
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
WIDTH = 8
Run = Callable[..., int]


def take(database: Database, count: int) -> None:
    body = {"title": "", "text": "3号井盖坏了"}
    events = [Event(f"A{n:05d}", Kind.INTAKE, AT, "t", body) for n in range(count)]
    with database.write() as connection:
        append(connection, events)


def purge(database: Database, words: RecordClass = RecordClass.ORDER_TEXTS) -> None:
    with database.write() as connection:
        if words is RecordClass.ORDER_TEXTS:
            connection.execute(
                update(ledger).where(ledger.c.kind == Kind.INTAKE.value).values(body=None)
            )
        append(connection, [Event("", Kind.PURGE, AT, "retention", {"class": words.value})])


def mark_at(database: Database, position: int) -> Mark:
    with database.read() as connection:
        return Mark(position, hash_at(connection, position) or "")


def snapshot(root: Path, encoder: str, mark: Mark) -> Path:
    def fill(growing: Growing) -> Mark:
        vectors = np.eye(WIDTH, dtype=np.float32)
        pairs = tuple(np.arange(3, dtype=np.uint32) for _ in vectors)
        growing.add(Printed(tuple(f"A{n:05d}" for n in range(WIDTH)), vectors, pairs))
        return mark

    path = Snapshots(root, encoder, WIDTH).write(None, fill)
    assert path is not None
    return path


def test_a_build_after_everything_was_purged_leaves_no_vector_behind(
    triage: Run,
    database: Database,
    tmp_path: Path,
    plain_sight: Callable[..., Sight],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "load_sight", lambda models_dir: plain_sight())
    url, root = database.url.render_as_string(hide_password=False), tmp_path / "ix"
    take(database, 1_200)
    old = snapshot(root, "older-encoder", mark_at(database, 100))
    assert triage("index", "build", "--database", url, "--index-dir", root) == 0
    assert old.exists()
    assert len(list(root.glob("*/*/codes.npy"))) == 2
    purge(database)
    assert triage("index", "build", "--database", url, "--index-dir", root) == 0
    assert list(root.glob("**/*.npy")) == []
    assert "早于最近一次清除" in capsys.readouterr().err


def test_only_what_is_older_than_the_purge_of_words_goes(
    database: Database, tmp_path: Path
) -> None:
    take(database, 5)
    before = snapshot(tmp_path, "a", mark_at(database, 5))
    damaged = snapshot(tmp_path, "b", mark_at(database, 4))
    (damaged / "manifest.json").write_text("{")
    foreign = snapshot(tmp_path, "c", Mark(3, "ab" * 32))
    purge(database, RecordClass.JOBS)
    assert erase_outdated(database, tmp_path) == Erased()
    purge(database)
    after = snapshot(tmp_path, "a", mark_at(database, 7))
    assert erase_outdated(database, tmp_path) == Erased([before, damaged])
    assert (after.exists(), foreign.exists(), before.exists()) == (True, True, False)
    assert erase_outdated(database, tmp_path / "nowhere") == Erased()


def test_retention_erases_the_snapshots_that_hold_what_it_took_away(
    triage: Run,
    database: Database,
    fill_database: Callable[..., list[WorkOrder]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill_database(database, 8, start=AT)
    old = snapshot(tmp_path / "ix", "a", mark_at(database, 3))
    with database.write() as connection:
        row = {
            "order_id": "W0003", "event_id": "W0003", "received_at": AT, "problem": "SR03|路灯",
            "why": "began", "actor": "system", "at": AT, "probability": 1.0, "judge": "", "seq": 1,
        }  # fmt: skip
        connection.execute(event_member.insert(), [row])
    policy = tmp_path / "policy.toml"
    policy.write_text('[order_texts]\ndays = 30\nsource = "测试"\n', "utf-8")
    url = database.url.render_as_string(hide_password=False)
    words = ("database", "retain", "--database", url, "--policy", policy)
    assert triage(*words, "--dry-run", "--index-dir", tmp_path / "ix") == 0
    assert old.exists()
    assert triage(*words, "--apply", "--index-dir", tmp_path / "ix") == 0
    assert not old.exists()
    assert "triage index build" in capsys.readouterr().err
    with database.read() as connection:
        assert connection.execute(select(event_member.c.problem)).scalar_one() == ""


def test_a_folder_that_is_being_written_is_left_and_told(
    database: Database, tmp_path: Path
) -> None:
    take(database, 5)
    busy = snapshot(tmp_path, "a", mark_at(database, 5))
    free = snapshot(tmp_path, "b", mark_at(database, 5))
    killed = [tmp_path / name / ".new-killed" for name in ("a", "b")]
    for one in killed:
        one.mkdir()
    purge(database)
    with writing(tmp_path / "a"):
        erased = erase_outdated(database, tmp_path)
        assert erased.gone == [free, killed[1]]
        assert erased.left == [(tmp_path / "a", "另一个进程正在写")]
        assert (busy / "codes.npy").exists()
        assert killed[0].exists()
    assert erase_outdated(database, tmp_path) == Erased([busy, killed[0]])


def test_what_a_running_writer_has_begun_is_neither_erased_nor_told(
    database: Database, tmp_path: Path
) -> None:
    begun = tmp_path / "a" / ".new-begun"
    begun.mkdir(parents=True)
    with writing(tmp_path / "a"):
        assert erase_outdated(database, tmp_path) == Erased()
    assert erase_outdated(database, tmp_path) == Erased([begun])


@pytest.mark.parametrize("lost", [FileNotFoundError, PermissionError])
def test_retention_tells_of_a_folder_it_cannot_erase_and_erases_the_others(
    triage: Run,
    database: Database,
    fill_database: Callable[..., list[WorkOrder]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lost: type[OSError],
) -> None:
    fill_database(database, 8, start=AT)
    first, second = (snapshot(tmp_path / "ix", name, mark_at(database, 3)) for name in "ab")
    rmtree = shutil.rmtree

    def refusing(path: Path, ignore_errors: bool = False) -> None:
        if path == first:
            raise lost(1, "not yours")
        rmtree(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", refusing)
    policy = tmp_path / "policy.toml"
    policy.write_text('[order_texts]\ndays = 30\nsource = "测试"\n', "utf-8")
    url = database.url.render_as_string(hide_password=False)
    code = triage(
        *("database", "retain", "--database", url, "--policy", policy, "--apply"),
        *("--index-dir", tmp_path / "ix"),
    )
    assert not second.exists()
    is_told = f"{first} 应删而没有删去" in capsys.readouterr().err
    assert (code, is_told) == ((2, True) if lost is PermissionError else (0, False))


def test_a_folder_whose_lock_cannot_be_had_keeps_no_other_from_being_erased(
    database: Database, tmp_path: Path
) -> None:
    take(database, 5)
    first, second = (snapshot(tmp_path, name, mark_at(database, 5)) for name in "ab")
    (tmp_path / "a" / ".lock").mkdir()  # cannot be opened for writing, even by root
    purge(database)
    erased = erase_outdated(database, tmp_path)
    assert (erased.gone, [path for path, _ in erased.left]) == ([second], [tmp_path / "a"])
    assert first.exists()
