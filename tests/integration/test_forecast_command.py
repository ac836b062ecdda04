"""From counts to a forecast on the wire: build, select, forecast, store, ask over HTTP."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest

pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")
from serving.app import create_app
from serving.engine import Fixed
from triage.catalogue import Catalogue
from triage.trends.shelf import Shelf

pytestmark = [pytest.mark.train, pytest.mark.slow]
Triage = Callable[..., int]
PLACES = ("500103", "500106")
TOPICS = ("ZF01", "ZF02", "SR03")


@pytest.fixture
def requests_csv(tmp_path: Path) -> Path:
    """Write requests of 120 days up to yesterday: three topics, two districts, a weekly shape."""
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    rng = np.random.default_rng(5)
    lines = ["received_at,topic,district,township,channel,merged_into"]
    for back in range(120, 0, -1):
        day = today - timedelta(days=back)
        for place in PLACES:
            for topic in TOPICS:
                for _ in range(rng.poisson(3 if day.weekday() >= 5 else 8)):
                    hour = rng.choice([9, 10, 11, 15, 20])
                    lines.append(f"{day}T{hour:02d}:15,{topic},{place},,PHONE,")
    path = tmp_path / "requests.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def asked(folder: Path, query: str) -> tuple[int, dict[str, Any]]:
    async def ask() -> httpx.Response:
        app = create_app(Fixed(None), trends=Shelf(folder, Catalogue.load()))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(f"/v1/forecast{query}")

    answer = asyncio.run(ask())
    return answer.status_code, answer.json()


def test_counts_become_a_stored_forecast_whose_parts_add_up(
    triage: Triage, requests_csv: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trends"
    assert triage("trends", "build", requests_csv, "--folder", folder) == 0
    assert triage("forecast", "select", "--counted", "--folder", folder, "--jobs", "1") == 0
    out = tmp_path / "forecast.csv"
    words = ("--counted", "--folder", folder, "--stored", "--jobs", "1", "--out", out)
    assert triage("forecast", *words) == 0

    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["topic", "area", "date", "mean", "median", "lo-80", "hi-80", "lo-95",
                             "hi-95", "model"]  # fmt: skip
    first = [row for row in rows if row["date"] == rows[0]["date"]]
    total = next(float(r["mean"]) for r in first if (r["topic"], r["area"]) == ("*", "*"))
    parts = [float(r["mean"]) for r in first if r["topic"] in TOPICS and r["area"] in PLACES]
    assert len(parts) == 6
    assert sum(parts) == pytest.approx(total, abs=0.02)

    status, whole = asked(folder, "?history=7")
    assert status == 200
    assert len(whole["steps"]) == 14
    assert whole["steps"][0]["lo-95"] <= whole["steps"][0]["median"] <= whole["steps"][0]["hi-95"]
    yesterday = (datetime.now(UTC) + timedelta(hours=8)).date() - timedelta(days=1)
    assert whole["known_until"] == yesterday.isoformat()
    assert [one["date"] for one in whole["history"]][-1] == yesterday.isoformat()
    _, long = asked(folder, "?history=400")
    first_day = yesterday - timedelta(days=119)
    assert long["history"][0]["date"] == first_day.isoformat()  # what was not counted is not 0
    assert len(long["history"]) == 120
    status, one = asked(folder, "?topic=ZF01&area=500103&history=0")
    assert (status, one["series"]) == (200, {"topic": "ZF01", "area": "500103"})
    assert asked(folder, "?topic=ZF01&area=500101")[0] == 404
    assert asked(folder, "?grain=hourly")[1]["code"] == "forecast_missing"


def test_the_hours_of_a_day_are_shared_out_by_the_tide(
    triage: Triage, requests_csv: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trends"
    assert triage("trends", "build", requests_csv, "--folder", folder) == 0
    words = ("--counted", "--folder", folder, "--hourly", "--horizon", "48", "--by", "area")
    assert triage("forecast", *words, "--stored", "--jobs", "1") == 0
    status, whole = asked(folder, "?grain=hourly")
    assert status == 200
    by_hour = {step["date"][11:13]: step["mean"] for step in whole["steps"][:24]}
    assert by_hour["10"] > 3 > 0.5 > by_hour["03"]


def test_an_interrupted_selection_goes_on_and_a_fresh_choice_is_kept(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "counts.csv"
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(90)]
    lines = [f"{day},A,{3 + day.weekday()}" for day in days]
    path.write_text("date,topic,count\n" + "\n".join(lines) + "\n", "utf-8")
    words = ("forecast", "select", "--input", path, "--folder", tmp_path / "t", "--jobs", "1")
    assert triage(*words) == 0
    path.write_text(path.read_text("utf-8") + "".join(f"{day},B,2\n" for day in days), "utf-8")
    capsys.readouterr()
    assert triage(*words) == 0
    assert "选了 1 个序列，1 个本周已选" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "word", "code"),
    [
        ("2026-01-01,1\n2026-01-01,2\n", "第 3 行", 2),
        ("2026-01-01,-1\n", "第 2 行", 2),
        ("2026-01-01,5\n", "", 0),  # one point: its mean is forecast
        ("2026-01-01,0\n2026-01-02,0\n", "", 0),
        ("2016-01-01,4\n2016-01-02,6\n", "已过", 0),  # ten years old: said, not hidden
    ],
)
def test_poor_input_is_refused_or_forecast_by_a_rule(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    lines: str, word: str, code: int,
) -> None:  # fmt: skip
    path, out = tmp_path / "counts.csv", tmp_path / "out.csv"
    path.write_text("date,count\n" + lines, "utf-8")
    words = ("forecast", "--input", path, "--out", out, "--folder", tmp_path / "t")
    assert triage(*words, "--horizon", "3") == code
    assert word in capsys.readouterr().err
    assert out.exists() == (code == 0)
    if code == 0:
        assert len(out.read_text("utf-8").splitlines()) == 4


def test_weather_that_ends_before_the_forecast_is_refused(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "counts.csv"
    lines = [f"2026-01-{day:02d},{day % 5},{day}" for day in range(1, 31)] + ["2026-01-31,,9"]
    path.write_text("date,count,rain\n" + "\n".join(lines) + "\n", "utf-8")
    words = ("forecast", "--input", path, "--covariates", "rain", "--folder", tmp_path / "t")
    assert triage(*words, "--horizon", "1", "--out", tmp_path / "a.csv") == 0
    assert triage(*words, "--horizon", "2", "--out", tmp_path / "b.csv") == 2
    assert "covariate_short" in capsys.readouterr().err


def test_weather_of_its_own_file_moves_a_forecast_of_counts(
    triage: Triage, requests_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "trends", tmp_path / "out.csv"
    assert triage("trends", "build", requests_csv, "--folder", folder) == 0
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    days = [today + timedelta(days=n) for n in range(-130, 14)]
    lines = [f"{day},mountain,{n % 9}" for n, day in enumerate(days)]
    (tmp_path / "w.csv").write_text("date,zone,rain_mm\n" + "\n".join(lines) + "\n", "utf-8")
    words = ("forecast", "--counted", "--folder", folder, "--by", "area", "--jobs", "1")
    assert triage(*words, "--weather", tmp_path / "w.csv", "--out", out) == 0
    (tmp_path / "w.csv").write_text("date,rain_mm\n" + lines[0][:10] + ",3\n", "utf-8")
    capsys.readouterr()
    assert triage(*words, "--weather", tmp_path / "w.csv", "--out", out) == 2
    assert "covariate_missing" in capsys.readouterr().err
    assert triage(*words, "--covariates", "rain_mm", "--out", out) == 2
    assert "--weather" in capsys.readouterr().err


def test_a_forecast_of_counts_is_stored_where_nothing_else_is_asked(
    triage: Triage, requests_csv: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trends"
    assert triage("trends", "build", requests_csv, "--folder", folder) == 0
    status, problem = asked(folder, "")
    assert status == 404
    assert "triage forecast --from-store" in problem["detail"]
    words = ("forecast", "--counted", "--folder", folder, "--by", "topic,area", "--jobs", "1")
    assert triage(*words, "--plot", tmp_path / "a.json") == 0
    assert asked(folder, "")[0] == 404
    assert triage(*words) == 0
    assert asked(folder, "")[0] == 200


def test_a_renamed_topic_is_pointed_out_and_joined_when_told(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "counts.csv", tmp_path / "out.csv"
    first = date(2026, 1, 1)
    lines = [f"{first + timedelta(days=n)},{'旧' if n < 60 else '新'},5" for n in range(120)]
    path.write_text("date,topic,count\n" + "\n".join(lines) + "\n", "utf-8")
    words = ("forecast", "--input", path, "--out", out, "--folder", tmp_path / "t")
    assert triage(*words) == 0
    assert "--rename 旧=新" in capsys.readouterr().err
    assert triage(*words, "--rename", "旧=新") == 0
    assert "若是改名" not in capsys.readouterr().err
    assert {row["topic"] for row in csv.DictReader(out.read_text("utf-8").splitlines())} == {"新"}


def test_the_largest_series_are_drawn_by_name_and_handed_to_pages(
    triage: Triage, tmp_path: Path
) -> None:
    path = tmp_path / "counts.csv"
    first = date(2026, 1, 1)
    lines = [f"{first + timedelta(days=n)},{topic},{scale * (2 + n % 7)}"
             for n in range(90) for topic, scale in (("ZF01", 1), ("自拟<名>", 3))]  # fmt: skip
    path.write_text("date,topic,count\n" + "\n".join(lines) + "\n", "utf-8")
    words = ("forecast", "--input", path, "--folder", tmp_path / "t", "--plot")
    assert triage(*words, tmp_path / "a.svg") == 0
    picture = (tmp_path / "a.svg").read_text("utf-8")
    root = ElementTree.fromstring(picture)
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.index("自拟<名>") < texts.index("物业服务与收费")  # the larger first
    assert "3月31日" in texts  # the last day of 90 from the first of January
    assert {"实际", "中位数", "80% 区间", "95% 区间"} <= set(texts)
    assert triage(*words, tmp_path / "a.json") == 0
    whole = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [one["name"] for one in whole["items"]] == ["自拟<名>", "物业服务与收费"]
    assert whole["items"][0]["history"][-1] == {"date": "2026-03-31", "requests": 3 * (2 + 89 % 7)}
    assert len(whole["items"][0]["steps"]) == 14
    assert triage(*words, tmp_path / "a.bmp") == 2


def test_a_selection_that_was_killed_keeps_what_it_had_chosen(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "counts.csv", tmp_path / "t"
    first = date(2025, 1, 1)
    lines = [f"{first + timedelta(days=n)},S{i:02d},{(n + i) % 7}"
             for i in range(60) for n in range(140)]  # fmt: skip
    path.write_text("date,series,count\n" + "\n".join(lines) + "\n", "utf-8")
    words = ["forecast", "select", "--input", str(path), "--folder", str(folder), "--jobs", "1"]
    program = Path(sys.executable).with_name("triage")
    run = subprocess.Popen([program, *words], stderr=subprocess.DEVNULL)
    while run.poll() is None and not list(folder.glob("choices/daily/part-*.parquet")):
        time.sleep(0.02)
    run.kill()
    assert run.wait() == -signal.SIGKILL
    assert triage(*words) == 0
    [chosen, kept] = re.findall(r"(\d+) 个", capsys.readouterr().err.splitlines()[-1])
    assert int(kept) >= 20
    assert int(chosen) + int(kept) == 60


def test_an_abolished_district_is_carried_on_and_said(
    triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "counts.csv", tmp_path / "out.csv"
    new = Catalogue.load().places.successor("500105", date(2025, 11, 6))
    assert new is not None
    lines = [f"2025-11-0{d},500105,10" for d in range(1, 6)]
    lines += [f"2025-11-0{d},{new.code},30" for d in range(6, 9)]
    path.write_text("date,district,count\n" + "\n".join(lines) + "\n", "utf-8")
    assert triage("forecast", "--input", path, "--out", out, "--folder", tmp_path / "t") == 0
    assert f"500105→{new.code}" in capsys.readouterr().err
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert {row["district"] for row in rows} == {new.code}
    assert float(rows[0]["mean"]) == pytest.approx((5 * 10 + 3 * 30) / 8, abs=0.01)


def test_the_job_kinds_are_words_the_command_takes(tmp_path: Path) -> None:
    import argparse

    from training.commands import forecast
    from triage.desk.job_kinds import JobPlace, kind_of, words_of
    from triage.store.jobs import Job

    parser = argparse.ArgumentParser()
    forecast.add_arguments(parser)
    place = JobPlace(tmp_path, tmp_path, "sqlite://")
    for kind, arguments in (("forecast", {"horizon": "7"}), ("forecast-select", {"all": True})):
        job = Job.__new__(Job)
        for name, value in (("kind", kind), ("arguments", arguments), ("id", "J1")):
            object.__setattr__(job, name, value)
        words = words_of(job, place)
        assert words[0] == kind_of(kind).command
        assert parser.parse_args(words[1:]).from_store
    assert json.dumps(arguments)
