"""`triage predict` as its user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.cli import main


def predict(tmp_path: Path, model: Path, lines: list[bytes], *more: str) -> tuple[int, list[dict]]:  # type: ignore[type-arg]
    source, target = tmp_path / "x.jsonl", tmp_path / "y.jsonl"
    source.write_bytes(b"\n".join(lines) + b"\n")
    words = ["predict", "--input", str(source), "--output", str(target), "--model", str(model)]
    code = main([*words, *more])
    return code, [json.loads(line) for line in target.read_text("utf-8").splitlines()]


def line(**fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def test_one_answer_per_line_in_order(tmp_path: Path, tiny_model: Path) -> None:
    code, answers = predict(
        tmp_path, tiny_model, [line(id=i, text="楼下油烟很大") for i in (3, 1, 2)]
    )
    assert code == 0
    assert [answer["id"] for answer in answers] == ["3", "1", "2"]


def test_broken_lines_become_errors_and_the_run_goes_on(tmp_path: Path, tiny_model: Path) -> None:
    lines = [
        line(id="a", text="路灯不亮"),
        b"{not json",
        b"",
        line(id="b"),
        line(id="c", text=7),
        b'{"id": "\\ud800", "text": ""}',
        line(id=True, text="路灯不亮"),
        line(id="d", text="路灯不亮"),
    ]
    code, answers = predict(tmp_path, tiny_model, lines)
    assert code == 1
    assert len(answers) == len(lines)
    failed = [(answer["line"], answer["error"]["code"]) for answer in answers if "error" in answer]
    assert [number for number, _ in failed] == [2, 3, 4, 5, 6, 7]
    assert failed[2][1] == "field_missing"
    assert answers[3]["id"] == "b"
    assert answers[7]["topics"][0]["code"] == "SZ01"


def test_processes_give_the_same_answers_in_the_same_order(
    tmp_path: Path, tiny_model: Path
) -> None:
    lines = [line(id=i, text=f"第{i}号楼停水，路灯也不亮") for i in range(1100)]
    _, alone = predict(tmp_path, tiny_model, lines, "--jobs", "1")
    _, together = predict(tmp_path, tiny_model, lines, "--jobs", "2")
    assert alone == together
    assert [answer["id"] for answer in together] == [str(i) for i in range(1100)]


def test_masked_text_is_returned_on_request(tmp_path: Path, tiny_model: Path) -> None:
    _, [answer] = predict(
        tmp_path, tiny_model, [line(id=1, text="我的电话13812345678")], "--with-text"
    )
    assert answer["text"] == "我的电话<手机号1>"


@pytest.mark.parametrize(
    "words",
    [
        ["--input", "absent.jsonl", "--output", "y.jsonl", "--model", "{model}"],
        ["--input", "{source}", "--output", "y.jsonl", "--model", "absent"],
        ["--input", "{source}", "--output", "y.jsonl", "--models-dir", "absent"],
        ["--input", "{source}", "--output", "y.jsonl", "--model", "{model}", "--catalogue", "no"],
    ],
)
def test_unusable_input_exits_2_and_writes_nothing(
    tmp_path: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "x.jsonl"
    source.write_bytes(line(id=1, text="路灯不亮"))
    filled = [word.format(source=source, model=tiny_model) for word in words]
    assert main(["predict", *filled]) == 2
    assert "triage:" in capsys.readouterr().err
    assert not (tmp_path / "y.jsonl").exists()


def test_the_requests_are_never_written_over(tmp_path: Path, tiny_model: Path) -> None:
    source = tmp_path / "x.jsonl"
    source.write_bytes(line(id=1, text="路灯不亮"))
    words = ["predict", "--input", str(source), "--output", str(source)]
    assert main([*words, "--model", str(tiny_model)]) == 2
    assert source.read_bytes() == line(id=1, text="路灯不亮")


def test_an_empty_file_and_a_folder_as_output_are_refused(tmp_path: Path, tiny_model: Path) -> None:
    source = tmp_path / "x.jsonl"
    source.touch()
    words = ["predict", "--input", str(source), "--model", str(tiny_model), "--output"]
    assert main([*words, str(tmp_path / "y.jsonl")]) == 2
    source.write_bytes(line(id=1, text="路灯不亮"))
    assert main([*words, str(tmp_path)]) == 2
