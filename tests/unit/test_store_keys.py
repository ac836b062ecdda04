"""The identity key outlives rotation, and what is done with keys stands in the ledger."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from triage.desk.identity import Identity
from triage.errors import UnusableFile
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_events import KeyKeeper
from triage.store.key_file import (
    VaultKeyRefusal,
    create_key,
    drop_key,
    keep_identity,
    read_keys,
)
from triage.store.ledger import events_of
from triage.store.tables import ledger
from triage.store.vault import Field, Vault, retire
from triage.store.verify import verify
from triage.workorder.events import Kind

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEEPER = KeyKeeper("cli:keeper", NOW)
PHONE = "13800138000"


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    path = tmp_path / "vault-keys.json"
    create_key(path, CipherName.AES, now=NOW)
    return path


def digests(path: Path) -> tuple[str, str]:
    identity = Identity(read_keys(path))
    return identity.requester(PHONE), identity.tail("W1", PHONE)


def make_old(path: Path) -> bytes:
    """Take the identity key out, as files were before there was one; return the oldest secret."""
    document = json.loads(path.read_bytes())
    del document["identity"]
    path.write_text(json.dumps(document), "utf-8")
    return base64.b64decode(document["keys"][0]["secret"])


def test_the_identity_key_is_made_with_the_file_and_seals_nothing(key_path: Path) -> None:
    keys = read_keys(key_path)
    assert len(keys.identity) == 32
    assert keys.identity not in [key.secret for key in keys.keys]
    assert repr(keys.identity) not in repr(keys)


def test_a_telephone_is_known_again_after_the_old_key_is_gone(key_path: Path) -> None:
    before = digests(key_path)
    assert all(before)
    create_key(key_path, CipherName.SM4, now=NOW)
    drop_key(key_path, "k1")
    assert [key.id for key in read_keys(key_path).keys] == ["k2"]
    assert digests(key_path) == before


@pytest.mark.parametrize("step", ["create-key", "rotate", "drop"])
def test_a_file_of_before_keeps_the_digests_it_made(key_path: Path, step: str) -> None:
    if step == "drop":
        create_key(key_path, CipherName.AES, now=NOW)
    oldest = make_old(key_path)
    before = digests(key_path)
    if step == "create-key":
        create_key(key_path, CipherName.AES, now=NOW)
    elif step == "rotate":
        keep_identity(key_path)
    else:
        drop_key(key_path, "k1")
    assert read_keys(key_path).identity == oldest
    assert digests(key_path) == before


def test_an_identity_key_is_never_replaced_nor_made_without_a_file(
    key_path: Path, tmp_path: Path
) -> None:
    before = key_path.read_bytes()
    keep_identity(key_path)
    assert key_path.read_bytes() == before
    keep_identity(tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


def test_an_identity_key_cut_short_is_refused(key_path: Path) -> None:
    document = json.loads(key_path.read_bytes())
    document["identity"] = document["identity"][:8]
    key_path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(UnusableFile, match="不是保险库密钥"):
        read_keys(key_path)


@pytest.fixture
def sealed(
    database: Database, key_path: Path, fill_database: Callable[..., list[object]]
) -> Database:
    fill_database(database, 1)
    with database.write() as connection:
        Vault(read_keys(key_path)).seal(
            connection, "W0001", {Field.NAME: "李四", Field.PHONE: PHONE}, NOW
        )
    create_key(key_path, CipherName.AES, now=NOW)
    return database


def key_events(database: Database) -> list[tuple[str, dict[str, object]]]:
    with database.read() as connection:
        assert (
            connection.execute(
                select(ledger.c.seq).where(ledger.c.kind == "key", ledger.c.order_id != "")
            ).all()
            == []
        )
        return [
            (entry.event.actor, dict(entry.event.body))
            for entry in events_of(connection, "")
            if entry.event.kind is Kind.KEY
        ]


def test_who_rotated_and_retired_which_key_stands_in_the_ledger_without_a_secret(
    sealed: Database, key_path: Path
) -> None:
    secrets = [base64.b64encode(key.secret).decode() for key in read_keys(key_path).keys]
    assert Vault(read_keys(key_path)).rotate(sealed, KEEPER, batch=1) == 2
    retire(sealed, key_path, "k1", KEEPER)
    assert key_events(sealed) == [
        ("cli:keeper", {"deed": "rotate", "key_id": "k2", "count": 1}),
        ("cli:keeper", {"deed": "rotate", "key_id": "k2", "count": 1}),
        ("cli:keeper", {"deed": "retire", "key_id": "k1", "count": 1}),
    ]
    assert not any(secret in str(key_events(sealed)) for secret in secrets)
    assert list(verify(sealed)) == []


def test_what_was_not_done_is_not_recorded(sealed: Database, key_path: Path) -> None:
    safe = Vault(read_keys(key_path))
    with pytest.raises(VaultKeyRefusal):
        retire(sealed, key_path, "k1", KEEPER)
    assert safe.rotate(sealed, KEEPER) == 2
    assert safe.rotate(sealed, KEEPER) == 0
    create_key(key_path, CipherName.AES, now=NOW)
    with pytest.raises(VaultKeyRefusal, match="正在使用"):
        retire(sealed, key_path, "k3", KEEPER)  # nothing lies under it yet, but the next will
    assert [body["deed"] for _, body in key_events(sealed)] == ["rotate"]
