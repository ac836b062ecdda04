"""The issuer's public keys (JWKS, RFC 7517): from a file that is watched, or from its address.

Only asymmetric keys of the algorithms that the service takes are kept; whatever else the document
holds is passed over. The network is used only where an address was configured.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeAlias

from jwt import PyJWK, PyJWKClient, PyJWKSet, PyJWTError

from serving.watch import Kept
from triage.errors import UnusableFile

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""All asymmetric: a public key can then never serve as a secret."""

REFRESH_SECONDS = 300.0
RETRY_SECONDS = 10.0
TIMEOUT_SECONDS = 5

Keys: TypeAlias = Mapping[str, PyJWK]
"""By key id; "" for a key without one."""

logger = logging.getLogger(__name__)


class SigningKeys(Protocol):
    """Where the keys of this moment are."""

    @property
    def keys(self) -> Keys | None:
        """The keys, or None while none have been had."""

    async def poll(self) -> None:
        """Look for newer ones."""


class FileKeys:
    """Keys from a file.

    Raises
    ------
    UnusableFile
        Where it cannot be read or holds no key that can be used.
    """

    def __init__(self, path: Path) -> None:
        self._kept = Kept(path, _read, name="JWKS file")

    @property
    def keys(self) -> Keys:
        """The keys of the last sound file."""
        return self._kept.value

    async def poll(self) -> None:
        """Read the file again where it changed; a damaged one leaves the known keys in force."""
        self._kept.look()


class RemoteKeys:
    """Keys from an address, asked for anew every few minutes; the last ones stay on a failure."""

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = PyJWKClient(address, cache_jwk_set=False, timeout=TIMEOUT_SECONDS)
        self._clock = clock
        self._due = clock()
        self._keys: Keys | None = None

    @property
    def keys(self) -> Keys | None:
        """The keys of the last answer; None before the first."""
        return self._keys

    async def poll(self) -> None:
        """Ask where it is time to, in a thread."""
        if self._clock() < self._due:
            return
        try:
            found = await asyncio.to_thread(self._client.get_jwk_set, True)
            self._keys = _usable(found)
        except (PyJWTError, UnusableFile) as error:
            self._due = self._clock() + RETRY_SECONDS
            logger.error("keys of the token issuer not had: %s", type(error).__name__)
        else:
            self._due = self._clock() + REFRESH_SECONDS


def _read(path: Path) -> Keys:
    try:
        return _usable(PyJWKSet.from_dict(json.loads(path.read_bytes())))
    except OSError as error:
        raise UnusableFile(f"无法读取公钥文件 {path}（{error.strerror}）") from error
    except (ValueError, AttributeError, PyJWTError, UnusableFile) as error:
        raise UnusableFile(
            f"{path} 中没有可用的公钥；应为 JWKS（RFC 7517），算法 {'、'.join(ALGORITHMS)}"
        ) from error


def _usable(found: PyJWKSet) -> Keys:
    keys = {
        key.key_id or "": key
        for key in found.keys
        if key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig")
    }
    if not keys:
        raise UnusableFile("没有可用的公钥")
    return MappingProxyType(keys)
