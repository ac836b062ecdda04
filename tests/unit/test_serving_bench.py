from __future__ import annotations

import json
from pathlib import Path

import pytest

from serving.bench.measure import Figures, Plan
from serving.bench.report import targets, write_report
from serving.bench.samples import TEXTS, batch_body, mean_characters, single_bodies
from serving.bench.wrk import Load, LoadError, require_wrk

FIGURES = Figures(
    plan=Plan(connections=16, rounds=3, seconds=4, workers=2),
    machine=dict.fromkeys(("cpu", "cores", "load_before", "python", "fastapi", "uvicorn"), "x"),
    model="m1",
    mean_characters=200.0,
    noop_without_body=Load(9000.0, 1.0, 2.0, 100, 0),
    noop=tuple(Load(rate, 1.0, 2.0, 100, 0) for rate in (4000.0, 4200.0, 3800.0)),
    triage=tuple(
        Load(rate, 4.0, p99, 100, 0) for rate, p99 in ((1600.0, 9.0), (1680.0, 26.0), (1140.0, 8.0))
    ),
    ratio=0.4,
    alone_ms=0.5,
    batch_per_second=3000.0,
    ready_seconds=1.5,
    resident_mib=(40.0, 120.0, 401.0),
)  # fmt: skip


def test_medians_speak_for_throughput_and_the_worst_round_for_latency() -> None:
    assert FIGURES.per_second() == 1600.0
    assert FIGURES.noop_per_second() == 4000.0
    assert FIGURES.p99_ms() == 26.0


def test_a_missed_target_is_shown_as_missed() -> None:
    assert [target.is_met for target in targets(FIGURES)] == [
        True,  # 1,600 a second
        True,  # 40 %
        False,  # 26 ms
        True,  # 0.5 ms
        True,  # 1.5 s
        False,  # 401 MiB
    ]


def test_the_report_is_written_for_machines_and_people(tmp_path: Path) -> None:
    data, page = write_report(FIGURES, tmp_path)
    document = json.loads(data.read_bytes())
    assert document["per_second"] == 1600.0
    assert document["noop"][0]["per_second"] == 4000.0
    text = page.read_text("utf-8")
    assert "| p99（最差一轮） | ≤ 25 ms | 26.0 ms | ✗ |" in text
    assert "| 3 | 3,800 | 1,140 | 30.0% | 4.00 | 8.00 |" in text


def test_the_requests_are_of_about_200_characters_and_no_two_alike() -> None:
    assert 190 <= mean_characters() <= 210
    assert len(set(TEXTS)) == len(TEXTS) == len(single_bodies())
    assert len(json.loads(batch_body(256))["requests"]) == 256


def test_without_wrk_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LoadError, match="apt-get install wrk"):
        require_wrk()
