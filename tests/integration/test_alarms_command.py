from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from triage.workorder.working_calendar import shanghai_day

Triage = Callable[..., int]
FIRST = date(2026, 3, 2)
DAYS = 100


@pytest.fixture
def url(triage: Triage, tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 't.db'}"
    assert triage("database", "upgrade", "--database", found) == 0
    return found


def counts(folder: Path, *, burst: int = 0, extra: Sequence[str] = ()) -> Path:
    """Write daily counts of a topic in two districts, with a burst in the first on the last day."""
    rng = np.random.default_rng(4)
    lines = ["date,topic,district,count"]
    for n in range(DAYS):
        day = FIRST + timedelta(days=n)
        for district in ("渝中区", "500106"):
            count = int(rng.poisson(18)) + burst * (n == DAYS - 1 and district == "渝中区")
            lines.append(f"{day},SR03,{district},{count}")
    path = folder / "counts.csv"
    path.write_text("\n".join([*lines, *extra]) + "\n", "utf-8")
    return path


def test_a_burst_in_a_file_is_raised_listed_and_closed(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = counts(tmp_path, burst=40)
    assert triage("alarms", "run", "--input", path, "--database", url) == 0
    said = capsys.readouterr()
    assert "渝中区“餐饮油烟”当天" in said.out
    assert "新开 1" in said.err
    assert triage("alarms", "list", "--json", "--database", url) == 0
    (one,) = json.loads(capsys.readouterr().out)["items"]
    assert (one["state"], one["series"]) == ("OPEN", "topic_area:SR03@500103")
    for words in (
        ("acknowledge", one["id"]),
        ("close", one["id"], "--outcome", "TRUE", "--note", "已核实"),
    ):
        assert triage("alarms", *words, "--database", url) == 0
    assert triage("alarms", "run", "--input", path, "--database", url) == 0
    assert "冷却中 1" in capsys.readouterr().err
    assert triage("alarms", "precision", "--json", "--database", url) == 0
    assert json.loads(capsys.readouterr().out)[0]["precision"] == 1.0
    assert triage("ledger", "verify", "--database", url) == 0


def test_a_dry_run_raises_nothing(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = counts(tmp_path, burst=40)
    words = ("alarms", "run", "--input", path, "--dry-run", "--json", "--database", url)
    assert triage(*words) == 0
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 1
    assert triage("alarms", "list", "--database", url) == 0
    assert "没有预警" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-03-02,SR03,渝中区,5", "不止一次"),
        ("2026-06-10,SR03,渝中区,-3", "[count_invalid]"),
        ("2026-06-10,SR03,渝中区,2.5", "[count_invalid]"),
        ("2026-06-10T08:00+08:00,SR03,渝中区,2", ""),
        ("2026-06-10,SR03,没有这个区,2", "不在代码表中"),
    ],
)
def test_counts_that_cannot_be_are_refused_by_name(
    line: str, said: str, triage: Triage, url: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = counts(tmp_path, extra=[line])
    assert triage("alarms", "run", "--input", path, "--database", url) == 2
    found = capsys.readouterr().err
    assert said in found
    assert "Traceback" not in found


def test_a_day_that_was_not_counted_is_no_silence(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("alarms", "run", "--input", counts(tmp_path), "--day", "2026-09-01")
    assert triage(*words, "--database", url) == 2
    assert "缺数据不是静默" in capsys.readouterr().err


def test_one_point_and_all_zeros_are_not_judged_and_that_is_said(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, zeros = tmp_path / "one.csv", tmp_path / "zeros.csv"
    one.write_text("date,count\n2026-03-02,5\n", "utf-8")
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    zeros.write_text("date,count\n" + "".join(f"{day},0\n" for day in days), "utf-8")
    assert triage("alarms", "run", "--input", one, "--database", url) == 0
    assert "历史不足 42 天，没有判断" in capsys.readouterr().err
    assert triage("alarms", "run", "--input", zeros, "--database", url) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_counts_of_an_abolished_district_go_on_in_what_it_became(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = date(2025, 11, 6)
    lines = ["date,topic,district,count"]
    for n in range(-60, 60):
        day = change + timedelta(days=n)
        lines.append(f"{day},SR03,{'江北区' if n < 0 else 'CQ-LJXQ'},20")
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    words = ("alarms", "run", "--input", path, "--dry-run", "--day", "2025-11-08")
    assert triage(*words, "--database", url) == 0
    said = capsys.readouterr()
    assert said.out == ""  # neither a silence of the old nor an outbreak of the new


def test_what_if_tells_a_storm_beside_the_month_as_it_was(
    triage: Triage, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("whatif", "--simulated", 4, "--per-day", 60, "--seeds", 2, "--json")
    assert triage(*words, "--storm", "30,3,300,POWER_CO") == 0
    before, after = json.loads(capsys.readouterr().out)
    assert after["calls"] == before["calls"] + 300
    assert triage("whatif", "--simulated", 4, "--per-day", 60, "--storm", "x") == 2
    assert "AT,HOURS,CALLS,UNIT" in capsys.readouterr().err


def test_a_report_and_a_timeline_are_written_whole(
    triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage("alarms", "run", "--input", counts(tmp_path, burst=40), "--database", url) == 0
    page, line = tmp_path / "w.html", tmp_path / "t.svg"
    assert triage("report", "weekly", "--out", page, "--database", url) == 0
    assert "12345 热线周报" in page.read_text("utf-8")
    assert triage("report", "timeline", "--out", line, "--database", url) == 0
    assert line.read_text("utf-8").startswith("<svg")
    assert triage("report", "weekly", "--out", tmp_path / "w.txt", "--database", url) == 2
    assert ".html 或 .docx" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["0001-01-03", "1999-12-31", "9999-12-31", "{tomorrow}"])
def test_a_week_that_cannot_be_is_refused_by_name(
    day: str, triage: Triage, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tomorrow = shanghai_day(datetime.now(UTC)) + timedelta(days=1)
    page, given = tmp_path / "w.html", day.format(tomorrow=tomorrow)
    assert triage("report", "weekly", "--week", given, "--out", page, "--database", url) == 2
    assert f"--week 的值 {given} 应为 2000-01-01 到今天" in capsys.readouterr().err
    assert not page.exists()
