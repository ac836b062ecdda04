"""What if, on a ledger that the simulated city filled through the ordinary desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from triage.desk.demonstration import live
from triage.desk.moves import Wish
from triage.store.scorecard_facts import Span
from triage.whatif.cases import from_ledger, period_of
from triage.workorder.working_calendar import WorkingCalendar, shanghai_day

if TYPE_CHECKING:
    from desks import Desk

Triage = Callable[..., int]
DAYS = 24
DISPATCH = Wish("DISPATCHED", unit="URBAN_MGMT")


@pytest.fixture
def url(desk: Desk) -> str:
    """Give the address of a store in which `DAYS` days of a small city have passed until now."""
    now = datetime.now().astimezone()
    lived = live(replace(desk.office, now=lambda: now), per_day=8, days=DAYS)
    assert lived.deeds > 3 * lived.requests > 300
    return desk.office.database.engine.url.render_as_string(hide_password=False)


def asked(triage: Triage, url: str, capsys: pytest.CaptureFixture[str], *words: str) -> Any:  # noqa: ANN401  JSON
    words = ("--days", "10", "--history", "13", "--seeds", "2", *words)
    assert triage("whatif", "--json", "--database", url, *words) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_every_scenario_runs_from_the_store(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    for path, agents in ((few, 1), (many, 9)):
        rows = "\n".join(f"{hour},{agents},{agents}" for hour in range(24))
        path.write_text(f"hour,workday,restday\n{rows}\n", "utf-8")
    was, shorter = asked(triage, url, capsys, "--deadline", "0.1")
    assert was["orders"] > 50
    assert was["calls"] > 20
    assert was["overdue"]["mean"] < shorter["overdue"]["mean"]
    _, storm = asked(triage, url, capsys, "--storm", "30,2,300,URBAN_MGMT,0.5")
    assert storm["calls"] == was["calls"] + 300
    assert was["orders"] < storm["orders"] < was["orders"] + 300
    assert storm["given_up"]["mean"] > was["given_up"]["mean"]
    one, other = asked(
        triage, url, capsys, "--staffing-now", str(few), "--staffing", str(many),
        "--call-minutes", "60",
    )  # fmt: skip
    assert other["mean_wait_minutes"]["mean"] < one["mean_wait_minutes"]["mean"]
    _, helped = asked(triage, url, capsys, "--new-unit", "NEW,URBAN_MGMT,1,50")
    assert helped["orders"] == was["orders"]
    out = tmp_path / "replay.json"
    until = str(shanghai_day(datetime.now().astimezone()) - timedelta(days=9))
    assert triage("whatif", "--replay", "--days", "7", "--history", "8", "--until", until,
        "--seeds", "2", "--out", out, "--database", url) == 0  # fmt: skip
    report = json.loads(out.read_text("utf-8"))
    assert 0 < report["time_is_up"] <= report["orders"]
    assert 0 < report["open"] < report["orders"]  # a ledger of today has orders still open


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--storm", "1,2,3,NOBODY"), "storm.unit"),
        (("--new-unit", "NEW,NOBODY,0.5,3"), "new_unit.takes_from"),
        (("--new-unit", "NEW,URBAN_MGMT"), "--new-unit"),
        (("--deadline", "0"), "deadline"),
        (("--days", "0"), "--days"),
        (("--history", "-1"), "--history"),
        (("--call-minutes", "0"), "--call-minutes"),
        (("--until", "2001-01-01"), "库里没有一件工单"),
        (("--until", "0001-01-05"), "2000-01-01 到昨天"),
        (("--until", "9999-12-31"), "2000-01-01 到昨天"),
        (("--until", "{today}"), "2000-01-01 到昨天"),
        (("--until", "2000-01-01", "--days", "366", "--history", "366"), "库里没有一件工单"),
        (("--staffing", "{negative}"), "不小于 0"),
        (("--staffing", "{short}"), "0 到 23"),
        (("--staffing", "{halves}"), "2.9 应为整数：0 时"),
        (("--staffing-now", "{halves}"), "2.9 应为整数：0 时"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    words: tuple[str, ...],
    said: str,
    triage: Triage,
    desk: Desk,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {name: tmp_path / f"{name}.csv" for name in ("negative", "short", "halves")}
    hours = [f"{hour},-1,2" for hour in range(24)]
    files["negative"].write_text("\n".join(["hour,workday,restday", *hours]) + "\n", "utf-8")
    files["short"].write_text("\n".join(["hour,workday,restday", *hours[:9]]) + "\n", "utf-8")
    halves = "\n".join(hours).replace("-1", "2.9")
    files["halves"].write_text(f"hour,workday,restday\n{halves}\n", "utf-8")
    today = shanghai_day(datetime.now().astimezone())
    order = desk.taken()
    reply = Wish("REPLIED", note="已到现场核实，店家已停业整改，请诉求人监督", reason="CONFIRMED")
    desk.go(order.id, DISPATCH, Wish("HANDLING"), reply)
    url = desk.office.database.engine.url.render_as_string(hide_password=False)
    given = [word.format(today=today, **files) for word in words]
    day = [] if "--until" in words else ["--until", "2026-03-02"]
    assert triage("whatif", "--seeds", "2", "--database", url, *day, *given) == 2
    found = capsys.readouterr().err
    assert said in found
    assert "Traceback" not in found


def test_the_ledgers_orders_become_cases(desk: Desk) -> None:
    main, other, open_one, redone = (
        desk.taken(channel=channel) for channel in ("PHONE", "电话", "PHONE", "PHONE")
    )
    desk.go(other.id, Wish("MERGED", into=main.id))
    reply = Wish("REPLIED", note="已到现场核实，店家已停业整改，请诉求人监督", reason="CONFIRMED")
    desk.wait(hours=3)
    for order in (main, redone):
        desk.go(order.id, DISPATCH, Wish("HANDLING"), reply)
    desk.go(
        redone.id, Wish("FOLLOWED_UP", reason="DISSATISFIED"), Wish("HANDLING", reason="不满意")
    )
    desk.wait(hours=2)
    span = Span(date(2026, 3, 3), date(2026, 3, 4))
    with desk.office.database.read() as connection:
        found = {
            case.id: case
            for case in from_ledger(connection, span, history=2, phone={"PHONE", "电话"})
        }
    assert {case.at for case in found.values()} == {-15.0}  # 09:00 of the day before
    assert all(case.by_phone for case in found.values())
    assert (found[main.id].took, found[main.id].unit) == (3.0, "URBAN_MGMT")
    assert (found[other.id].is_order, found[main.id].is_order) == (False, True)
    assert found[open_one.id].took is None
    assert found[redone.id].took is None  # answered once, and being handled again
    period = period_of(span, history=2, calendar=WorkingCalendar(), now=desk.now)
    assert (period.hours, period.rest_days) == (48.0, frozenset({-2}))  # Sunday 1 March
    assert period.known == -10.0
