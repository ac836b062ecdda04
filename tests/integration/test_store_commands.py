"""The commands of the store through the main function, one after another as a keeper would."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import read_keys
from triage.store.vault import Field, Vault
from triage.workorder.order import WorkOrder

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Triage = Callable[..., int]
Fill = Callable[..., list[WorkOrder]]


@pytest.fixture
def url(database: Database, fill_database: Fill) -> str:
    fill_database(database, 4)
    return database.url.render_as_string(hide_password=False)


def test_a_new_database_is_made_filled_saved_and_restored(
    triage: Triage,
    database_url: str,
    url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    backup = tmp_path / "backup.jsonl.gz"
    assert triage("database", "upgrade", "--database", database_url) == 0
    assert triage("database", "backup", backup, "--database", url) == 0
    assert triage("database", "restore", backup, "--database", database_url) == 0
    assert "17 个事件，4 件工单" in capsys.readouterr().err
    assert triage("ledger", "verify", "--database", database_url) == 0
    assert "0 处不一致" in capsys.readouterr().err
    assert triage("database", "restore", backup, "--database", database_url) == 2
    assert "[database_not_empty]" in capsys.readouterr().err


def test_going_down_needs_a_yes(
    triage: Triage, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage("database", "downgrade", "base", "--database", url) == 2
    assert "--yes" in capsys.readouterr().err
    assert triage("database", "downgrade", "base", "--yes", "--database", url) == 0
    assert triage("database", "current", "--database", url) == 0
    assert capsys.readouterr().out.startswith("base\t")
    assert triage("ledger", "verify", "--database", url) == 2
    assert "triage database upgrade" in capsys.readouterr().err


def test_an_anchor_finds_what_the_head_does_not(
    triage: Triage,
    database: Database,
    url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    anchors = tmp_path / "anchors.jsonl"
    assert triage("ledger", "anchor", "--to", anchors, "--database", url) == 0
    assert triage("ledger", "verify", "--anchor", anchors, "--database", url) == 0
    with database.write() as connection:
        connection.execute(text("UPDATE ledger SET actor = 'x' WHERE seq = 5"))
    capsys.readouterr()
    words = ("ledger", "verify", "--json", "--anchor", anchors, "--database", url)
    assert triage(*words) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["seq"], json.loads(line)["field"]) == (5, "hash")
    assert triage("ledger", "anchor", "--database", url) == 0
    assert json.loads(capsys.readouterr().out)["seq"] == 17


def test_keys_are_made_changed_and_dropped(
    triage: Triage,
    database: Database,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("TRIAGE_VAULT_KEY", raising=False)
    keys = tmp_path / "vault-keys.json"
    rest = ("--vault-keys", keys, "--database", url)
    assert triage("vault", "create-key", "--vault-keys", keys) == 0
    with database.write() as connection:
        Vault(read_keys(keys)).seal(connection, "W0001", {Field.NAME: "李四"}, NOW)
    assert triage("vault", "create-key", "--cipher", "SM4-GCM", "--vault-keys", keys) == 0
    assert read_keys(keys).active.cipher is CipherName.SM4
    assert triage("vault", "retire-key", "k1", *rest) == 2
    assert "[vault_key_refused]" in capsys.readouterr().err
    assert triage("vault", "rotate", *rest) == 0
    assert triage("vault", "retire-key", "k1", *rest) == 0
    capsys.readouterr()
    assert triage("vault", "keys", *rest) == 0
    out = capsys.readouterr().out
    assert out.startswith("k2\tSM4-GCM\t")
    assert out.endswith("\t使用中\t1\n")
    keys.unlink()
    assert triage("vault", "keys", *rest) == 0
    assert "k2\t缺失：1 条" in capsys.readouterr().out


def test_what_has_run_out_is_listed_then_taken_away(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage("database", "retain", "--dry-run", "--database", url) == 0
    assert "intake_keys" in capsys.readouterr().out
    assert triage("database", "retain", "--apply", "--database", url) == 0
    assert triage("ledger", "verify", "--database", url) == 0
    short = tmp_path / "short.toml"
    short.write_text("[access_logs]\ndays = 30\n", "utf-8")
    words = ("database", "retain", "--apply", "--policy", short, "--database", url)
    assert triage(*words) == 2
    assert "[retention_refused]" in capsys.readouterr().err


def test_the_address_comes_from_the_environment(
    triage: Triage, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", url)
    assert triage("ledger", "verify") == 0
    monkeypatch.setenv("TRIAGE_DATABASE_URL", "mysql://x/y")
    assert triage("ledger", "verify") == 2
    assert "sqlite 或 postgresql" in capsys.readouterr().err
