"""Seal and open one text: AES-256-GCM, or SM4-GCM (GB/T 32907) where the law of a city asks for it.

What a text belongs to is bound in as associated data: moved to another place, it does not open.
It knows keys as bytes only; where they are kept is `key_file`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
"""96 bits, drawn at random: one key is good for 2^32 texts (NIST SP 800-38D, section 8.3)."""
_TAG_BYTES = 16


class CipherName(StrEnum):
    """The ciphers there are; the name stands beside every sealed text."""

    AES = "AES-256-GCM"
    SM4 = "SM4-GCM"

    @property
    def key_bytes(self) -> int:
        """Return the length of a key in bytes."""
        return 32 if self is CipherName.AES else 16


class NotAuthentic(Exception):
    """The text was changed, moved, or sealed with another key; no part of it is given out."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text: 12 bytes of nonce, and ciphertext followed by 16 bytes of tag."""

    nonce: bytes
    text: bytes


def seal(cipher: CipherName, key: bytes, text: bytes, bound_to: bytes) -> Sealed:
    """Seal a text under a fresh nonce, bound to what it belongs to."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    if cipher is CipherName.AES:
        return Sealed(nonce, AESGCM(key).encrypt(nonce, text, bound_to))
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    body = encryptor.update(text) + encryptor.finalize()
    return Sealed(nonce, body + encryptor.tag)


def unseal(cipher: CipherName, key: bytes, sealed: Sealed, bound_to: bytes) -> bytes:
    """Return the text.

    Raises
    ------
    NotAuthentic
        Not one byte of it may be trusted.
    """
    try:
        if cipher is CipherName.AES:
            return AESGCM(key).decrypt(sealed.nonce, sealed.text, bound_to)
        body, tag = sealed.text[:-_TAG_BYTES], sealed.text[-_TAG_BYTES:]
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(sealed.nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound_to)
        return decryptor.update(body) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:  # ValueError: a nonce or tag cut short
        raise NotAuthentic from error
