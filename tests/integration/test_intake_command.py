"""`triage intake` killed with kill -9 half way and begun again: every row once, none lost."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import create_key
from triage.store.ledger import head_of
from triage.store.tables import vault, work_order
from triage.store.verify import verify

ROWS, BAD = 600, 3
RUN = """
import argparse, sys
from triage.commands import intake
parser = argparse.ArgumentParser()
intake.add_arguments(parser)
sys.exit(intake.run(parser.parse_args()))
"""


@pytest.fixture
def words(database: Database, tmp_path: Path, tiny_models_dir: Path) -> list[str]:
    create_key(tmp_path / "vault.json", CipherName.AES, now=datetime.now(UTC))
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[f"N-{n}", f"小区第{n}盏路灯坏了" if n >= BAD else " "] for n in range(ROWS)]
        csv.writer(file).writerows([["工单编号", "诉求内容"], *rows])
    url = database.url.render_as_string(hide_password=False)
    return [
        *(str(tmp_path / "a.csv"), "--source", "portal", "--database", url),
        *("--models-dir", str(tiny_models_dir), "--vault-keys", str(tmp_path / "vault.json")),
        *("--rejects", str(tmp_path / "rejects.csv"), "--progress-lines"),
    ]


def begun(words: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *words], stdout=subprocess.PIPE, text=True, env=os.environ
    )


def taken(database: Database) -> set[str]:
    with database.read() as connection:
        documents = connection.execute(select(work_order.c.document)).scalars().all()
        sealed = connection.execute(select(vault.c.order_id)).scalars().all()
    assert len(sealed) == len(documents)
    found = [json.loads(document)["source_id"] for document in documents]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.slow
def test_a_run_killed_half_way_is_begun_again_and_the_counts_reconcile(
    database: Database, words: list[str], tmp_path: Path
) -> None:
    with begun(words) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if json.loads(line)["done"] > 0:  # at least one batch is durable
                first.send_signal(signal.SIGKILL)
                break
    half = taken(database)
    assert 0 < len(half) < ROWS - BAD
    assert not (tmp_path / "rejects.csv").exists()
    with begun([*words, "--json"]) as second:
        said, _ = second.communicate()
    assert second.returncode == 1
    figures = json.loads(said.splitlines()[-1])
    assert figures["known"] == len(half)
    assert figures["new"] == ROWS - BAD - len(half)
    assert (figures["rows"], figures["reasons"]) == (ROWS, {"field_blank": BAD})
    assert taken(database) == {f"N-{n}" for n in range(BAD, ROWS)}
    assert len((tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()) == BAD + 1
    assert list(verify(database)) == []
    with database.read() as connection:
        assert head_of(connection).seq == 3 * (ROWS - BAD)
