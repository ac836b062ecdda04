"""Before the start: what is asked of callers, the first key, the rules of tokens, the regions."""

from __future__ import annotations

import io
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving.identity import Identity
from serving.key_file import read_keys
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.oidc import ClaimNames, OidcRefusal, TokenRules, token_rules
from serving.regions import as_named, spread_by
from serving.rights import Rights
from serving.settings import ServeSettings
from serving.start import StartRefusal, asked_for, ready_keys
from triage.catalogue.places import Places, Region, Township
from triage.errors import UnusableFile
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Terminal(io.StringIO):
    """Somebody is looking."""

    def isatty(self) -> bool:
        return True


PLACES = Places(
    [Region("500000", "重庆市", "city"), Region("500103", "渝中区", "district", "500000"),
     Region("500105", "江北区", "district", "500000")],
    [Township("500103001", "七星岗街道", "500103"), Township("500103002", "解放碑街道", "500103"),
     Township("500105001", "华新街街道", "500105")],
)  # fmt: skip


def test_the_first_start_makes_an_administrator_and_shows_the_key_once(tmp_path: Path) -> None:
    path, terminal = tmp_path / "etc" / "keys.json", Terminal()
    assert ready_keys(path, "0.0.0.0", terminal=terminal, now=lambda: NOW) == path
    secret = terminal.getvalue().splitlines()[-1]
    assert terminal.getvalue().count(secret) == 1
    headers = [(b"authorization", f"Bearer {secret}".encode())]
    actor = Identity(KeyRing(path)).caller(headers, is_public=False).actor
    assert actor.is_administrator
    assert secret not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ready_keys(path, "0.0.0.0", terminal=terminal)
    assert len(read_keys(path)) == 1
    assert terminal.getvalue().count("ctk_") == 1


def test_two_first_starts_have_different_keys(tmp_path: Path) -> None:
    shown = []
    for name in "ab":
        terminal = Terminal()
        ready_keys(tmp_path / name, "0.0.0.0", terminal=terminal)
        shown.append(terminal.getvalue().splitlines()[-1])
    assert len(set(shown)) == 2


def test_a_key_is_never_shown_to_a_log(tmp_path: Path) -> None:
    log = io.StringIO()
    with pytest.raises(StartRefusal, match="--role administrator"):
        ready_keys(tmp_path / "keys.json", "0.0.0.0", terminal=log)
    assert log.getvalue() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_not_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{", "utf-8")
    with pytest.raises(UnusableFile):
        ready_keys(tmp_path / "keys.json", "0.0.0.0", terminal=Terminal())


@pytest.mark.parametrize(
    ("said", "host", "asked"),
    [
        (None, "127.0.0.1", "none"),
        (None, "0.0.0.0", "keys"),
        ("keys", "127.0.0.1", "keys"),
        ("oidc", "0.0.0.0", "oidc"),
        ("both", "::", "both"),
    ],
)
def test_only_this_machine_is_not_asked(said: str | None, host: str, asked: str) -> None:
    assert asked_for(said, host) == asked


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "desk.example"])
def test_an_open_service_for_others_is_refused(host: str) -> None:
    with pytest.raises(StartRefusal, match="只能用于本机"):
        asked_for("none", host)


@pytest.mark.parametrize(
    ("issuer", "audience", "keys", "words"),
    [
        ("", "a", "k.json", "--oidc-issuer"),
        ("i", "", "k.json", "--oidc-audience"),
        ("i", "a", "", "--oidc-keys"),
        ("i", "a", "http://id.example/jwks", "https"),
        ("i", "a", "ftp://id.example/jwks", "https"),
    ],
)
def test_incomplete_rules_are_refused(issuer: str, audience: str, keys: str, words: str) -> None:
    with pytest.raises(OidcRefusal, match=words):
        token_rules(issuer, audience, keys)


def test_the_network_is_used_only_for_an_address() -> None:
    assert not token_rules("https://id.example", "a", "jwks.json").is_remote
    assert token_rules("i", "a", "https://id.example/jwks").is_remote
    assert token_rules("i", "a", "http://127.0.0.1:8080/jwks").is_remote


def test_names_of_claims_and_roles_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text('[claims]\nid = "email"\n[roles]\n"坐席组" = "agent"\n', "utf-8")
    rules = token_rules("i", "a", "k.json", path)
    assert rules.claims == ClaimNames(id="email")
    assert rules.role_names == {"坐席组": "agent"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[claims]\nname = 'x'\n", "name"),
        ("[roles]\nx = 'boss'\n", "boss"),
        ("[rolls]\n", "rolls"),
        ("=", "TOML"),
        ("claims = 5\n", "claims"),
        ("[roles]\nx = ['agent']\n", "roles"),
        ("[claims]\nid = 5\n", "id"),
    ],
)
def test_names_that_are_not_understood_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "names.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match=words):
        token_rules("i", "a", "k.json", path)


def test_a_missing_file_of_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="--oidc-names"):
        token_rules("i", "a", "k.json", tmp_path / "none.toml")


def test_the_rules_travel_to_the_workers() -> None:
    rules = TokenRules("i", "a", "k.json", ClaimNames("email"), {"x": "agent"})
    settings = ServeSettings(Path("/m"), keys_file=Path("/k"), tokens=rules)
    environ = {"TRIAGE_SERVE_SETTINGS": settings.to_env()}
    assert ServeSettings.from_env(environ) == settings
    assert json.loads(settings.to_env())["keys_file"] == "/k"


def test_a_district_covers_its_townships_and_the_city_everything() -> None:
    spread = spread_by(lambda: PLACES)
    assert spread(frozenset({"500103"})) == {"500103", "500103001", "500103002"}
    assert spread(frozenset({"500105001"})) == {"500105001"}
    assert spread(frozenset({"500000"})) == frozenset()  # which is everywhere
    assert spread(frozenset({"999999"})) == {"999999"}  # which is nowhere
    assert spread(frozenset()) == frozenset()


def test_code_lists_are_loaded_only_where_a_scope_asks() -> None:
    def never() -> Places:
        raise AssertionError("nobody asked")

    assert spread_by(never)(frozenset()) == frozenset()


def test_the_regions_of_a_key_spread(tmp_path: Path) -> None:
    rights = Rights(frozenset({"dispatcher"}), regions=frozenset({"500103"}))
    secret = create_key(tmp_path / "k", "渝中", now=NOW, rights=rights).encode()
    actor = KeyRing(tmp_path / "k", spread=spread_by(lambda: PLACES)).caller_of(secret).actor
    assert actor.regions == {"500103", "500103001", "500103002"}
    assert KeyRing(tmp_path / "k", spread=as_named).caller_of(secret).actor.regions == {"500103"}


def order(region: str, lead: str = "URBAN_MGMT", accused: tuple[str, ...] = ()) -> WorkOrder:
    return WorkOrder(
        id="a", query_code="q", state=State.DISPATCHED, version=1, received_at=NOW,
        state_since=NOW, started_at=NOW, due_at=NOW, due_kind="", channel="", source="",
        source_id="", origin="citizen", title="", text="", district="", township="", requester="",
        region=region, lead=lead, holders=(lead,), accused=accused,
    )  # fmt: skip


def test_a_district_s_key_reaches_its_townships_orders_and_no_others(tmp_path: Path) -> None:
    units = frozenset({"URBAN_MGMT"})
    rights = Rights(frozenset({"handler"}), units, frozenset({"500103"}))
    secret = create_key(tmp_path / "k", "渝中城管", now=NOW, rights=rights).encode()
    actor = KeyRing(tmp_path / "k", spread=spread_by(lambda: PLACES)).caller_of(secret).actor
    assert actor.reaches(order("500103"))
    assert actor.reaches(order("500103002"))
    assert not actor.reaches(order("500105"))
    assert not actor.reaches(order("500105001"))
    assert not actor.reaches(order(""))
    assert not actor.reaches(order("500103", lead="POLICE"))
    assert not actor.reaches(order("500103", accused=("URBAN_MGMT",)))
