"""Open data from a database: published once, only codes of the lists, served as files."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from serving.app import create_app
from serving.engine import Fixed
from triage.catalogue import Catalogue
from triage.desk.clocks import PolicyClocks
from triage.desk.guards import MoveRefused
from triage.desk.opendata import COLUMNS, open_data
from triage.desk.reports import Reports, open_reports
from triage.store.database import Database
from triage.store.orders import row_of
from triage.store.tables import work_order
from triage.workorder.events import Event, Kind
from triage.workorder.open_cells import UnfitK
from triage.workorder.order import WorkOrder, altered
from triage.workorder.policy_file import load_policy
from triage.workorder.projection import fold
from triage.workorder.working_calendar import WorkingCalendar

CATALOGUE = Catalogue.load()
CLOCKS = PolicyClocks(load_policy(), WorkingCalendar())
OCTOBER = date(2026, 10, 1)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
Triage = Callable[..., int]


def order(number: int, month: int = 10, **intake: str) -> WorkOrder:
    at = datetime(2026, month, 5, number % 24, tzinfo=UTC)
    body = {
        "query_code": f"Q{month}-{number}", "received_at": at.isoformat(),
        "due_at": at.isoformat(), "requester": f"{month}-{number}", "district": "渝中区", **intake
    }  # fmt: skip
    said = {"topic": "SR03", "request_type": "HELP", "region": "500103"}
    order_id = f"W{month}{number:04d}"
    intake_event = Event(order_id, Kind.INTAKE, at, "system", {**body})
    return fold([intake_event, Event(order_id, Kind.SUGGEST, at, "system", {**said})])


def fill(database: Database, orders: list[WorkOrder]) -> None:
    with database.write() as connection:
        connection.execute(work_order.insert(), [row_of(one) for one in orders])


def reports_of(database: Database, now: datetime = NOW) -> Reports:
    return open_reports(database, CATALOGUE, CLOCKS, lambda: now)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_month_is_published_by_topic_district_type_and_outcome(database: Database) -> None:
    fill(database, [order(number) for number in range(6)])
    [row] = rows(open_data(reports_of(database), OCTOBER))
    assert tuple(row) == COLUMNS
    assert row == {
        "period": "2026-10", "district": "500103", "district_name": "渝中区",
        "topic_l1": CATALOGUE.topics["SR03"].l1, "topic_l2": "SR03",
        "topic_l2_name": CATALOGUE.topics["SR03"].l2,
        "request_type": "HELP", "outcome": "OPEN", "requests": "6",
    }  # fmt: skip


def test_words_that_are_in_no_list_are_never_published(database: Database) -> None:
    strange = [order(number, district="张三家楼下", channel="x") for number in range(6)]
    fill(database, [altered(one, region="") for one in strange])
    content = open_data(reports_of(database), OCTOBER)
    assert "张三" not in content.decode("utf-8-sig")
    [row] = rows(content)
    assert row["district"] == "UNKNOWN"


def test_a_month_that_is_not_over_or_a_small_k_is_refused(database: Database) -> None:
    with pytest.raises(MoveRefused) as refused:
        open_data(reports_of(database), date(2026, 11, 1))
    assert refused.value.code == "month_not_over"
    # 30 November, 23:59 in Shanghai, and a minute later
    open_data(reports_of(database, datetime(2026, 11, 30, 16, tzinfo=UTC)), date(2026, 11, 1))
    with pytest.raises(UnfitK):
        open_data(reports_of(database), OCTOBER, k=2)


def test_months_too_small_for_themselves_are_published_with_their_quarter(
    database: Database,
) -> None:
    fill(database, [order(number) for number in range(3)])
    fill(database, [order(number, 11) for number in range(3)])
    late = reports_of(database, datetime(2027, 1, 2, tzinfo=UTC))
    assert rows(open_data(late, OCTOBER)) == rows(open_data(late, date(2026, 11, 1))) == []
    [row] = rows(open_data(late, date(2026, 12, 1)))
    assert (row["period"], row["district_name"], row["requests"]) == ("2026Q4", "全部", "6")


def test_the_command_publishes_a_month_once(
    database: Database, triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(database, [order(number, 3) for number in range(6)])
    url = database.url.render_as_string(hide_password=False)
    out = tmp_path / "opendata" / "2026-03.csv"
    words = ("opendata", "--database", url, "--month", "2026-03", "--out", out)
    assert triage(*words, "--k", 2) == 2
    assert "[k_too_small]" in capsys.readouterr().err
    assert triage(*words) == 0
    assert "1 格" in capsys.readouterr().err
    before = out.read_bytes()
    assert triage(*words) == 2
    assert "只公布一次" in capsys.readouterr().err
    assert out.read_bytes() == before


def test_what_was_published_is_served_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "2026-10.csv").write_text("period\n", "utf-8")
    (tmp_path / "notes.txt").write_text("secret", "utf-8")
    app = create_app(Fixed(None), opendata=tmp_path)

    async def ask(query: str) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(f"/v1/opendata{query}")

    assert asyncio.run(ask("")).json() == {"months": ["2026-10"]}
    found = asyncio.run(ask("?month=2026-10"))
    assert (found.status_code, found.text) == (200, "period\n")
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    missing = asyncio.run(ask("?month=2026-09"))
    assert (missing.status_code, missing.json()["code"]) == (404, "month_unpublished")
    for wrong in ("../notes", "2026-13", "2026-10.csv", "notes.txt", "2026-1"):
        assert asyncio.run(ask(f"?month={wrong}")).status_code == 422
