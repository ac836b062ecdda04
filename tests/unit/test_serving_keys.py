from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving.keyring import KeyRing
from serving.keys import KeyRefusal, create_key, read_keys, revoke_key
from serving.problems import Problem
from triage.errors import UnusableFile

NOW = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


def bearer(secret: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), (b"authorization", b"Bearer " + secret.encode())]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "keys.json"


def test_a_key_is_256_random_bits_and_only_its_hash_is_kept(path: Path) -> None:
    secret = create_key(path, "渝中区分中心", now=NOW)
    # "ctk_" and 32 bytes in base64 without padding: 43 characters.
    assert len(secret) == 4 + 43
    assert secret not in path.read_text("utf-8")
    assert create_key(path, "second", now=NOW) != secret


def test_the_key_file_is_for_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        create_key(path, "a", now=NOW)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["keys.json"]


def test_the_bearer_of_a_key_is_known_by_its_name(path: Path) -> None:
    create_key(path, "a", now=NOW)
    secret = create_key(path, "b", now=NOW)
    ring = KeyRing(path)
    assert ring.caller(bearer(secret)) == "b"
    assert ring.caller([(b"authorization", b"bearer  " + secret.encode())]) == "b"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "key_missing"),
        ([(b"authorization", b"Basic YTpi")], "key_missing"),
        ([(b"authorization", b"Bearer")], "key_invalid"),
        ([(b"authorization", b"Bearer ctk_wrong")], "key_invalid"),
        ([(b"authorization", b"Bearer \xff\xfe")], "key_invalid"),
    ],
)
def test_nobody_else_is_known(path: Path, headers: list[tuple[bytes, bytes]], code: str) -> None:
    create_key(path, "a", now=NOW)
    with pytest.raises(Problem) as caught:
        KeyRing(path).caller(headers)
    assert (caught.value.code, caught.value.status) == (code, 401)
    assert dict(caught.value.headers)[b"www-authenticate"].startswith(b"Bearer")


def test_a_revoked_key_is_refused_after_the_next_look(path: Path) -> None:
    secret = create_key(path, "a", now=NOW)
    ring = KeyRing(path)
    revoke_key(path, "a")
    asyncio.run(ring.poll())
    with pytest.raises(Problem):
        ring.caller(bearer(secret))
    assert read_keys(path) == ()


def test_a_damaged_file_leaves_the_known_keys_in_force(path: Path) -> None:
    secret = create_key(path, "a", now=NOW)
    ring = KeyRing(path)
    path.write_text("{", "utf-8")
    asyncio.run(ring.poll())
    assert ring.caller(bearer(secret)) == "a"


def test_a_deleted_file_takes_every_key_with_it(path: Path) -> None:
    create_key(path, "a", now=NOW)
    ring = KeyRing(path)
    path.unlink()
    asyncio.run(ring.poll())
    assert len(ring) == 0


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a/b", "a\n"])
def test_an_unfit_name_is_refused(path: Path, name: str) -> None:
    with pytest.raises(KeyRefusal):
        create_key(path, name, now=NOW)
    assert not path.exists()


def test_a_name_is_taken_once(path: Path) -> None:
    create_key(path, "a", now=NOW)
    with pytest.raises(KeyRefusal, match="已有密钥"):
        create_key(path, "a", now=NOW)


def test_an_unknown_name_cannot_be_revoked(path: Path) -> None:
    with pytest.raises(KeyRefusal, match="没有名为"):
        revoke_key(path, "a")


@pytest.mark.parametrize(
    "document",
    ["", "[]", "{}", '{"schema": 2, "keys": []}', '{"schema": 1, "keys": [{"name": "a"}]}',
     json.dumps({"schema": 1, "keys": [{"name": 1, "digest": "", "created_at": ""}]})],
)  # fmt: skip
def test_a_file_that_holds_no_keys_is_never_overwritten(path: Path, document: str) -> None:
    path.parent.mkdir()
    path.write_text(document, "utf-8")
    with pytest.raises(UnusableFile):
        create_key(path, "a", now=NOW)
    assert path.read_text("utf-8") == document


def test_a_folder_in_place_of_the_file_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        read_keys(tmp_path)


def test_a_file_in_place_of_the_folder_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("x", "utf-8")
    with pytest.raises(UnusableFile):
        create_key(tmp_path / "etc" / "keys.json", "a", now=NOW)
