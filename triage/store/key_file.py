"""The keys of the vault: a JSON file of mode 0600, or the same JSON in TRIAGE_VAULT_KEY.

Texts are sealed with the active key; older keys stay to open what they sealed, until nothing is
left under them. The identity key, of which digests of telephone numbers are made, stays for ever:
another one would know nobody again. The database never holds a key, nor does a backup of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from triage.errors import TriageError, UnusableFile
from triage.files import atomic_write
from triage.store.cipher import CipherName

VARIABLE = "TRIAGE_VAULT_KEY"
SCHEMA = 1
IDENTITY_BYTES = 32
"""A key as long as the digest of HMAC-SHA256 (RFC 2104, section 3)."""


class VaultKeyMissing(TriageError):
    """There is no key, or not the one that a text was sealed with."""

    code = "vault_key_missing"


class VaultKeyRefusal(TriageError):
    """A key command that cannot be carried out."""

    code = "vault_key_refused"


@dataclass(frozen=True, slots=True)
class VaultKey:
    """One key; `id` stands beside every text sealed with it."""

    id: str
    cipher: CipherName
    secret: bytes
    created_at: str

    def __repr__(self) -> str:
        """Leave the secret out: a key in a log is a key lost."""
        return f"VaultKey({self.id!r}, {self.cipher.value})"


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """All keys, oldest first, the active one last, and the identity key."""

    keys: tuple[VaultKey, ...]
    identity: bytes = field(default=b"", repr=False)

    @property
    def active(self) -> VaultKey:
        """Return the key that texts are sealed with.

        Raises
        ------
        VaultKeyMissing
        """
        if not self.keys:
            raise VaultKeyMissing(
                "保险库还没有密钥，不能保存原文：请运行 triage vault create-key，"
                f"或设置环境变量 {VARIABLE}"
            )
        return self.keys[-1]

    @property
    def digest_secret(self) -> bytes:
        """Return what digests are keyed with: the identity key; b"" where there is no key at all.

        In a file of before there was one it is the oldest key, which made the digests until then;
        `keep_identity` writes it down before that key can be dropped.
        """
        return self.identity or (self.keys[0].secret if self.keys else b"")

    def key(self, key_id: str) -> VaultKey:
        """Return the key with this id.

        Raises
        ------
        VaultKeyMissing
        """
        for key in self.keys:
            if key.id == key_id:
                return key
        known = "、".join(key.id for key in self.keys) or "无"
        raise VaultKeyMissing(
            f"缺少保险库密钥 {key_id}（现有：{known}）：请从密钥备份中找回含 {key_id} 的密钥文件，"
            "用 --vault-keys 指定；没有它，原文无法恢复"
        )


def default_key_file() -> Path:
    """Return TRIAGE_VAULT_KEY_FILE, or a file in the working folder's `var`."""
    return Path(os.environ.get("TRIAGE_VAULT_KEY_FILE", "var/vault-keys.json"))


def load_keys(path: Path, environment: Mapping[str, str]) -> VaultKeys:
    """Return the keys of TRIAGE_VAULT_KEY where it is set, else of the file; none without either.

    Raises
    ------
    UnusableFile
        They are damaged, or others than the owner may read the file.
    """
    given = environment.get(VARIABLE)
    return _parsed(given, f"环境变量 {VARIABLE}") if given else read_keys(path)


def read_keys(path: Path) -> VaultKeys:
    """Return the keys of a file; none where there is no file.

    Raises
    ------
    UnusableFile
        It is damaged, or others than the owner may read it.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UnusableFile(f"保险库密钥文件 {path} 他人可读：请先运行 chmod 600 {path}")
        return _parsed(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return VaultKeys(())
    except OSError as error:
        raise UnusableFile(f"无法读取保险库密钥文件 {path}（{error.strerror}）") from error


def create_key(path: Path, cipher: CipherName, *, now: datetime) -> VaultKey:
    """Add a fresh key, which becomes the active one; make the file where there is none.

    The identity key is made with the file, and is never replaced.
    """
    found = read_keys(path)
    taken = [int(key.id[1:]) for key in found.keys if key.id[1:].isdigit()]
    key = VaultKey(
        f"k{max(taken, default=0) + 1}",
        cipher,
        secrets.token_bytes(cipher.key_bytes),
        now.isoformat(timespec="seconds"),
    )
    identity = found.digest_secret or secrets.token_bytes(IDENTITY_BYTES)
    _write(path, VaultKeys((*found.keys, key), identity))
    return key


def keep_identity(path: Path) -> None:
    """Write the identity key into a file of before there was one; leave others, and none, alone.

    Raises
    ------
    UnusableFile
    """
    found = read_keys(path)
    if found.keys and not found.identity:
        _write(path, VaultKeys(found.keys, found.digest_secret))


def drop_key(path: Path, key_id: str) -> None:
    """Remove a key that is not active; `vault.retire` makes sure first that nothing needs it.

    Raises
    ------
    VaultKeyRefusal, VaultKeyMissing
    """
    found = read_keys(path)
    if found.active.id == found.key(key_id).id:
        raise VaultKeyRefusal(f"密钥 {key_id} 正在使用：请先 triage vault create-key，再轮换")
    left = tuple(key for key in found.keys if key.id != key_id)
    _write(path, VaultKeys(left, found.digest_secret))


def _parsed(text: str, name: str) -> VaultKeys:
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise ValueError("schema")
        keys = tuple(_key(row) for row in document["keys"])
        identity = base64.b64decode(document.get("identity", ""), validate=True)
        if 0 < len(identity) < min(cipher.key_bytes for cipher in CipherName):
            raise ValueError("identity")
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise UnusableFile(
            f"{name} 不是保险库密钥：请用备份替换，或用 triage vault create-key 新建另一个文件"
        ) from error
    if len({key.id for key in keys}) < len(keys):
        raise UnusableFile(f"{name} 中有两个编号相同的密钥：请用备份替换")
    return VaultKeys(keys, identity)


def _key(row: Mapping[str, str]) -> VaultKey:
    cipher = CipherName(row["cipher"])
    secret = base64.b64decode(row["secret"], validate=True)
    if len(secret) != cipher.key_bytes:
        raise ValueError("secret")
    return VaultKey(str(row["id"]), cipher, secret, str(row["created_at"]))


def _write(path: Path, keys: VaultKeys) -> None:
    rows = [
        {
            "id": key.id,
            "cipher": key.cipher.value,
            "secret": base64.b64encode(key.secret).decode(),
            "created_at": key.created_at,
        }
        for key in keys.keys
    ]
    identity = base64.b64encode(keys.identity).decode()
    document = {"schema": SCHEMA, "identity": identity, "keys": rows}
    with atomic_write(path, mode=0o600) as file:
        file.write(json.dumps(document, indent=2).encode())
