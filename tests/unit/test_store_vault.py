from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from triage.errors import UnusableFile
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_events import KeyKeeper
from triage.store.key_file import (
    VARIABLE,
    VaultKeyMissing,
    VaultKeyRefusal,
    VaultKeys,
    create_key,
    drop_key,
    load_keys,
    read_keys,
)
from triage.store.ledger import events_of
from triage.store.tables import vault
from triage.store.vault import (
    Field,
    NothingSealed,
    PurposeMissing,
    Reading,
    Vault,
    VaultDamaged,
    retire,
    usage,
)
from triage.store.verify import verify
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEEPER = KeyKeeper("cli:keeper", NOW)
READING = Reading("张三", "回访核实地址", NOW)
ORIGINALS = {Field.TEXT: "我叫李四，电话 13800138000", Field.PHONE: "13800138000"}
EVERYTHING = frozenset(Field)


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    path = tmp_path / "var" / "vault-keys.json"
    create_key(path, CipherName.AES, now=NOW)
    return path


@pytest.fixture
def sealed(
    database: Database, key_path: Path, fill_database: Callable[..., list[WorkOrder]]
) -> Database:
    """Three orders, the originals of each under k1."""
    fill_database(database, 3)
    safe = Vault(read_keys(key_path))
    with database.write() as connection:
        for order_id in ("W0001", "W0002", "W0003"):
            safe.seal(connection, order_id, ORIGINALS, NOW)
    return database


def reads(database: Database) -> list[tuple[str, dict[str, object]]]:
    with database.read() as connection:
        return [
            (entry.event.actor, dict(entry.event.body))
            for entry in events_of(connection, "W0001")
            if entry.event.kind is Kind.READ
        ]


def test_originals_come_back_as_they_were_and_no_letter_of_them_lies_open(
    sealed: Database, key_path: Path
) -> None:
    opened = Vault(read_keys(key_path)).open_sealed(sealed, "W0001", EVERYTHING, READING)
    assert opened == ORIGINALS
    with sealed.read() as connection:
        rows = connection.execute(select(vault)).all()
    assert len(rows) == 6
    assert not any(b"138" in bytes(row.sealed) for row in rows)


def test_reading_stands_in_the_ledger_with_user_purpose_and_fields(
    sealed: Database, key_path: Path
) -> None:
    reading = Reading("张三", "回电 13800138000", NOW)
    Vault(read_keys(key_path)).open_sealed(sealed, "W0001", frozenset({Field.PHONE}), reading)
    ((user, body),) = reads(sealed)
    assert user == "张三"
    assert body["fields"] == ["phone"]
    assert "13800138000" not in str(body["purpose"])
    assert "回电" in str(body["purpose"])
    assert list(verify(sealed)) == []


def test_without_a_purpose_nothing_is_read(sealed: Database, key_path: Path) -> None:
    safe = Vault(read_keys(key_path))
    with pytest.raises(PurposeMissing, match="用途"):
        safe.open_sealed(sealed, "W0001", EVERYTHING, Reading("张三", "  ", NOW))
    assert reads(sealed) == []


def test_an_order_without_originals_says_so(sealed: Database, key_path: Path) -> None:
    safe = Vault(read_keys(key_path))
    with pytest.raises(NothingSealed, match="W0001"):
        safe.open_sealed(sealed, "W0001", frozenset({Field.NAME}), READING)
    with pytest.raises(NothingSealed, match="W9"):
        safe.open_sealed(sealed, "W9", EVERYTHING, READING)


def test_sealing_again_replaces_the_fields_given_and_skips_empty_ones(
    sealed: Database, key_path: Path
) -> None:
    safe = Vault(read_keys(key_path))
    with sealed.write() as connection:
        safe.seal(connection, "W0001", {Field.PHONE: "13900139000", Field.NAME: ""}, NOW)
    opened = safe.open_sealed(sealed, "W0001", EVERYTHING, READING)
    assert opened == {Field.TEXT: ORIGINALS[Field.TEXT], Field.PHONE: "13900139000"}


@pytest.mark.parametrize("column", ["sealed", "nonce", "cipher", "field", "order_id"])
def test_a_tampered_or_moved_row_is_refused_yet_the_attempt_is_recorded(
    sealed: Database, key_path: Path, column: str
) -> None:
    other = {
        "sealed": bytes(40),
        "nonce": bytes(12),
        "cipher": "SM4-GCM",
        "field": "name",
        "order_id": "W0001",
    }
    row = (vault.c.order_id == "W0001") & (vault.c.field == "phone")
    with sealed.write() as connection:
        if column == "order_id":  # the telephone number of one order shown as another's
            connection.execute(vault.delete().where(row))
            row = (vault.c.order_id == "W0002") & (vault.c.field == "phone")
        connection.execute(update(vault).where(row).values({column: other[column]}))
    safe = Vault(read_keys(key_path))
    with pytest.raises(VaultDamaged, match=r"W0001.*k1.*备份"):
        safe.open_sealed(sealed, "W0001", frozenset({Field.PHONE, Field.NAME}), READING)
    assert len(reads(sealed)) == 1


def test_another_key_under_the_same_name_is_told_apart(sealed: Database, tmp_path: Path) -> None:
    create_key(tmp_path / "other.json", CipherName.AES, now=NOW)
    with pytest.raises(VaultDamaged, match="核对密钥文件"):
        Vault(read_keys(tmp_path / "other.json")).open_sealed(sealed, "W0001", EVERYTHING, READING)


def test_a_missing_key_is_named_with_what_to_do(sealed: Database, key_path: Path) -> None:
    create_key(key_path, CipherName.AES, now=NOW)
    drop_key(key_path, "k1")
    with pytest.raises(VaultKeyMissing, match=r"缺少保险库密钥 k1（现有：k2）.*--vault-keys"):
        Vault(read_keys(key_path)).open_sealed(sealed, "W0001", EVERYTHING, READING)


def test_without_any_key_nothing_is_sealed(sealed: Database) -> None:
    with (
        pytest.raises(VaultKeyMissing, match="triage vault create-key"),
        sealed.write() as connection,
    ):
        Vault(VaultKeys(())).seal(connection, "W0001", ORIGINALS, NOW)


def test_rotation_moves_everything_to_the_new_key_and_cipher(
    sealed: Database, key_path: Path
) -> None:
    create_key(key_path, CipherName.SM4, now=NOW)
    safe = Vault(read_keys(key_path))
    assert safe.rotate(sealed, KEEPER, batch=2) == 6
    with sealed.read() as connection:
        assert usage(connection) == {"k2": 6}
        assert set(connection.execute(select(vault.c.cipher)).scalars()) == {"SM4-GCM"}
    assert safe.open_sealed(sealed, "W0001", EVERYTHING, READING) == ORIGINALS
    assert safe.rotate(sealed, KEEPER) == 0


class Killed(BaseException):
    """The process ends here."""


def test_rotation_killed_half_way_leaves_all_readable_and_goes_on(
    sealed: Database, key_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_key(key_path, CipherName.AES, now=NOW)
    safe = Vault(read_keys(key_path))
    row, made = safe._row, []

    def until_the_fourth(*given: object) -> dict[str, object]:
        made.append(given)
        if len(made) == 4:
            raise Killed
        return row(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(safe, "_row", until_the_fourth)
    with pytest.raises(Killed):
        safe.rotate(sealed, KEEPER, batch=2)
    with sealed.read() as connection:
        assert usage(connection) == {"k1": 4, "k2": 2}  # the third was in the killed batch
    monkeypatch.undo()
    for order_id in ("W0001", "W0002", "W0003"):
        assert safe.open_sealed(sealed, order_id, EVERYTHING, READING) == ORIGINALS
    with pytest.raises(VaultKeyRefusal, match=r"4 条.*triage vault rotate"):
        retire(sealed, key_path, "k1", KEEPER)
    assert safe.rotate(sealed, KEEPER, batch=2) == 4
    retire(sealed, key_path, "k1", KEEPER)
    assert [key.id for key in read_keys(key_path).keys] == ["k2"]
    assert safe.open_sealed(sealed, "W0003", EVERYTHING, READING) == ORIGINALS


def test_rotation_stops_at_a_damaged_text_and_changes_nothing_of_it(
    sealed: Database, key_path: Path
) -> None:
    row = (vault.c.order_id == "W0001") & (vault.c.field == "phone")
    with sealed.write() as connection:
        connection.execute(update(vault).where(row).values(sealed=bytes(40)))
    create_key(key_path, CipherName.AES, now=NOW)
    with pytest.raises(VaultDamaged, match="W0001"):
        Vault(read_keys(key_path)).rotate(sealed, KEEPER)
    with sealed.read() as connection:
        assert connection.execute(select(func.count()).where(row)).scalar() == 1
        assert usage(connection) == {"k1": 6}


def test_the_active_key_cannot_be_dropped_nor_an_unknown_one(key_path: Path) -> None:
    with pytest.raises(VaultKeyRefusal, match="create-key"):
        drop_key(key_path, "k1")
    with pytest.raises(VaultKeyMissing, match="k9"):
        drop_key(key_path, "k9")


def test_a_number_is_not_given_twice(key_path: Path) -> None:
    create_key(key_path, CipherName.AES, now=NOW)
    drop_key(key_path, "k1")
    assert create_key(key_path, CipherName.AES, now=NOW).id == "k3"


def test_the_key_file_is_for_its_owner_only(key_path: Path) -> None:
    assert key_path.stat().st_mode & 0o777 == 0o600
    key_path.chmod(0o640)
    with pytest.raises(UnusableFile, match="chmod 600"):
        read_keys(key_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema": 2, "keys": []}',
        '{"schema": 1, "keys": [{"id": "k1", "cipher": "ROT13", "secret": "", "created_at": ""}]}',
        '{"schema": 1, "keys": [{"id": "k1", "cipher": "SM4-GCM", "secret": "AAAA", '
        '"created_at": ""}]}',
    ],
)
def test_a_damaged_key_file_is_refused(key_path: Path, text: str) -> None:
    key_path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match="不是保险库密钥"):
        read_keys(key_path)


def test_two_keys_of_one_name_are_refused(key_path: Path) -> None:
    document = json.loads(key_path.read_bytes())
    document["keys"] *= 2
    key_path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(UnusableFile, match="编号相同"):
        read_keys(key_path)


def test_the_environment_comes_before_the_file(key_path: Path, tmp_path: Path) -> None:
    create_key(tmp_path / "other.json", CipherName.SM4, now=NOW)
    given = {VARIABLE: (tmp_path / "other.json").read_text("utf-8")}
    assert load_keys(key_path, given).active.cipher is CipherName.SM4
    assert load_keys(key_path, {}).active.cipher is CipherName.AES
    with pytest.raises(UnusableFile, match=VARIABLE):
        load_keys(key_path, {VARIABLE: "secret"})


def test_a_key_does_not_show_itself(key_path: Path) -> None:
    key = read_keys(key_path).active
    assert repr(key) == "VaultKey('k1', AES-256-GCM)"


def test_a_process_killed_in_a_rotation_does_no_harm(sealed: Database, key_path: Path) -> None:
    """The same as above with a real process and a real end: nothing is committed by half."""
    create_key(key_path, CipherName.AES, now=NOW)
    safe = Vault(read_keys(key_path))
    child = os.fork()
    if child == 0:  # pragma: no cover - it ends without a word
        own, made = Database(sealed.url.render_as_string(hide_password=False)), []
        row = safe._row

        def until_the_fourth(*given: object) -> dict[str, object]:
            made.append(given)
            if len(made) == 4:
                os._exit(9)
            return row(*given)  # type: ignore[arg-type]

        safe._row = until_the_fourth  # type: ignore[method-assign,assignment]
        safe.rotate(own, KEEPER, batch=2)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    with sealed.read() as connection:
        assert usage(connection) == {"k1": 4, "k2": 2}
    assert safe.rotate(sealed, KEEPER, batch=2) == 4
