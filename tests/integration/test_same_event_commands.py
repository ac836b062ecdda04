"""`triage dedupe`, `similar` and `measure-same-event` with the shipped models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triage.cli import main

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
LINES: tuple[dict[str, str], ...] = (
    {"id": "1", "title": "翠竹苑污水", "text": "翠竹苑大门口污水井冒水，没人通。"},
    {"id": "2", "title": "翠竹苑污水外溢", "text": "翠竹苑大门口的污水井冒脏水。"},
    {"id": "3", "title": "社保卡", "text": "请问社保卡丢了怎么补办？联系电话13812345678。"},
    {"id": "4", "text": "喂"},
    {"id": "5", "text": "水" * 100_000},
    {"id": "6", "title": "路灯不亮", "text": "长虹巷路灯不亮。", "district": "没有这个区"},
    {"id": "7", "title": "路灯不亮", "text": "长虹巷路灯不亮。"},
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("same") / "x.jsonl", LINES)


def _write(path: Path, lines: tuple[dict[str, str], ...]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_dedupe_writes_pairs_and_groups(requests: Path, tmp_path: Path) -> None:
    out, grouped = tmp_path / "p.jsonl", tmp_path / "g.jsonl"
    args = ["--input", str(requests), "--output", str(out), "--groups", str(grouped)]
    assert main(["dedupe", *args, "--models-dir", str(MODELS)]) == 0
    pairs = {(row["a"], row["b"]): row for row in _read(out)}
    assert {("1", "2"), ("6", "7")} <= pairs.keys()
    assert all(row["label"] == "SAME_EVENT" for row in pairs.values())
    assert {"label", "probability", "evidence", "contradictions"} <= pairs["1", "2"].keys()
    members = [tuple(group["members"]) for group in _read(grouped)]
    assert ("1", "2") in members
    assert sorted(one for group in members for one in group) == [row["id"] for row in LINES]
    assert "13812345678" not in out.read_text("utf-8")


def test_dedupe_scores_exactly_the_pairs_asked_for(requests: Path, tmp_path: Path) -> None:
    asked, out = tmp_path / "asked.csv", tmp_path / "p.jsonl"
    asked.write_text("a,b\n3,1\n1,2\n4,4\n", "utf-8")
    args = ["--input", str(requests), "--output", str(out), "--pairs", str(asked)]
    assert main(["dedupe", *args, "--models-dir", str(MODELS)]) == 0
    assert [(row["a"], row["b"]) for row in _read(out)] == [("3", "1"), ("1", "2"), ("4", "4")]
    assert _read(out)[0]["label"] == "UNRELATED"


def test_a_pair_with_an_unknown_id_is_refused_by_line(
    requests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, out = tmp_path / "asked.csv", tmp_path / "p.jsonl"
    asked.write_text("a,b\n1,2\n1,99\n", "utf-8")
    args = ["--input", str(requests), "--output", str(out), "--pairs", str(asked)]
    assert main(["dedupe", *args, "--models-dir", str(MODELS)]) == 2
    error = capsys.readouterr().err
    assert "第 3 行" in error
    assert "'99'" in error
    assert not out.exists()


def test_bad_lines_are_named_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "x.jsonl", tmp_path / "p.jsonl"
    good = json.dumps(LINES[0])
    path.write_text(f'{good}\nnot json\n{good}\n{{"id": "9"}}\n', "utf-8")
    args = ["--input", str(path), "--output", str(out), "--models-dir", str(MODELS)]
    assert main(["dedupe", *args]) == 1
    error = capsys.readouterr().err
    assert all(f"第 {number} 行" in error for number in (2, 3, 4))
    assert out.read_text("utf-8") == ""


def test_similar_ranks_the_pool_without_the_query_itself(requests: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    args = ["--queries", str(requests), "--pool", str(requests), "--k", "3", "--output", str(out)]
    assert main(["similar", *args, "--models-dir", str(MODELS)]) == 0
    rows = _read(out)
    assert [row["id"] for row in rows] == [row["id"] for row in LINES]
    for row in rows:
        similar = row["similar"]
        assert isinstance(similar, list)
        assert len(similar) == 3
        assert row["id"] not in {one["id"] for one in similar}
    assert rows[0]["similar"][0]["id"] == "2"


def test_cases_are_measured_without_the_developers_data(tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    cases = ROOT / "tests/data/same_event_cases.jsonl"
    args = ["--cases", str(cases), "--out", str(out), "--models-dir", str(MODELS)]
    assert main(["measure-same-event", *args]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert report["pairs"] is None
    assert report["cases"]["cases"] == 130
    assert "没有测" in out.with_suffix(".md").read_text("utf-8")


def test_a_damaged_model_is_refused(
    requests: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for path in MODELS.iterdir():
        if path.name != "same_event":
            (models / path.name).symlink_to(path)
    version = json.loads((MODELS / "same_event/current.json").read_text("utf-8"))["version"]
    folder = models / "same_event" / version
    folder.mkdir(parents=True)
    (models / "same_event/current.json").write_bytes(
        (MODELS / "same_event/current.json").read_bytes()
    )
    for path in (MODELS / "same_event" / version).iterdir():
        (folder / path.name).write_bytes(path.read_bytes()[:-1])
    out = tmp_path / "p.jsonl"
    args = ["--input", str(requests), "--output", str(out), "--models-dir", str(models)]
    assert main(["dedupe", *args]) == 2
    assert "请" in capsys.readouterr().err
    assert not out.exists()
