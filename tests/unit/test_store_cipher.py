from __future__ import annotations

from dataclasses import replace

import pytest

from triage.store.cipher import CipherName, NotAuthentic, Sealed, seal, unseal

TEXT = "渝中区人民路 1 号".encode()


def key(cipher: CipherName, byte: int = 1) -> bytes:
    return bytes([byte]) * cipher.key_bytes


@pytest.mark.parametrize("cipher", list(CipherName))
def test_what_is_sealed_opens_and_no_two_seals_are_alike(cipher: CipherName) -> None:
    first, second = (seal(cipher, key(cipher), TEXT, b"W1/text") for _ in range(2))
    assert unseal(cipher, key(cipher), first, b"W1/text") == TEXT
    assert unseal(cipher, key(cipher), second, b"W1/text") == TEXT
    assert first.nonce != second.nonce
    assert first.text != second.text
    assert len(first.text) == len(TEXT) + 16


@pytest.mark.parametrize("cipher", list(CipherName))
def test_a_changed_moved_or_cut_text_or_another_key_opens_nothing(cipher: CipherName) -> None:
    sealed = seal(cipher, key(cipher), TEXT, b"W1/text")
    flipped = bytes([sealed.text[0] ^ 1]) + sealed.text[1:]
    for damaged in (
        replace(sealed, text=flipped),
        replace(sealed, text=sealed.text[:-1]),
        replace(sealed, text=b""),
        replace(sealed, nonce=bytes(12)),
        replace(sealed, nonce=b""),
    ):
        with pytest.raises(NotAuthentic):
            unseal(cipher, key(cipher), damaged, b"W1/text")
    with pytest.raises(NotAuthentic):
        unseal(cipher, key(cipher), sealed, b"W2/text")
    with pytest.raises(NotAuthentic):
        unseal(cipher, key(cipher, 2), sealed, b"W1/text")


def test_sm4_gcm_gives_the_published_example() -> None:
    """RFC 8998, appendix A.1."""
    sealed = Sealed(
        bytes.fromhex("00001234567800000000ABCD"),
        bytes.fromhex(
            "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
            "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
            "83DE3541E4C2B58177E065A9BF7B62EC"
        ),
    )
    text = unseal(
        CipherName.SM4,
        bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"),
        sealed,
        bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"),
    )
    assert text.hex().upper() == "".join(
        character * 16 for character in ("A", "B", "C", "D", "E", "F", "E", "A")
    )
