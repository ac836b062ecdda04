"""`triage simulate` as a user meets it: exit codes, files, the same bytes again."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from triage.cli import main

pytestmark = pytest.mark.slow

OPTIONS = ("--days", "2", "--per-day", "150", "--seed", "7")


def simulate(out: Path, *options: str) -> int:
    return main(["simulate", *OPTIONS, *options, "--out", str(out)])


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    assert simulate(tmp_path / "a") == 0
    assert simulate(tmp_path / "b") == 0
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert simulate(tmp_path / "c", "--seed", "8") == 0
    assert content(tmp_path / "a") != content(tmp_path / "c")


def test_the_truth_is_aside_and_the_files_belong_together(tmp_path: Path) -> None:
    out = tmp_path / "city"
    assert simulate(out, "--counts") == 0
    requests, truths = lines(out / "requests.jsonl"), lines(out / "truth.jsonl")
    lives = lines(out / "life.jsonl")
    ids = [line["id"] for line in requests]
    assert 200 < len(ids) < 400
    assert [line["id"] for line in truths] == ids == [line["id"] for line in lives]
    aside = set(truths[0]) - {"id", "district", "township"}
    assert {"topic", "unit", "urgency", "event_id", "outbreak_id"} <= aside
    assert [line for line in requests if aside & set(line)] == []
    with (out / "counts.csv").open(encoding="utf-8") as file:
        assert sum(int(row["requests"]) for row in csv.DictReader(file)) == len(ids)


def test_the_manifest_names_every_file_with_its_digest(tmp_path: Path) -> None:
    out = tmp_path / "city"
    assert simulate(out) == 0
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["plan"]["seed"] == 7
    assert {*manifest["files"], "manifest.json"} == set(content(out))
    for name, entry in manifest["files"].items():
        data = (out / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["lines"] == data.count(b"\n")


def test_without_text_the_counts_are_those_of_the_full_run(tmp_path: Path) -> None:
    assert simulate(tmp_path / "full", "--counts") == 0
    assert simulate(tmp_path / "bare", "--no-text") == 0
    full, bare = content(tmp_path / "full"), content(tmp_path / "bare")
    assert set(bare) == {"counts.csv", "weather.csv", "outbreaks.csv", "manifest.json"}
    assert bare["counts.csv"] == full["counts.csv"]


def test_an_earlier_simulation_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "city"
    assert simulate(out) == 0
    assert simulate(out, "--no-text") == 0
    assert not (out / "requests.jsonl").exists()


def test_injected_surges_are_written_down(tmp_path: Path) -> None:
    out = tmp_path / "city"
    code = simulate(
        out,
        "--outbreak",
        "GY02,500112,2023-11-01T18:00+08:00,6,20",
        "--silence",
        "APP,2023-11-02T08:00+08:00,12",
    )
    assert code == 0
    with (out / "outbreaks.csv").open(encoding="utf-8") as file:
        given = [row for row in csv.DictReader(file) if "-P" in row["id"]]
    assert [(row["kind"], row["topic"], row["channel"]) for row in given] == [
        ("OUTBREAK", "GY02", ""),
        ("SILENCE", "", "APP"),
    ]


def test_the_import_takes_every_line(tmp_path: Path) -> None:
    out = tmp_path / "city"
    assert simulate(out) == 0
    target = tmp_path / "imported.jsonl"
    assert main(["import", str(out / "requests.jsonl"), "--out", str(target)]) == 0
    text = target.read_text("utf-8")
    assert text.count("\n") == len(lines(out / "requests.jsonl"))
    imported = lines(target)[0]
    assert imported["received_at"]
    assert "requester" not in imported
    people = [line["requester"] for line in lines(out / "requests.jsonl")]
    phones = [person["phone"] for person in people if isinstance(person, dict)]
    assert phones
    assert [phone for phone in phones if phone in text] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--days", "0"), "days"),
        (("--days", "x"), "--days"),
        (("--per-day", "nan"), "per_day"),
        (("--start", "2025-13-01"), "--start"),
        (("--noise", "2"), "noise"),
        (("--outbreak", "GY02"), "--outbreak"),
        (("--outbreak", "ZZ,500112,2023-11-01T18:00+08:00,6,20"), "ZZ"),
        (("--silence", "APP,soon,3"), "--silence"),
    ],
)
def test_a_bad_value_exits_2_and_says_which(
    options: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(tmp_path / "city", *options) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "[plan_invalid]" in error
    assert not (tmp_path / "city").exists()


def test_a_folder_with_other_files_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("别动", "utf-8")
    assert simulate(tmp_path) == 2
    assert "换一个空文件夹" in capsys.readouterr().err
    assert content(tmp_path) == {"notes.txt": "别动".encode()}
    assert simulate(tmp_path / "notes.txt") == 2
