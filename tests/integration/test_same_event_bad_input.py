"""Bad and strange requests through `triage dedupe`, `similar` and `hot`, with the shipped models.

No probability is asserted beyond its class: what a line becomes, and that none is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[2] / "models"
PIPE = "翠竹苑大门口污水井冒水，没人通"
LAMP = "文昌路路灯不亮"
Triage = Callable[..., int]
Line = dict[str, object]
ODD: dict[str, tuple[list[Line], int]] = {
    "one character": ([{"id": "a", "text": "喂"}, {"id": "b", "text": "水"}], 0),
    "very long": (
        [
            {"id": "a", "text": "水" * 100_000},
            {"id": "b", "text": "停水了没人管" * 16_666},
            {"id": "c", "text": "水" * 100_001},
        ],
        1,
    ),
    "numbers": ([{"id": "a", "text": "3号线何时开工"}, {"id": "b", "text": "11号线何时开工"}], 0),
    "dates": (
        [
            {"id": "a", "text": PIPE, "received_at": None},
            {"id": "b", "text": f"{PIPE}！", "received_at": ""},
            {"id": "c", "text": PIPE, "received_at": "昨天"},
            {"id": "d", "text": PIPE, "received_at": "2999-01-01T00:00:00Z"},
        ],
        2,
    ),
    "districts": (
        [
            {"id": "a", "text": PIPE, "district": "火星区"},
            {"id": "b", "text": f"{PIPE}！", "district": "999999"},
            {"id": "c", "text": PIPE, "district": 5},
        ],
        1,
    ),
    "twice": ([{"id": "a", "text": PIPE}, {"id": "b", "text": LAMP}, {"id": "a", "text": LAMP}], 1),
}
"""Requests, and how many of the last are refused: the first two always are taken."""

pytestmark = pytest.mark.slow


def _file(path: Path, lines: list[Line]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def ask(triage: Triage) -> Triage:
    """Return `ask("dedupe", …)`: the command with the shipped models."""
    return lambda *words: triage(*words, "--models-dir", MODELS)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return _file(tmp_path / "good.jsonl", [{"id": "1", "text": PIPE}, {"id": "2", "text": LAMP}])


def _said_of(err: str, lines: list[Line], refused: int) -> None:
    taken = len(lines) - refused
    for number in range(1, len(lines) + 1):
        assert (f"第 {number} 行" in err) == (number > taken), err


@pytest.mark.parametrize("name", ODD)
def test_dedupe_pairs_and_groups_every_line_or_names_it(
    ask: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    lines, refused = ODD[name]
    path, out, grouped = _file(tmp_path / "x", lines), tmp_path / "o", tmp_path / "g"
    words = ("--input", path, "--output", out, "--groups", grouped, "--threshold", 0.0001)
    assert ask("dedupe", *words) == (1 if refused else 0)
    assert [(row["a"], row["b"]) for row in _read(out)] == [("a", "b")]
    assert sorted(one for row in _read(grouped) for one in row["members"]) == ["a", "b"]
    _said_of(capsys.readouterr().err, lines, refused)


@pytest.mark.parametrize("name", ODD)
def test_similar_answers_every_line_or_names_it(
    ask: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    lines, refused = ODD[name]
    path, out = _file(tmp_path / "x", lines), tmp_path / "o"
    words = ("--queries", path, "--pool", path, "--output", out)
    assert ask("similar", *words) == (1 if refused else 0)
    found = {row["id"]: [one["id"] for one in row["similar"]] for row in _read(out)}
    assert found == {"a": ["b"], "b": ["a"]}
    _said_of(capsys.readouterr().err, lines, refused)


@pytest.mark.parametrize("name", ODD)
def test_hot_counts_every_line_or_names_it(
    ask: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    lines, refused = ODD[name]
    path = _file(tmp_path / "x", lines)
    assert ask("hot", "--input", path, "--json") == (1 if refused else 0)
    said = capsys.readouterr()
    counts = [topic["count"] for topic in json.loads(said.out)["topics"]]
    assert counts == ([2] if name in ("dates", "districts") else [])
    _said_of(said.err, lines, refused)


def test_numbers_alone_tell_two_events_apart(ask: Triage, tmp_path: Path) -> None:
    path, out = _file(tmp_path / "x", ODD["numbers"][0]), tmp_path / "o"
    asked = tmp_path / "p.csv"
    asked.write_text("a,b\na,b\n", "utf-8")
    assert ask("dedupe", "--input", path, "--output", out, "--pairs", asked) == 0
    (row,) = _read(out)
    assert row["label"] != "SAME_EVENT"
    assert "other_number" in {ground["kind"] for ground in row["contradictions"]}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return _file(tmp_path / "c", [{"id": f"n{n:04}", "text": LAMP} for n in range(1_000)])


def test_of_a_thousand_copies_each_is_paired_with_the_first_and_all_are_one_event(
    ask: Triage, tmp_path: Path, copies: Path
) -> None:
    out, grouped = tmp_path / "o", tmp_path / "g"
    assert ask("dedupe", "--input", copies, "--output", out, "--groups", grouped) == 0
    names = [f"n{n:04}" for n in range(1_000)]
    assert [(row["a"], row["b"]) for row in _read(out)] == [("n0000", one) for one in names[1:]]
    assert [row["members"] for row in _read(grouped)] == [names]


def test_a_thousand_copies_are_similar_and_one_hot_event(
    ask: Triage, tmp_path: Path, copies: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o"
    words = ("--queries", good, "--pool", copies, "--k", 30, "--output", out)
    assert ask("similar", *words) == 0
    found = {row["id"]: row["similar"] for row in _read(out)}
    assert len({one["id"] for one in found["2"]}) == 30
    assert {one["label"] for one in found["2"]} == {"SAME_EVENT"}
    capsys.readouterr()
    assert ask("hot", "--input", copies, "--json") == 0
    assert [one["count"] for one in json.loads(capsys.readouterr().out)["topics"]] == [1_000]


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "2999-01-01"),
        ("--since", "2026-03-02", "--until", "2026-03-01"),
        ("--until", "0001-01-01"),
        ("--since", "0001-01-02"),
        ("--until", "9999-12-31"),
    ],
)
def test_a_period_that_is_none_is_refused(
    ask: Triage, good: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert ask("hot", "--input", good, *words) == 2
    assert "[period_invalid]" in capsys.readouterr().err


def test_a_district_that_nobody_named_has_nothing_hot(
    ask: Triage, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("hot", "--input", good, "--region", "火星区") == 0
    assert "没有两件以上" in capsys.readouterr().err
