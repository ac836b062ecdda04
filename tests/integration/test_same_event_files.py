"""Files that `triage dedupe`, `similar` and `hot` cannot use: what is said, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "models"
Triage = Callable[..., int]
UNUSABLE = {
    "empty": b"",
    "blank": b"\n \n",
    "gbk": '{"id": "1", "text": "污水"}\n'.encode("gbk"),
    "utf-16": '{"id": "1", "text": "污水"}\n'.encode("utf-16"),
    "cut short": b'{"id": "1", "text": "p',
}
PAIRS = {
    "empty": (b"", "缺少列"),
    "other columns": (b"x,y\n1,2\n", "缺少列"),
    "semicolons": (b"a;b\n1;2\n", "缺少列"),
    "one cell": (b"a,b\n1\n", "第 2 行"),
    "unknown id": (b"a,b\n1,2\n9,1\n", "第 3 行"),
    "open quote": (b'a,b\n1,"2\n', "第 2 行"),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-8"),
    "gbk": ("a,b\n1,鬓\n".encode("gbk"), "UTF-8"),
    "endless cell": (b"a,b\n1," + b"2" * 200_000, "p.csv"),
}

pytestmark = pytest.mark.slow


@pytest.fixture
def ask(triage: Triage) -> Triage:
    """Return `ask("dedupe", …)`: the command with the shipped models."""
    return lambda *words: triage(*words, "--models-dir", MODELS)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    lines = [{"id": "1", "text": "翠竹苑污水井冒水"}, {"id": "2", "text": "文昌路路灯不亮"}]
    path = tmp_path / "good.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.mark.parametrize("command", ["dedupe", "similar", "hot"])
@pytest.mark.parametrize("name", [*UNUSABLE, "a folder", "missing"])
def test_a_file_without_a_request_is_refused_and_nothing_written(
    ask: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    path, out = tmp_path / "x", tmp_path / "o"
    if name in UNUSABLE:
        path.write_bytes(UNUSABLE[name])
    elif name == "a folder":
        path.mkdir()
    words = {
        "dedupe": ("--input", path, "--output", out),
        "similar": ("--queries", path, "--pool", path, "--output", out),
        "hot": ("--input", path),
    }
    assert ask(command, *words[command]) == 2
    said = capsys.readouterr()
    assert "[file_unusable]" in said.err
    assert (said.out, out.exists()) == ("", False)


@pytest.mark.parametrize("name", ["empty", "a folder", "missing"])
def test_a_pool_without_a_request_is_refused_though_the_queries_are_sound(
    ask: Triage, tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    pool, out = tmp_path / "pool", tmp_path / "o"
    if name == "empty":
        pool.touch()
    elif name == "a folder":
        pool.mkdir()
    assert ask("similar", "--queries", good, "--pool", pool, "--output", out) == 2
    error = capsys.readouterr().err
    assert str(pool) in error
    assert "[file_unusable]" in error
    assert not out.exists()


@pytest.mark.parametrize("name", [*PAIRS, "a folder", "missing"])
def test_pairs_that_cannot_be_read_are_refused_and_nothing_written(
    ask: Triage, tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    pairs, out = tmp_path / "p.csv", tmp_path / "o"
    content, said = PAIRS.get(name, (b"", "无法读取"))
    if name == "a folder":
        pairs.mkdir()
    elif name != "missing":
        pairs.write_bytes(content)
    assert ask("dedupe", "--input", good, "--pairs", pairs, "--output", out) == 2
    error = capsys.readouterr().err
    assert str(pairs) in error
    assert said in error
    assert "[file_unusable]" in error
    assert not out.exists()


def test_of_no_pairs_nothing_is_said_and_of_one_twice_it_is_said_twice(
    ask: Triage, tmp_path: Path, good: Path
) -> None:
    pairs, out = tmp_path / "p.csv", tmp_path / "o"
    for content, count in ((b"a,b\n", 0), (b"a,b\n1,2\n1,2\n2,1\n", 3)):
        pairs.write_bytes(content)
        assert ask("dedupe", "--input", good, "--pairs", pairs, "--output", out) == 0
        assert len(out.read_bytes().splitlines()) == count


@pytest.mark.parametrize("command", ["dedupe", "similar"])
def test_an_output_makes_its_folders_and_is_no_folder_itself(
    ask: Triage, tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    read = {"dedupe": ("--input", good), "similar": ("--queries", good, "--pool", good)}[command]
    out = tmp_path / "not" / "yet" / "o"
    assert ask(command, *read, "--output", out) == 0
    assert out.is_file()
    before = good.read_bytes()
    for refused in (tmp_path, good / "below a file"):
        assert ask(command, *read, "--output", refused) == 2
        assert "[file_unusable]" in capsys.readouterr().err
    assert good.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["good.jsonl", "not"]


def test_nothing_that_is_read_is_written_over(
    ask: Triage, tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, out = good.read_bytes(), tmp_path / "o"
    for words in (
        ("dedupe", "--input", good, "--output", good),
        ("dedupe", "--input", good, "--output", out, "--groups", good),
        ("dedupe", "--input", good, "--output", out, "--groups", out),
        ("similar", "--queries", good, "--pool", good, "--output", good),
    ):
        assert ask(*words) == 2
        assert "请另写一个文件" in capsys.readouterr().err
    assert good.read_bytes() == before
    assert not out.exists()
