"""`triage policy check`: called as the command line calls it, by its two functions."""

from __future__ import annotations

import argparse
import json
from importlib.resources import files
from pathlib import Path

import pytest

from triage.commands import policy

SHIPPED = files("triage.workorder").joinpath("data/policy.toml").read_text("utf-8")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    policy.add_arguments(parser)
    code = policy.run(parser.parse_args(["check", *words]))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def write(folder: Path, old: str, new: str) -> str:
    path = folder / "city.toml"
    assert old in SHIPPED
    path.write_text(SHIPPED.replace(old, new, 1), "utf-8")
    return str(path)


def test_the_shipped_policy_passes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)

    assert (code, err) == (0, "")
    first, second, *_ = out.splitlines()
    assert first.startswith("通过：default-2026.1+")
    assert first.endswith("，1 段，今天用 2026-01-01 起的")
    assert second.startswith("工作日历：holidays-")


def test_problems_of_policy_and_calendar_come_together(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    city = write(tmp_path, "max_times = 2", "max_times = true")
    days = tmp_path / "days.csv"
    days.write_text("date,working,note\n2026-11-25,2,市庆\n", "utf-8")

    code, out, err = run(capsys, city, "--calendar", str(days))

    assert code == 2
    assert out.splitlines() == [
        "city.toml period[1].extension.max_times “True” 应是 0 到 20 的整数，不加引号",
        "days.csv:2 working “2” 只能是 1（上班）或 0（放假）",
    ]
    assert err == "不通过：2 处问题\n"


def test_problems_come_as_json_on_request(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = run(capsys, str(tmp_path / "none.toml"), "--json")

    answer = json.loads(out)
    assert code == 2
    assert (answer["ok"], answer["version"]) == (False, None)
    assert answer["problems"][0]["message"] == "没有这个文件；请检查路径"


def test_a_sound_file_answers_with_its_version(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = run(capsys, write(tmp_path, 'id = "default"', 'id = "city"'), "--json")

    answer = json.loads(out)
    assert (code, answer["ok"], answer["problems"]) == (0, True, [])
    assert answer["version"].startswith("city-2026.1+")
