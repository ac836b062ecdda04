"""The secrets of webhooks, sealed with the keys of the vault and rotated with it; never plain."""

from __future__ import annotations

from sqlalchemy import Connection, Row, func, select, update

from triage.errors import TriageError
from triage.store.cipher import CipherName, NotAuthentic, Sealed, seal, unseal
from triage.store.key_file import VaultKeys
from triage.store.outgoing_tables import webhook


class SecretDamaged(TriageError):
    """A webhook's secret does not open."""

    code = "webhook_secret"


def sealed(hook_id: str, secret: bytes, keys: VaultKeys) -> dict[str, object]:
    """Return the columns that hold a secret, sealed under the active key.

    Raises
    ------
    VaultKeyMissing
    """
    key = keys.active
    locked = seal(key.cipher, key.secret, secret, _bound_to(hook_id))
    return {
        "cipher": key.cipher.value,
        "key_id": key.id,
        "nonce": locked.nonce,
        "sealed": locked.text,
    }


def secret_of(connection: Connection, hook_id: str, keys: VaultKeys) -> str:
    """Return the secret of a receiver that is there.

    Raises
    ------
    VaultKeyMissing, SecretDamaged
    """
    row = connection.execute(select(webhook).where(webhook.c.id == hook_id)).one()
    return _opened(row, keys).decode()


def secrets_by_key(connection: Connection) -> dict[str, int]:
    """Return how many secrets lie under each key of the vault."""
    rows = connection.execute(select(webhook.c.key_id, func.count()).group_by(webhook.c.key_id))
    return {str(key): int(number) for key, number in rows}


def reseal_secrets(connection: Connection, keys: VaultKeys) -> int:
    """Seal under the active key what lies under others; return how many secrets.

    Raises
    ------
    VaultKeyMissing, SecretDamaged
    """
    rows = connection.execute(select(webhook).where(webhook.c.key_id != keys.active.id)).all()
    for row in rows:
        fresh = sealed(row.id, _opened(row, keys), keys)
        connection.execute(update(webhook).where(webhook.c.id == row.id).values(**fresh))
    return len(rows)


def _opened(row: Row[tuple[object, ...]], keys: VaultKeys) -> bytes:
    key = keys.key(row.key_id)
    try:
        locked = Sealed(bytes(row.nonce), bytes(row.sealed))
        return unseal(CipherName(row.cipher), key.secret, locked, _bound_to(row.id))
    except (NotAuthentic, ValueError) as error:
        raise SecretDamaged(
            f"外发登记 {row.id} 的签名密钥打不开：请核对保险库密钥文件，或删除后重新登记"
        ) from error


def _bound_to(hook_id: str) -> bytes:
    return f"webhook/{hook_id}".encode()
