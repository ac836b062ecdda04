"""`dedupe`, `similar` and `hot --input` read the pairs in doubt, and with --fast they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.cli import main

MODELS = Path(__file__).parents[2] / "models"
LINES = (
    ("a", "石桥铺公园什么时候动工", "规划公示三年了，石桥铺公园一直没有动工，请问何时开建？"),
    ("b", "咨询石桥铺公园建设", "小区旁边的石桥铺公园，说要修，到现在还是荒地，何时开工？"),
    ("c", "社保卡丢了", "社保卡丢了怎么补办，要带什么材料？"),
)


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    rows = [
        {"id": id, "title": title, "text": text, "received_at": f"2026-11-0{day}T08:00:00+08:00"}
        for day, (id, title, text) in enumerate(LINES, 1)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def ask(*words: object) -> int:
    return main([str(word) for word in (*words, "--models-dir", MODELS)])


def test_pairs_in_doubt_are_read_unless_it_must_be_fast(requests: Path, tmp_path: Path) -> None:
    pairs, out = tmp_path / "p.csv", tmp_path / "o.jsonl"
    pairs.write_text("a,b\na,b\na,c\n", "utf-8")
    said = []
    for more in ((), ("--fast",)):
        assert ask("dedupe", "--input", requests, "--pairs", pairs, "--output", out, *more) == 0
        said.append([json.loads(line) for line in out.read_text("utf-8").splitlines()])
    read, fast = said
    assert read[0]["label"] == "SAME_EVENT"
    assert read[0]["probability"] != fast[0]["probability"]
    assert read[1] == fast[1]


def test_similar_reads_too(requests: Path, tmp_path: Path) -> None:
    out, found = tmp_path / "o.jsonl", []
    for more in ((), ("--fast",)):
        words = ("similar", "--queries", requests, "--pool", requests, "--output", out, *more)
        assert ask(*words) == 0
        first = json.loads(out.read_text("utf-8").splitlines()[0])
        found.append({one["id"]: one["probability"] for one in first["similar"]})
    assert found[0]["b"] != found[1]["b"]
    assert found[0]["c"] == found[1]["c"]


def test_hot_topics_of_a_file_are_judged_closely(
    requests: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ((), ("--fast",)):
        assert ask("hot", "--input", requests, "--since", "30d", "--json", *more) == 0
        assert json.loads(capsys.readouterr().out)
    assert ask("hot", "--fast") == 2
    assert "--input" in capsys.readouterr().err
