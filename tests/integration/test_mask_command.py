"""`triage mask` as a user meets it: exit codes, what is written, what is kept."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from triage.cli import main
from triage.text.mask import unmask


def run(tmp_path: Path, *lines: str, options: tuple[str, ...] = ()) -> int:
    source = tmp_path / "x.jsonl"
    source.write_text("\n".join(lines) + "\n", "utf-8")
    return main(["mask", "--input", str(source), "--output", str(tmp_path / "y.jsonl"), *options])


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_clean_lines_exit_0_and_keep_no_originals(tmp_path: Path) -> None:
    code = run(
        tmp_path,
        '{"id": "1", "text": "我叫秦海燕，电话13500112233"}',
        '{"id": "2", "text": "路灯不亮", "title": "不读的键"}',
    )
    assert code == 0
    assert records(tmp_path / "y.jsonl") == [
        {
            "id": "1",
            "text": "我叫<姓名1>，电话<手机号1>",
            "spans": [
                {"start": 2, "end": 5, "type": "NAME"},
                {"start": 8, "end": 19, "type": "PHONE"},
            ],
        },
        {"id": "2", "text": "路灯不亮", "spans": []},
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.jsonl", "y.jsonl"]


def test_a_line_that_cannot_be_read_becomes_an_error_and_the_run_goes_on(tmp_path: Path) -> None:
    code = run(
        tmp_path,
        "13500112233",
        '{"id": "2", "text": 5}',
        "",
        '{"text": "没有编号"}',
        '{"id": "3", "text": "好"}',
        "{",
    )
    assert code == 1
    lines = records(tmp_path / "y.jsonl")
    assert [(line["id"], line.get("line")) for line in lines] == [
        (None, 1),
        ("2", 2),
        (None, 4),
        ("3", None),
        (None, 6),
    ]
    errors = [line["error"] for line in lines if "error" in line]
    assert [error["code"] for error in errors] == [  # type: ignore[index]
        "not_an_object",
        "field_type",
        "field_missing",
        "json_invalid",
    ]
    assert "13500112233" not in (tmp_path / "y.jsonl").read_text("utf-8")


def test_the_vault_is_for_its_owner_only_and_brings_the_originals_back(tmp_path: Path) -> None:
    text = "打135 0011 2233或13500112233"
    vault = tmp_path / "vault.jsonl"
    code = run(tmp_path, json.dumps({"id": "1", "text": text}), options=("--vault", str(vault)))
    assert code == 0
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600
    (kept,) = records(vault)
    (line,) = records(tmp_path / "y.jsonl")
    assert unmask(str(line["text"]), kept["vault"]) == text  # type: ignore[arg-type]


def test_a_file_that_cannot_be_used_exits_2_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "y.jsonl"
    out.write_text("旧的", "utf-8")
    assert main(["mask", "--input", str(tmp_path / "none"), "--output", str(out)]) == 2
    assert "没有这个文件" in capsys.readouterr().err
    assert run(tmp_path, "{}", options=("--vault", str(out))) == 2
    assert "同一个文件" in capsys.readouterr().err
    assert out.read_text("utf-8") == "旧的"


def test_an_output_that_cannot_be_written_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "y.jsonl").mkdir()
    assert run(tmp_path, '{"id": "1", "text": "好"}') == 2
    assert "无法写入" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
