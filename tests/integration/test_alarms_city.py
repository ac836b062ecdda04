"""Alarms end to end on a store filled with a simulated city, on each kind of database.

A burst, a storm, a channel and a unit that go quiet are put into the city; `triage alarms` has to
find them, and a receiver of webhooks to hear of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from triage.desk.alarm_room import open_room
from triage.outgoing import hooks
from triage.outgoing.deliveries import deliver
from triage.outgoing.hooks import Outgoing
from triage.outgoing.posting import HttpPoster
from triage.simulate import CityPlan, Outbreak, Silence
from triage.simulate.plan import LOCAL
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.event_groups import Member, Why, keep
from triage.store.key_file import create_key, read_keys

Triage = Callable[..., int]
Fill = Callable[..., dict[str, str]]
NOW = datetime(2026, 9, 10, 14, 30, tzinfo=LOCAL)
"""A Thursday without holidays in the weeks before."""
MIDNIGHT = NOW.replace(hour=0, minute=0)
STAFFING = "hour,workday,restday\n" + "".join(f"{hour},0.1,0.1\n" for hour in range(24))
PLAN = CityPlan(
    days=61,
    per_day=60,
    seed=11,
    start=(NOW - timedelta(days=60)).date(),
    outbreaks_a_month=0.0,
    silences_a_month=0.0,
    outbreaks=(
        Outbreak("GY02", "500101", MIDNIGHT - timedelta(hours=15), 8, 3000),
        Outbreak("GY01", "500106", NOW - timedelta(minutes=55), 2, 30000),
    ),
    silences=(Silence("PHONE", MIDNIGHT - timedelta(hours=24), 24, 1.0),),
)


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give the address of a receiver and what it got."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *given: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_a_city_s_alarms_are_raised_told_and_seen_through(
    triage: Triage,
    fill_alarm_city: Fill,
    database_url: str,
    heard: tuple[str, list[dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = [NOW.astimezone(UTC)]
    monkeypatch.setattr(
        "triage.commands.alarms.open_room", partial(open_room, now=lambda: clock[0])
    )
    assert triage("database", "upgrade", "--database", database_url) == 0
    database = Database(database_url)
    outgoing = _outgoing(database, tmp_path, clock)
    hooks.register(outgoing, heard[0], ("alarm",), actor="chief")
    silent = {"URBAN_MGMT": MIDNIGHT - timedelta(hours=48)}
    orders = fill_alarm_city(database, PLAN, NOW, silent=silent)
    _keep_events(database, orders)
    (tmp_path / "staff.csv").write_text(STAFFING, "utf-8")
    words = ("--folder", tmp_path / "trends", "--database", database_url)

    def run() -> dict[str, Any]:
        capsys.readouterr()
        more = ("--build", "--hours", "--staffing", tmp_path / "staff.csv", "--json")
        assert triage("alarms", "run", *more, *words) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    found = run()["findings"]
    by_series = {(one["kind"], one["series"]): one for one in found}
    burst = by_series["outbreak", "topic_area:GY02@500101"]
    assert burst["count"] >= 10 * burst["expected"]
    assert all(burst[name] for name in ("requests", "terms", "curve"))
    assert burst["threshold"] <= burst["count"]
    storm = next(one for one in found if one["method"] == "storm")
    assert storm["proposes"] == ["mode:EMERGENCY", f"merge:{storm['event']}"]
    assert ("silence", "channel:PHONE") in by_series
    assert by_series["silence", "unit:URBAN_MGMT"]["count"] == 0
    assert any(one["kind"] == "load" for one in found)
    areas = [one["area"] for one in found if one["method"] == "terms"]
    assert "500101" not in areas  # its new words are those of the outbreak, which tells them

    assert run()["opened"] == []  # the same day again opens nothing
    capsys.readouterr()
    assert triage("alarms", "list", "--json", "--limit", "200", "--database", database_url) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    ids = {(one["kind"], one["series"]): one["id"] for one in items}
    assert len(items) == len(by_series)
    first = ids["outbreak", "topic_area:GY02@500101"]
    channel, unit = ids["silence", "channel:PHONE"], ids["silence", "unit:URBAN_MGMT"]
    for deed in (
        ("acknowledge", first),
        ("merge", unit, "--into", channel),
        ("close", first, "--outcome", "TRUE", "--note", "爆管，电话13800000000"),
        ("close", channel, "--outcome", "FALSE"),
    ):
        assert triage("alarms", *deed, "--database", database_url) == 0
    for deed in (("close", first, "--outcome", "TRUE"), ("merge", channel, "--into", channel)):
        assert triage("alarms", *deed, "--database", database_url) == 2  # ended already
    capsys.readouterr()
    assert triage("alarms", "precision", "--json", "--database", database_url) == 0
    rows = {one["kind"]: one for one in json.loads(capsys.readouterr().out)}
    assert rows["outbreak"]["precision"] == 1.0
    assert (rows["silence"]["precision"], rows["silence"]["merged"]) == (0.0, 1)

    clock[0] += timedelta(hours=1)
    assert run()["opened"] == []  # what was closed cools down
    assert asyncio.run(deliver(outgoing, "t", most=500))
    told = [one["data"] for one in heard[1]]
    assert sorted(one["alarm"] for one in told if one["what"] == "opened") == sorted(ids.values())
    assert {one["what"] for one in told} == {"opened", "acknowledged", "merged", "closed"}
    assert "13800000000" not in json.dumps(heard[1])
    assert triage("ledger", "verify", "--database", database_url) == 0
    database.close()


def _outgoing(database: Database, folder: Path, clock: list[datetime]) -> Outgoing:
    create_key(folder / "vault.json", CipherName.AES, now=clock[0])
    keys = read_keys(folder / "vault.json")
    poster = HttpPoster(allow_private=True)
    return Outgoing(database, keys, poster, lambda: clock[0], allow_private=True)


def _keep_events(database: Database, orders: dict[str, str]) -> None:
    """Put each order into the event that it tells of, as the simulation knows it."""
    from triage.simulate import simulate_city

    first: dict[str, str] = {}
    rows: list[Member] = []
    for one in simulate_city(PLAN):
        order_id = orders.get(one.id)
        if order_id is None:
            continue
        event = one.truth.outbreak_id or one.truth.event_id or one.id
        at = datetime.fromisoformat(one.received_at).astimezone(UTC)
        name = first.setdefault(event, order_id)
        seq = len(rows) + 1
        rows.append(Member(order_id, name, at, "", Why.JUDGED, "system", at, 1.0, "truth", seq))
    with database.write() as connection:
        keep(connection, rows)
