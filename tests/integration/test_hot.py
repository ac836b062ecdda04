"""Hot topics end to end: the command over a file, the kept groups, and the route with its roles."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import Rights
from triage.catalogue import Catalogue
from triage.desk.clocks import PolicyClocks
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.reports import Reports, open_reports
from triage.hot.heat import load_heat
from triage.hot.storm import Storm
from triage.same_event.static_encoder import StaticEncoder
from triage.store.event_groups import Why, members_of
from triage.text.elements import ElementExtractor

if TYPE_CHECKING:
    from desks import Desk
    from overlap_judge import OverlapJudge

Triage = Callable[..., int]
SMOKE = "澄川小区楼下烧烤店油烟太大，请处理"
CATALOGUE = Catalogue.load()


@pytest.fixture
def reports(desk: Desk, overlap_judge: OverlapJudge) -> Reports:
    """Give reports over three orders of one event and one of another matter, all grouped."""
    for number in range(3):
        desk.take(f"{SMOKE}{'！' * number}", requester={"phone": f"1380000{number:04d}"})
    desk.take("某路口的红绿灯坏了没有人修")
    storm = Storm(StaticEncoder.untrained(), overlap_judge, threshold=0.5, live=64)
    extractor = ElementExtractor(CATALOGUE.place_names())
    database, now = desk.office.database, desk.now + timedelta(seconds=1)
    ranks = desk.office.books.ranks
    events = EventDesk(database, storm, extractor, load_heat(), "test-1", lambda: now, ranks)
    follow(events, open_events(events))
    clocks = desk.office.clocks
    assert isinstance(clocks, PolicyClocks)
    return open_reports(database, CATALOGUE, clocks, lambda: now)


def asked(
    app_reports: Reports, path: str, key: str = "", keys: KeyRing | None = None
) -> httpx.Response:
    async def ask() -> httpx.Response:
        app = create_app(Fixed(None), reports=app_reports, keys=keys)
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_the_route_gives_the_topics_of_the_period_with_their_reasons(reports: Reports) -> None:
    document = asked(reports, "/v1/hot-topics?since=24h").json()
    (topic,) = document["topics"]
    assert (document["level"], document["region"]) == ("events", None)
    assert (topic["count"], topic["requesters"], topic["growth"]) == (3, 3, None)
    assert topic["heat"] == pytest.approx(sum(part["points"] for part in topic["parts"]), abs=0.05)
    assert len(topic["representatives"]) == 3
    assert asked(reports, "/v1/hot-topics?since=24h&region=500112").json()["topics"] == []
    assert asked(reports, "/v1/hot-topics?level=problems&top=5").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "since=7x",
        "level=all",
        "top=0",
        "top=101",
        "until=gestern",
        "since=200d",
        "since=2026-13-01",
    ],
)
def test_the_route_refuses_what_it_does_not_know(reports: Reports, query: str) -> None:
    answer = asked(reports, f"/v1/hot-topics?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in query


def test_the_route_is_open_to_those_who_watch_over_the_city(
    reports: Reports, tmp_path: Path
) -> None:
    path, now = tmp_path / "keys.json", datetime.now(UTC)
    secrets = {
        role: create_key(
            path, role, now=now, rights=Rights(frozenset({role}), frozenset(UNITS.get(role, ())))
        )
        for role in ROLES
    }
    ring = KeyRing(path)
    found = {
        role: asked(reports, "/v1/hot-topics", secret, ring).status_code
        for role, secret in secrets.items()
    }
    assert found == {role: 200 if allowed else 403 for role, allowed in ROLES.items()}


UNITS = {"handler": ("ECOLOGY",)}
ROLES = {
    "agent": True,
    "dispatcher": True,
    "handler": False,
    "supervisor": True,
    "analyst": True,
    "auditor": True,
}


@pytest.mark.slow
def test_the_command_ranks_the_events_of_a_file(
    triage: Triage,
    tiny_models_dir: Path,
    overlap_judge: OverlapJudge,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from triage.commands import hot
    from triage.desk.sight import Sight

    encoder = StaticEncoder.untrained()
    sight = Sight("test-1", encoder.dimensions, encoder, overlap_judge)
    monkeypatch.setattr(hot, "load_sight", lambda folder: sight)
    rows: list[object] = [
        {
            "id": f"r{number}",
            "text": f"{SMOKE}{'！' * number}",
            "received_at": f"2026-03-0{number + 1}T09:00:00+08:00",
            "requester": {"name": "王某某", "phone": "13800001234"},
            "likes": number,
        }
        for number in range(3)
    ]
    rows += [{"id": "x", "text": "路口红绿灯坏了"}, {"id": "r0", "text": "重复"}, {"id": "y"}]
    path = tmp_path / "requests.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    code = triage("hot", "--input", path, "--models-dir", tiny_models_dir, "--json")
    said = capsys.readouterr()
    (topic,) = json.loads(said.out)["topics"]
    assert code == 1
    assert "第 5 行" in said.err
    assert "第 6 行" in said.err
    assert (topic["count"], topic["requesters"], topic["likes"]) == (3, 1, 3)
    assert "13800001234" not in said.out
    assert [day["day"] for day in topic["trend"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_the_command_keeps_the_groups_of_what_has_come_in(
    triage: Triage,
    desk: Desk,
    overlap_judge: OverlapJudge,
    write_tiny_model: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from triage.commands import hot
    from triage.desk.sight import Sight
    from triage.model.registry import make_current

    encoder = StaticEncoder.untrained()
    sight = Sight("test-1", encoder.dimensions, encoder, overlap_judge)
    monkeypatch.setattr(hot, "load_sight", lambda folder: sight)
    models = tmp_path / "models"
    write_tiny_model(models / "same_event" / "tiny-1")
    make_current(models / "same_event", "tiny-1")
    first = desk.take(SMOKE).order_id
    desk.wait(minutes=5)
    second = desk.take(f"{SMOKE}！").order_id
    url = desk.office.database.url.render_as_string(hide_password=False)
    for _ in range(2):  # the second time there is nothing to do
        assert triage("hot", "--keep", "--once", "--database", url, "--models-dir", models) == 0
    with desk.office.database.read() as connection:
        began, joined = members_of(connection, first)
    assert (began.order_id, joined.order_id, joined.judge) == (first, second, "tiny-1")
    day = ("--since", "2026-03-02", "--until", "2026-03-03")
    assert triage("hot", "--database", url, *day) == 0
    assert "2 件诉求" in capsys.readouterr().out


def test_after_a_failed_write_the_groups_are_as_if_it_had_not_failed(
    triage: Triage,
    desk: Desk,
    overlap_judge: OverlapJudge,
    write_tiny_model: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from triage.commands import hot
    from triage.desk.sight import Sight
    from triage.model.registry import make_current

    encoder = StaticEncoder.untrained()
    sight = Sight("test-1", encoder.dimensions, encoder, overlap_judge)
    monkeypatch.setattr(hot, "load_sight", lambda folder: sight)
    models = tmp_path / "models"
    write_tiny_model(models / "same_event" / "tiny-1")
    make_current(models / "same_event", "tiny-1")
    first = desk.take(SMOKE).order_id
    desk.wait(minutes=5)
    second = desk.take(f"{SMOKE}！").order_id
    failed: list[str] = []
    pauses: list[float] = []

    def fail_once(_: object, __: object, statement: str, *rest: object) -> None:
        if statement.startswith("INSERT INTO event_member") and not failed:
            failed.append(statement)
            raise OperationalError(statement, None, Exception("connection lost"))

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:  # one after the failure, one with nothing left to do
            raise KeyboardInterrupt

    monkeypatch.setattr("triage.commands.hot.time.sleep", pause)
    url = desk.office.database.url.render_as_string(hide_password=False)
    event.listen(Engine, "before_cursor_execute", fail_once)
    try:
        assert triage("hot", "--keep", "--database", url, "--models-dir", models) == 0
    finally:
        event.remove(Engine, "before_cursor_execute", fail_once)
    assert failed
    with desk.office.database.read() as connection:
        members = members_of(connection, first)
    assert [(one.order_id, one.why, one.judge) for one in members] == [
        (first, Why.BEGAN, ""),
        (second, Why.JUDGED, "tiny-1"),
    ]


def test_the_command_says_what_it_cannot_use(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/hot.db"
    assert triage("database", "upgrade", "--database", url) == 0
    assert triage("hot", "--database", url, "--since", "soon") == 2
    assert "soon" in capsys.readouterr().err
    assert triage("hot", "--database", url) == 0
    assert "没有两件以上" in capsys.readouterr().err
