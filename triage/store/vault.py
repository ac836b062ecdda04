"""The vault: originals of what the system otherwise keeps masked, sealed one by one.

They are read through `open_sealed` alone, which first writes into the ledger who reads and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from triage.errors import TriageError
from triage.request import Json
from triage.store.cipher import CipherName, NotAuthentic, Sealed, seal, unseal
from triage.store.database import Database
from triage.store.key_events import KeyDeed, KeyKeeper, note_key
from triage.store.key_file import VaultKeyRefusal, VaultKeys, drop_key
from triage.store.ledger import append
from triage.store.tables import vault
from triage.store.webhook_secrets import reseal_secrets, secrets_by_key
from triage.text.mask import mask
from triage.workorder.events import Event, Kind


class Field(StrEnum):
    """What may be sealed of an order."""

    TEXT = "text"
    TITLE = "title"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"


class PurposeMissing(TriageError):
    """Someone wants to read originals and does not say why."""

    code = "purpose_missing"


class NothingSealed(TriageError):
    """The vault holds nothing of this order; it may have been deleted when its time ran out."""

    code = "vault_empty"


class VaultDamaged(TriageError):
    """A sealed text does not open: changed, moved, or another key under the same name."""

    code = "vault_damaged"


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads originals, why, and when."""

    user: str
    purpose: str
    at: datetime


class Vault:
    """Seals and opens with these keys; safe to share between threads."""

    def __init__(self, keys: VaultKeys) -> None:
        self._keys = keys

    def seal(
        self, connection: Connection, order_id: str, originals: Mapping[Field, str], at: datetime
    ) -> None:
        """Seal the originals of an order in the caller's transaction, in place of older ones.

        Raises
        ------
        VaultKeyMissing
            There is no active key.
        """
        rows = [
            self._row(order_id, field, text.encode(), at)
            for field, text in originals.items()
            if text
        ]
        if not rows:
            return
        fields = [row["field"] for row in rows]
        connection.execute(
            delete(vault).where(vault.c.order_id == order_id, vault.c.field.in_(fields))
        )
        connection.execute(insert(vault), rows)

    def open_sealed(
        self, database: Database, order_id: str, fields: frozenset[Field], reading: Reading
    ) -> dict[Field, str]:
        """Return originals of an order; that they are read is durable before one is opened.

        Raises
        ------
        PurposeMissing
            No purpose is given: nothing is read.
        NothingSealed, VaultKeyMissing, VaultDamaged
        StoreUnavailable
        """
        if not reading.purpose.strip():
            raise PurposeMissing("查看原文须写明用途，例如“回访核实地址”", field="purpose")
        with database.write() as connection:
            rows = connection.execute(
                select(vault).where(vault.c.order_id == order_id, vault.c.field.in_(fields))
            ).all()
            if not rows:
                raise NothingSealed(f"保险库中没有工单 {order_id} 的原文：未曾保存，或已到期删除")
            found = sorted(row.field for row in rows)
            append(connection, [_read_event(order_id, found, reading)])
        return {Field(row.field): self._open(row).decode() for row in rows}

    def rotate(self, database: Database, by: KeyKeeper, *, batch: int = 500) -> int:
        """Seal again, under the active key, what lies under others; return how many texts.

        The secrets of webhooks are among them.

        Each batch is a transaction of its own, with a `key` event of who moved how many: killed,
        it goes on where it stopped.

        Raises
        ------
        VaultKeyMissing, VaultDamaged, SecretDamaged, StoreUnavailable
        """
        active, moved = self._keys.active.id, 0
        while True:
            with database.write() as connection:
                rows = connection.execute(
                    select(vault)
                    .where(vault.c.key_id != active)
                    .order_by(vault.c.order_id, vault.c.field)
                    .limit(batch)
                    .with_for_update()
                ).all()
                for row in rows:
                    fresh = self._row(row.order_id, Field(row.field), self._open(row), row.at)
                    connection.execute(update(vault).where(_is(row)).values(**fresh))
                note_key(connection, KeyDeed.ROTATE, active, by, count=len(rows))
            moved += len(rows)
            if len(rows) < batch:
                break
        with database.write() as connection:
            resealed = reseal_secrets(connection, self._keys)
            note_key(connection, KeyDeed.ROTATE, active, by, count=resealed)
        return moved + resealed

    def _row(self, order_id: str, field: Field, text: bytes, at: datetime) -> dict[str, object]:
        key = self._keys.active
        sealed = seal(key.cipher, key.secret, text, _bound_to(order_id, field))
        return {
            "order_id": order_id,
            "field": field.value,
            "cipher": key.cipher.value,
            "key_id": key.id,
            "nonce": sealed.nonce,
            "sealed": sealed.text,
            "at": at,
        }

    def _open(self, row: Row[tuple[object, ...]]) -> bytes:
        key = self._keys.key(row.key_id)
        try:
            cipher, field = CipherName(row.cipher), Field(row.field)
            if cipher is not key.cipher:
                raise NotAuthentic
            sealed = Sealed(bytes(row.nonce), bytes(row.sealed))
            return unseal(cipher, key.secret, sealed, _bound_to(row.order_id, field))
        except (NotAuthentic, ValueError) as error:
            raise VaultDamaged(
                f"工单 {row.order_id} 的原文 {row.field} 打不开：数据被改动过，或密钥文件中的 "
                f"{row.key_id} 不是当初那一个；请核对密钥文件，并用备份比对"
            ) from error


def retire(database: Database, path: Path, key_id: str, by: KeyKeeper) -> None:
    """Drop an old key from its file, where nothing in the vault lies under it any more.

    Who dropped it stands in the ledger, or it is not dropped.

    Raises
    ------
    VaultKeyRefusal
        It is active, or still needed.
    VaultKeyMissing, StoreUnavailable
    """
    with database.write() as connection:
        left = usage(connection).get(key_id, 0)
        if left:
            raise VaultKeyRefusal(
                f"密钥 {key_id} 还封着 {left} 条原文，不能删除：请先运行 triage vault rotate"
            )
        note_key(connection, KeyDeed.RETIRE, key_id, by, count=1)
        drop_key(path, key_id)


def usage(connection: Connection) -> dict[str, int]:
    """Return how many texts, the secrets of webhooks among them, lie under each key."""
    rows = connection.execute(select(vault.c.key_id, func.count()).group_by(vault.c.key_id))
    texts = Counter({str(key): int(number) for key, number in rows})
    return dict(texts + Counter(secrets_by_key(connection)))


def _read_event(order_id: str, fields: list[str], reading: Reading) -> Event:
    body: dict[str, Json] = {"fields": [*fields], "purpose": mask(reading.purpose).text}
    return Event(order_id, Kind.READ, reading.at, reading.user, body)


def _bound_to(order_id: str, field: Field) -> bytes:
    return f"{order_id}/{field.value}".encode()


def _is(row: Row[tuple[object, ...]]) -> ColumnElement[bool]:
    return and_(vault.c.order_id == row.order_id, vault.c.field == row.field)
