"""`triage index` through the main function: build, verify, status, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from triage.commands import index as command
from triage.desk.indexing import LEAST
from triage.desk.sight import Sight
from triage.index import Snapshots
from triage.request import Json
from triage.store.database import Database
from triage.store.ledger import append
from triage.store.policy import RecordClass
from triage.store.tables import ledger
from triage.workorder.events import Event, Kind

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
Run = Callable[..., int]


@pytest.fixture
def index(
    triage: Run,
    database: Database,
    tmp_path: Path,
    plain_sight: Callable[..., Sight],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return `index("build", …)` over a database, with a sight that needs no model."""
    monkeypatch.setattr(command, "load_sight", lambda models_dir: plain_sight())
    url = database.url.render_as_string(hide_password=False)
    return lambda *words: triage("index", *words, "--database", url, "--index-dir", tmp_path / "ix")


def take(database: Database, count: int, name: str = "A") -> None:
    with database.write() as connection:
        append(
            connection,
            [
                Event(f"{name}{n:05d}", Kind.INTAKE, AT, "t", {"title": "", "text": f"{n}号井盖坏"})
                for n in range(count)
            ],
        )


def test_few_orders_need_no_snapshot(
    index: Run, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    take(database, LEAST - 1)
    assert index("build") == 0
    assert "不需要快照" in capsys.readouterr().err
    assert index("verify") == 1


def test_a_snapshot_is_built_told_of_and_found_sound(
    index: Run, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    take(database, LEAST)
    assert index("build") == 0
    assert "1,000 件" in capsys.readouterr().err
    take(database, 5, "B")
    assert index("status", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["head"], [one["orders"] for one in said["snapshots"]]) == (1_005, [1_000])
    assert index("build") == 0
    assert "1,005 件" in capsys.readouterr().err
    assert index("build", "--anew") == 0
    assert index("verify") == 0
    assert capsys.readouterr().out.count("完好") == 2


@pytest.mark.slow
def test_where_retention_left_no_words_no_snapshot_is_written(
    index: Run, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    take(database, LEAST)
    assert index("build") == 0
    with database.write() as connection:
        connection.execute(update(ledger).values(body=None))
        body: dict[str, Json] = {"class": RecordClass.ORDER_TEXTS.value}
        append(connection, [Event("", Kind.PURGE, AT, "retention", body)])
    capsys.readouterr()
    for more in ((), ("--anew",)):
        assert index("build", *more) == 0
        assert "不需要快照" in capsys.readouterr().err
    assert index("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["snapshots"] == []  # the old one held the words


def test_a_damaged_snapshot_is_named_and_built_again(
    index: Run, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(database, LEAST)
    assert index("build") == 0
    next((tmp_path / "ix/plain-1").glob("0*/ids.npy")).unlink()
    assert index("verify") == 1
    assert "index_damaged" in capsys.readouterr().out
    assert index("build") == 0
    assert index("verify") == 0


def test_only_one_process_builds(
    index: Run, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(database, LEAST)
    with Snapshots(tmp_path / "ix", "plain-1", 256).writing():
        assert index("build") == 0
    assert "另一个进程" in capsys.readouterr().err


def test_without_a_model_the_command_says_so(
    triage: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage("index", "status", "--models-dir", tmp_path) == 2
    assert "[artifact_invalid]" in capsys.readouterr().err
