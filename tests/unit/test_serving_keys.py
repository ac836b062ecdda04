from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from serving.identity import ANYBODY, THIS_MACHINE, Identity
from serving.key_file import read_keys
from serving.keyring import KeyRing
from serving.keys import RESERVED, KeyRefusal, create_key, revoke_key
from serving.problems import Problem
from serving.rights import Rights, UnfitRights
from triage.errors import UnusableFile

NOW = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


def bearer(secret: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), (b"authorization", b"Bearer " + secret.encode())]


def name_of(ring: KeyRing, headers: list[tuple[bytes, bytes]]) -> str:
    return Identity(ring).caller(headers, is_public=False).actor.id


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
    assert name_of(ring, bearer(secret)) == "b"
    assert name_of(ring, [(b"authorization", b"bearer  " + secret.encode())]) == "b"


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
        name_of(KeyRing(path), headers)
    assert (caught.value.code, caught.value.status) == (code, 401)
    assert dict(caught.value.headers)[b"www-authenticate"].startswith(b"Bearer")


def test_a_revoked_key_is_refused_after_the_next_look(path: Path) -> None:
    secret = create_key(path, "a", now=NOW)
    ring = KeyRing(path)
    revoke_key(path, "a")
    asyncio.run(ring.poll())
    with pytest.raises(Problem):
        name_of(ring, bearer(secret))
    assert read_keys(path) == ()


def test_a_damaged_file_leaves_the_known_keys_in_force(path: Path) -> None:
    secret = create_key(path, "a", now=NOW)
    ring = KeyRing(path)
    path.write_text("{", "utf-8")
    asyncio.run(ring.poll())
    assert name_of(ring, bearer(secret)) == "a"


def test_a_deleted_file_takes_every_key_with_it(path: Path) -> None:
    create_key(path, "a", now=NOW)
    ring = KeyRing(path)
    path.unlink()
    asyncio.run(ring.poll())
    assert len(ring) == 0


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a/b", "a\n", *sorted(RESERVED)])
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
    ["", "[]", "{}", '{"schema": 3, "keys": []}', '{"schema": 1, "keys": [{"name": "a"}]}',
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


def written(path: Path, **more: object) -> None:
    key = {"name": "a", "digest": "d", "created_at": "2026-01-01"}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"schema": 2, "keys": [key | more]}), "utf-8")


def test_a_key_carries_its_rights(path: Path) -> None:
    rights = Rights(frozenset({"handler"}), frozenset({"URBAN_MGMT"}), frozenset({"500103"}))
    secret = create_key(path, "a", now=NOW, rights=rights, rate=5.0)
    caller = Identity(KeyRing(path)).caller(bearer(secret), is_public=False)
    assert (caller.actor.id, caller.rate) == ("a", 5.0)
    assert caller.actor.roles == {"handler"}
    assert caller.actor.units == {"URBAN_MGMT"}
    assert caller.actor.regions == {"500103"}


def test_a_file_of_the_first_schema_holds_agents(path: Path) -> None:
    path.parent.mkdir()
    key = {"name": "a", "digest": "d", "created_at": "2026-01-01"}
    path.write_text(json.dumps({"schema": 1, "keys": [key]}), "utf-8")
    assert read_keys(path)[0].rights == Rights(frozenset({"agent"}))
    create_key(path, "b", now=NOW)  # which writes the file anew
    assert [one.name for one in read_keys(path)] == ["a", "b"]


def test_a_key_is_good_to_the_end_of_its_last_day_in_shanghai(path: Path) -> None:
    secret = create_key(path, "a", now=NOW, expires_on=date(2026, 3, 2))
    end = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # midnight in Shanghai, UTC+8
    last = KeyRing(path, clock=lambda: (end - timedelta(seconds=1)).timestamp())
    assert name_of(last, bearer(secret)) == "a"
    with pytest.raises(Problem) as caught:
        name_of(KeyRing(path, clock=end.timestamp), bearer(secret))
    assert (caught.value.code, caught.value.status) == ("key_expired", 401)
    assert "2026-03-02" in caught.value.detail


def test_a_key_cannot_be_born_expired(path: Path) -> None:
    with pytest.raises(KeyRefusal, match="已过"):
        create_key(path, "a", now=NOW, expires_on=date(2026, 2, 28))
    assert not path.exists()


def test_an_unknown_role_is_refused_by_name() -> None:
    with pytest.raises(UnfitRights, match="'boss' 不认识"):
        Rights(frozenset({"agent", "boss"}))


def test_a_handler_without_a_unit_would_see_everything() -> None:
    with pytest.raises(UnfitRights, match="handler 须写明承办单位"):
        Rights(frozenset({"handler"}))


@pytest.mark.parametrize(
    "more",
    [
        {"roles": ["boss"]},
        {"roles": "agent"},
        {"roles": ["handler"]},
        {"regions": [500103]},
        {"expires_on": "soon"},
        {"rate": 0},
        {"rate": True},
    ],
)
def test_rights_that_are_not_sound_spoil_the_file(path: Path, more: dict[str, object]) -> None:
    written(path, **more)
    with pytest.raises(UnusableFile):
        read_keys(path)


def test_without_keys_everybody_is_this_machine() -> None:
    assert Identity().caller(bearer("x"), is_public=False) is THIS_MACHINE
    assert THIS_MACHINE.actor.is_administrator


def test_what_is_public_needs_no_key_but_a_false_one_is_refused(path: Path) -> None:
    create_key(path, "a", now=NOW)
    identity = Identity(KeyRing(path))
    assert identity.caller([], is_public=True) is ANYBODY
    with pytest.raises(Problem) as caught:
        identity.caller(bearer("ctk_wrong"), is_public=True)
    assert caught.value.code == "key_invalid"
