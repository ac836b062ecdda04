"""Scorecards over a database: the same from documents and ledger, as files, and over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import Rights
from triage.catalogue import Catalogue
from triage.desk import amend
from triage.desk.actor import SYSTEM, Actor
from triage.desk.clocks import PolicyClocks
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish
from triage.desk.reports import Reports, open_reports
from triage.desk.scorecard_files import SMALL, as_csv, as_json, as_xlsx
from triage.desk.scorecards import ScorecardReport, scorecards_of
from triage.request import Area, Place
from triage.store.scorecard_facts import HistoryPurged
from triage.workorder.events import Kind
from triage.workorder.order_facts import Measure, Rate
from triage.workorder.scorecards import By

if TYPE_CHECKING:
    from desks import Desk

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
SENT = Wish("DISPATCHED", unit="URBAN_MGMT")
TO_ECOLOGY = Wish("DISPATCHED", unit="ECOLOGY", reason="职能不符")
HANDLING, REPLIED = Wish("HANDLING"), Wish("REPLIED", note="油烟已经查处", reason="CONFIRMED")
REJECTED = Wish("REJECTED", reason="WRONG_DUTY", basis="不属本单位职责")
PAUSED = Wish("PAUSED", reason="WAIT_REQUESTER")
CATALOGUE = Catalogue.load()
Triage = Callable[..., int]


def asked(outcome: str) -> tuple[Wish, Wish]:
    return Wish("FOLLOWED_UP", reason=outcome), Wish("CLOSED")


LIVES: tuple[tuple[Wish, ...], ...] = (
    (),
    (SENT,),
    (SENT, HANDLING, REPLIED, *asked("SATISFIED")),
    (SENT, REJECTED, TO_ECOLOGY, HANDLING, REPLIED, *asked("NEUTRAL")),
    (SENT, HANDLING, REPLIED, *asked("DISSATISFIED")),
    (SENT, TO_ECOLOGY, HANDLING, REPLIED, Wish("HANDLING", reason="答非所问"), REPLIED),
    (SENT, REJECTED, Wish("OBJECTED"), Wish("DISPATCHED", unit="URBAN_MGMT", basis="裁定")),
    (SENT, HANDLING, PAUSED, Wish("HANDLING"), REPLIED, *asked("UNREACHABLE")),
    (SENT, HANDLING, PAUSED),
    (REPLIED,),
    (SENT, HANDLING, REPLIED, Wish("CLOSED", reason="WAIVED", basis="匿名，无法回访")),
)


def lived(desk: Desk) -> list[str]:
    """Make an order of every life; some are excluded, extended, overridden or merged beside."""
    assert desk.said is not None
    there = Area("settled", "2026-03-02", (Place("500103", "渝中区"),))
    desk.said = replace(desk.said, area=there)
    made = []
    for number, wishes in enumerate(LIVES):
        order_id = desk.take(
            district="渝中区", requester={"phone": f"1380000{number:04d}"}
        ).order_id
        for wish in wishes:
            desk.wait(hours=5)
            desk.go(order_id, wish)
        made.append(order_id)
    chief = Actor("chief", frozenset({"administrator"}))
    amend.note(desk.office, made[2], Kind.EXCLUSION, {"reason": "FORCE_MAJEURE"}, chief)
    amend.extend(desk.office, made[1], 3, reason="案情复杂", version=None, actor=chief)
    desk.go(made[0], Wish("MERGED", into=made[1]))
    desk.wait(days=20)
    return made


def reports_of(desk: Desk) -> Reports:
    clocks = desk.office.clocks
    assert isinstance(clocks, PolicyClocks)
    return open_reports(desk.office.database, CATALOGUE, clocks, lambda: desk.now)


def report(desk: Desk, by: By = By.UNIT, *, from_ledger: bool = False) -> ScorecardReport:
    return scorecards_of(reports_of(desk), *MARCH, by, SYSTEM, least=1, from_ledger=from_ledger)


@pytest.mark.parametrize("by", list(By))
def test_the_ledger_alone_gives_the_same_figures(desk: Desk, by: By) -> None:
    lived(desk)
    assert as_json(report(desk, by)) == as_json(report(desk, by, from_ledger=True))


def test_a_document_that_was_tampered_with_gives_others(desk: Desk) -> None:
    made = lived(desk)
    forged = (
        "UPDATE work_order SET document = replace(document, 'NEUTRAL', 'SATISFIED') WHERE id = :id"
    )
    with desk.office.database.write() as connection:
        connection.execute(text(forged), {"id": made[3]})
    assert as_json(report(desk)) != as_json(report(desk, from_ledger=True))


def test_figures_are_those_worked_out_by_hand(desk: Desk) -> None:
    lived(desk)
    [city] = [card for card in report(desk, By.MONTH).cards if card.code == "2026-03"]
    # Twelve orders: eleven lives and the child of the dissatisfied one. Two are left out.
    assert city.orders == 10
    assert city.excluded == {"FORCE_MAJEURE": 1, "MERGED": 1}
    hits = {rate: (round(one.share.value * one.n), one.n)
            for rate, one in city.rates.items() if one.share}  # fmt: skip
    # Reached: NEUTRAL and DISSATISFIED (SATISFIED is left out, UNREACHABLE said nothing).
    assert hits[Rate.SATISFACTION] == (0, 2)
    assert hits[Rate.RESOLUTION] == (1, 2)
    # Settled dispatches: URBAN_MGMT rejected twice and kept four times, ECOLOGY kept two.
    # The ruling's, and that of the order only sent, have nobody's word yet.
    assert hits[Rate.REJECT] == (2, 8)
    # Of those with a competent unit (lives 3, 4, 5, 7, 8, 10) the first was right but for 3 and 5.
    assert hits[Rate.FIRST_DISPATCH] == (4, 6)
    assert hits[Rate.REPEAT] == (1, 10)
    hops = city.spans[Measure.HOPS]
    assert hops.mean is not None
    assert hops.mean.value == pytest.approx(8 / 6)


def test_only_what_lies_in_the_caller_s_reach_is_counted(desk: Desk) -> None:
    lived(desk)
    ecology = Actor("s", frozenset({"supervisor"}), frozenset({"ECOLOGY"}))
    cards = scorecards_of(reports_of(desk), *MARCH, By.UNIT, ecology).cards
    assert {card.code: card.orders for card in cards if card.orders} == {"ECOLOGY@500103": 2}
    elsewhere = Actor("s", frozenset({"supervisor"}), regions=frozenset({"500101"}))
    assert scorecards_of(reports_of(desk), *MARCH, By.UNIT, elsewhere).cards == ()


@pytest.mark.parametrize("last", [date(2026, 2, 28), date(2027, 3, 2)])
def test_a_period_that_cannot_be_is_refused(desk: Desk, last: date) -> None:
    with pytest.raises(MoveRefused) as refused:
        scorecards_of(reports_of(desk), MARCH[0], last, By.UNIT, SYSTEM)
    assert refused.value.code == "period_invalid"


def test_a_ledger_whose_contents_ran_out_is_not_replayed(desk: Desk) -> None:
    lived(desk)
    with desk.office.database.write() as connection:
        connection.execute(text("UPDATE ledger SET body = NULL WHERE kind = 'intake'"))
    report(desk)
    with pytest.raises(HistoryPurged, match="按现状计算"):
        report(desk, from_ledger=True)


def test_the_files_hold_the_same_rows_and_say_where_there_are_too_few(desk: Desk) -> None:
    lived(desk)
    found = scorecards_of(reports_of(desk), *MARCH, By.UNIT, SYSTEM, least=3)
    rows = list(csv.reader(io.StringIO(as_csv(found).decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(found))).active
    assert sheet is not None
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    assert [[_plain(cell) for cell in row] for row in cells] == [
        [_plain(cell) for cell in row] for row in rows
    ]
    small = [row for row in rows[1:] if row[-1] == SMALL]
    assert small
    assert all(int(row[6]) < 3 and set(row[7:-1]) == {""} for row in small)
    document = json.loads(as_json(found))
    assert [card["code"] for card in document["cards"]] == sorted(
        card["code"] for card in document["cards"]
    )
    names = {card["code"]: card["name"] for card in document["cards"]}
    assert names["URBAN_MGMT@500103"] == f"渝中区{CATALOGUE.units['URBAN_MGMT'].name}"


def _plain(cell: str) -> str | float:
    """Return a number for a number: a sheet does not tell 1 from 1.0."""
    try:
        return float(cell)
    except ValueError:
        return cell


def test_the_command_writes_what_its_file_name_says(
    desk: Desk, triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lived(desk)
    url = desk.office.database.url.render_as_string(hide_password=False)
    words = ("scorecards", "--database", url, "--from", "2026-03-01", "--to", "2026-03-31")
    for name in ("cards.csv", "cards.xlsx", "cards.json"):
        assert triage(*words, "--out", tmp_path / name) == 0
        assert (tmp_path / name).stat().st_size > 100
    assert "10 件" in capsys.readouterr().err
    assert triage(*words, "--out", tmp_path / "cards.pdf") == 2
    assert ".xlsx" in capsys.readouterr().err
    backwards = ("--from", "2026-03-02", "--to", "2026-03-01")
    assert triage(*words[:3], *backwards, "--out", tmp_path / "x.csv") == 2
    assert "[period_invalid]" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


def ask(app: FastAPI, query: str, secret: str) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"authorization": f"Bearer {secret}"}
            return await client.get(f"/v1/scorecards{query}", headers=headers)

    return asyncio.run(once())


def test_the_interface_answers_in_three_formats_and_within_the_key_s_regions(
    desk: Desk, tmp_path: Path
) -> None:
    lived(desk)
    keys, now = tmp_path / "keys.json", datetime.now(UTC)
    city = create_key(keys, "city", now=now, rights=Rights(frozenset({"supervisor"})))
    far = Rights(frozenset({"supervisor"}), regions=frozenset({"500101"}))
    elsewhere = create_key(keys, "far", now=now, rights=far)
    app = create_app(Fixed(None), keys=KeyRing(keys), reports=reports_of(desk))
    march = "?from=2026-03-01&to=2026-03-31"
    whole = ask(app, march, city)
    assert whole.status_code == 200
    assert {card["code"] for card in whole.json()["cards"]} >= {"HOTLINE", "URBAN_MGMT@500103"}
    assert ask(app, march, elsewhere).json()["cards"] == []
    assert ask(app, "", city).status_code == 200  # the last thirty days
    table = ask(app, f"{march}&by=level&format=csv", city)
    assert table.headers["content-type"].startswith("text/csv")
    assert "scorecards-level.csv" in table.headers["content-disposition"]
    assert ask(app, f"{march}&format=xlsx", city).content.startswith(b"PK")
    for wrong, code in (
        ("?from=2026-03-31&to=2026-03-01", "period_invalid"),
        ("?from=soon&to=2026-03-01", "field_invalid"),
        (f"{march}&by=mood", "field_invalid"),
        ("?to=0001-01-01", "field_invalid"),
        ("?from=2026-03-01&to=9999-12-31", "field_invalid"),
    ):
        answer = ask(app, wrong, city)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
