"""kill -9 at any moment: what was acknowledged is in the index when the next process opens it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.desk.indexing import build
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight
from triage.index import Snapshots
from triage.same_event.entry import Entry
from triage.store.database import Database

WRITER = Path(__file__).parents[1] / "fixtures/index_writer.py"
KILLS = 20


def started(deed: str, url: str, folder: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), deed, url, str(folder), name]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"OMP_NUM_THREADS": "1"}
    )


def killed_after(process: subprocess.Popen[str], lines: int) -> list[str]:
    """Read so many lines, kill -9, and return all that was said."""
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [one.strip() for one in said if one.endswith("\n")]


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_acknowledged(
    database: Database, tmp_path: Path, plain_sight: Callable[..., Sight]
) -> None:
    rng, sight, acknowledged = random.Random(5), plain_sight(), list[str]()
    url = database.url.render_as_string(hide_password=False)
    snapshots = Snapshots(tmp_path / "index", sight.version, sight.dimensions)
    for round_ in range(KILLS):
        taker = started("take", url, tmp_path / "index", f"K{round_:02d}")
        builder = started("build", url, tmp_path / "index", "")
        killed_after(builder, rng.randint(1, 3))  # within a snapshot, or between two
        acknowledged += killed_after(taker, rng.randint(1, 40))
        neighbours = Neighbours(database, snapshots, sight, lambda: None)
        neighbours.follow()
        assert neighbours.index is not None
        assert [one for one in acknowledged if one not in neighbours.index] == []
        for one in rng.sample(acknowledged, min(5, len(acknowledged))):
            assert one in {hit.id for hit in neighbours.near(_entry(one), 50)}
    assert build(database, snapshots, sight, least=1) is not None
    with snapshots.writing() as is_free:
        assert is_free
        snapshots.clear()
    assert not list(snapshots.folder.glob(".new-*"))


def _entry(order_id: str) -> Entry:
    """Return the words that index_writer.py took in under an id."""
    name, number = order_id.split("-")
    return Entry("", "", f"{name}路{int(number)}号门前的井盖坏了，第{int(number)}次反映")
