"""Every endpoint × every role, with whatever is sent: no 500, and nothing across a scope.

Two places: in `town` every role may try everything; in `parted` callers of one unit or one region
try to see or change what lies in another. Slow.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.access import Rule, access_table
from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Fixed
from serving.finder import Finder
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import PUBLIC, ROLES, Rights
from serving.settings import Limits
from triage.catalogue import Catalogue
from triage.desk.actor import Actor
from triage.desk.clocks import PolicyClocks
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.intake import receive
from triage.desk.job_kinds import JobPlace
from triage.desk.jobs import JobRoom
from triage.desk.moves import Wish, move
from triage.desk.neighbours import Neighbours
from triage.desk.open311 import Listing, services_of
from triage.desk.opening import OfficeFiles, Ranking, load_city, open_office
from triage.desk.record import parse_intake
from triage.desk.reports import Reports, open_reports
from triage.desk.sight import Sight
from triage.hot.heat import load_heat
from triage.hot.storm import Storm
from triage.index import Snapshots
from triage.outgoing.setting_up import background_of
from triage.request import Area, CitizenRequest, Prediction, Versions
from triage.request import Place as Where
from triage.same_event.static_encoder import StaticEncoder
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import create_key as create_vault_key
from triage.store.key_file import read_keys
from triage.store.migrate import upgrade
from triage.text.elements import ElementExtractor
from triage.trends.shelf import Shelf
from triage.workorder.calendar_file import load_calendar
from triage.workorder.order import WorkOrder
from triage.workorder.policy_file import load_policy

pytestmark = pytest.mark.slow
CHIEF = Actor("chief", frozenset({"administrator"}))
UNITS = ("URBAN_MGMT", "EDUCATION")
DISTRICTS = {"渝中区": "500103", "沙坪坝区": "500106"}
CATALOGUE = Catalogue.load()
RULES = [rule for rule in access_table().rules if rule.path.startswith("/v1/")]
OPEN_RULES = [rule for rule in access_table().rules if rule.path.startswith("/open311/")]
OTHERS = "乙处独有之言"
"""In the title and the text of every order that a scoped caller must not see."""


@dataclass
class Place:
    """An application, the secrets of its callers, and the orders in it."""

    app: FastAPI
    secrets: dict[str, str]
    orders: list[WorkOrder]


def build(folder: Path, callers: dict[str, Rights], sight: Sight) -> tuple[Place, Database]:
    folder.mkdir()
    (folder / "jobs").mkdir()
    database = Database(f"sqlite:///{folder}/triage.db")
    upgrade(database)
    create_vault_key(folder / "vault.json", CipherName.AES, now=datetime.now(UTC))
    vault = read_keys(folder / "vault.json")
    engine = DebugPipeline(Versions("m", "c", "r"), DebugLists())

    def located(requests: Sequence[CitizenRequest]) -> list[Prediction]:
        codes = [DISTRICTS.get(one.district or "") for one in requests]
        areas = [
            Area("settled", "2026-01-01", (Where(code, code),)) if code else None for code in codes
        ]
        said = engine.triage(requests)
        return [replace(one, area=area) for one, area in zip(said, areas, strict=True)]

    office = open_office(database, vault, [located], load_city(OfficeFiles()))
    orders = []
    for unit, district in zip(UNITS, DISTRICTS, strict=True):
        word = OTHERS if unit == UNITS[1] else "甲处的事"
        for number in range(3):
            said = {"title": f"{word}{number}", "text": f"{word}，请处理。", "district": district}
            record = parse_intake(
                {**said, "requester": {"phone": f"1540000000{number}"}}, now=office.now()
            )
            order_id = receive(office, record, actor="agent").order_id
            orders.append(move(office, order_id, Wish("DISPATCHED", unit=unit), CHIEF))
    keys, now = folder / "keys.json", datetime.now(UTC)
    secrets = {name: create_key(keys, name, now=now, rights=one) for name, one in callers.items()}
    place = JobPlace(folder / "jobs", folder, str(database.url))
    clocks = PolicyClocks(load_policy(), load_calendar())
    reports = open_reports(database, CATALOGUE, clocks, office.now)
    _grouped(reports, sight)
    app = create_app(
        Fixed(engine),
        keys=KeyRing(keys),
        office=office,
        finder=Finder(_followed(database, folder, sight)),
        outgoing=background_of(office, vault, environment={}).outgoing,
        jobs=JobRoom(database, place, office.now),
        open311=Listing(office, services_of(CATALOGUE), True),
        reports=reports,
        opendata=folder,
        trends=Shelf(folder / "trends", CATALOGUE),
        limits=Limits(query_failures=1_000_000),
    )
    return Place(app, secrets, orders), database


def _followed(database: Database, folder: Path, sight: Sight) -> Neighbours:
    snapshots = Snapshots(folder / "index", sight.version, sight.dimensions)
    neighbours = Neighbours(database, snapshots, sight, lambda: None)
    neighbours.follow()
    return neighbours


def _grouped(reports: Reports, sight: Sight) -> None:
    storm = Storm(StaticEncoder.untrained(), sight.judge, threshold=0.5, live=64)
    extractor = ElementExtractor(CATALOGUE.place_names())
    ranks = Ranking(load_policy())
    events = EventDesk(
        reports.database, storm, extractor, load_heat(), "test-1", reports.now, ranks
    )
    follow(events, open_events(events))


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, plain_sight: Callable[..., Sight]
) -> Iterator[Place]:
    units = {"handler": frozenset(UNITS[:1])}
    callers = {role: Rights(frozenset({role}), units.get(role, frozenset())) for role in ROLES}
    place, database = build(tmp_path_factory.mktemp("town") / "all", callers, plain_sight())
    yield place
    database.close()


@pytest.fixture(scope="module")
def parted(
    tmp_path_factory: pytest.TempPathFactory, plain_sight: Callable[..., Sight]
) -> Iterator[Place]:
    mine = frozenset({"500103"})
    callers = {"handler": Rights(frozenset({"handler"}), frozenset(UNITS[:1]))}
    for role in ("agent", "dispatcher", "supervisor", "auditor"):
        callers[role] = Rights(frozenset({role}), regions=mine)
    place, database = build(tmp_path_factory.mktemp("parted") / "all", callers, plain_sight())
    yield place
    database.close()


NAMES = (
    *("to", "unit", "support", "reason", "basis", "note", "into", "version", "urgency", "lead"),
    *("topic", "flags", "working_days", "purpose", "fields", "parts", "mode", "text", "title"),
    *("source", "source_id", "requester", "origin", "parent_id", "order_id", "url", "events"),
    *("district", "opinion", "kind", "arguments", "active", "id", "support_units", "received_at"),
)
WORDS = (
    *("DISPATCHED", "ACKNOWLEDGED", "HANDLING", "REPLIED", "REJECTED", "OBJECTED", "MERGED"),
    *("PAUSED", "CLOSED", "FOLLOWED_UP", *UNITS, "WRONG_DUTY", "SATISFIED", "DESIGNATED"),
    *(
        "500103",
        "500106",
        "EMERGENCY",
        "NORMAL",
        "12345",
        "http://example.com/x",
        "citizen",
        "\x00",
    ),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
bodies = st.dictionaries(st.sampled_from(NAMES), values, max_size=6) | values
queries = st.dictionaries(
    st.sampled_from(
        (
            "unit",
            "level",
            "region",
            "cursor",
            "limit",
            "state",
            "phone",
            "q",
            "before",
            "since",
            "top",
        )
    ),
    st.sampled_from((*WORDS, "0", "-1", "50", "1e9", "WzFd", "é")) | st.text(max_size=10),
    max_size=3,
)


@dataclass(frozen=True)
class Attempt:
    """What is sent: `which` says whose order stands in the path, -1 none of them."""

    rule: Rule
    which: int
    junk: str
    query: dict[str, str]
    body: object


def attempts_at(rules: Sequence[Rule]) -> st.SearchStrategy[Attempt]:
    """Return whatever may be sent to the endpoints."""
    junk = st.text(min_size=1, max_size=12)
    return st.builds(Attempt, st.sampled_from(rules), st.integers(-1, 5), junk, queries, bodies)


attempts = attempts_at(RULES)
thorough = settings(
    max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@given(attempts, st.sampled_from([*ROLES, PUBLIC]))
@thorough
def test_no_role_gets_a_500_whatever_it_sends(town: Place, attempt: Attempt, role: str) -> None:
    response, _ = asyncio.run(sent(town, attempt, town.secrets.get(role)))
    assert response.status_code < 500 or response.json()["code"] == "not_ready", response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"


@given(attempts_at(OPEN_RULES), st.sampled_from([*ROLES, PUBLIC]))
@thorough
def test_open311_gives_nobody_a_500(town: Place, attempt: Attempt, role: str) -> None:
    response, _ = asyncio.run(sent(town, attempt, town.secrets.get(role)))
    assert response.status_code < 500, response.text


@given(attempts, st.sampled_from(["handler", "agent", "dispatcher", "supervisor", "auditor"]))
@thorough
def test_nobody_sees_or_changes_what_lies_outside_the_scope(
    parted: Place, attempt: Attempt, caller: str
) -> None:
    response, path = asyncio.run(sent(parted, attempt, parted.secrets[caller]))
    assert OTHERS not in response.text
    others = [order for order in parted.orders if order.title.startswith(OTHERS)]
    for order in others:
        assert order.query_code not in response.text
        assert order.id in path or order.id not in response.text
        if order.id in path and "/v1/requests/" in path:
            assert response.status_code >= 400, response.text


def test_the_two_parts_lie_apart(parted: Place) -> None:
    """What the tests above rest on: orders differ in unit and region, and their owner sees them."""
    regions = {order.title[:2]: order.region for order in parted.orders}
    assert regions == {"甲处": "500103", OTHERS[:2]: "500106"}
    [show] = [r for r in RULES if (r.method, r.path) == ("GET", "/v1/requests/{id}")]
    for caller in parted.secrets:
        attempt = Attempt(show, 0, "x", {}, None)
        response, _ = asyncio.run(sent(parted, attempt, parted.secrets[caller]))
        assert response.status_code == 200, caller


def test_nobody_merges_into_an_order_outside_the_scope(parted: Place) -> None:
    [rule] = [r for r in RULES if r.path == "/v1/requests/{id}/transitions"]
    attempt = Attempt(rule, 0, "x", {}, {"to": "MERGED", "into": parted.orders[3].id})
    response, _ = asyncio.run(sent(parted, attempt, parted.secrets["dispatcher"]))
    assert response.status_code == 403, response.text


async def sent(place: Place, attempt: Attempt, secret: str | None) -> tuple[httpx.Response, str]:
    order = None if attempt.which < 0 else place.orders[attempt.which]
    names = {"{id}": order.id if order else quote(attempt.junk, safe="")}
    names["{query_code}"] = order.query_code if order else quote(attempt.junk, safe="")
    names["{delivery}"] = quote(attempt.junk, safe="")
    path = attempt.rule.path
    for name, value in names.items():
        path = path.replace(name, value)
    headers = {"content-type": "application/json"}
    if secret:
        headers["authorization"] = f"Bearer {secret}"
    content = None if attempt.rule.method == "GET" else json.dumps(attempt.body).encode()
    transport = httpx.ASGITransport(place.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.request(
            attempt.rule.method, path, params=attempt.query, content=content, headers=headers
        )
    return response, path
