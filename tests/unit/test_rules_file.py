"""Reading rule files: what is wrong is said with the file and the rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import CatalogueError
from triage.steps.rule_file import RuleFiles, read_rules

HEAD = "effective = 2026-01-02\n"
EXCUSE = '[[excuse]]\nid = "past"\nclause = ["去年"]\n'
RULE = """
[[rule]]
id = "{id}"
confidence = 0.9
reason = "示例"
any = ["着火"]
hit = ["着火"]
miss = ["没有"]
"""


def read(folder: Path, *contents: str) -> RuleFiles:
    for number, content in enumerate(contents):
        (folder / f"{number}.toml").write_text(content, "utf-8")
    return read_rules(folder)


def test_the_version_is_the_latest_date_and_a_hash_of_the_content(tmp_path: Path) -> None:
    later = read(tmp_path, HEAD + RULE.format(id="a"), "effective = 2026-03-04\n").version
    other = read(tmp_path, HEAD + RULE.format(id="b"), "effective = 2026-03-04\n").version
    assert later.startswith("2026-03-04-")
    assert len(later) == len("2026-03-04-") + 8
    assert later != other


def test_an_empty_folder_has_no_rules(tmp_path: Path) -> None:
    assert read_rules(tmp_path).rules == ()


def test_rules_keep_the_order_of_files_and_of_lines(tmp_path: Path) -> None:
    files = read(
        tmp_path, HEAD + RULE.format(id="z") + RULE.format(id="y"), HEAD + RULE.format(id="a")
    )
    assert [rule.id for rule in files.rules] == ["z", "y", "a"]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("windw = 3\n", "windw 是未知字段"),
        ("reach = -1\n", "reach 应是非负整数"),
        ('unless = ["pst"]\n', "没有名为"),
        ('decision = "REFUSE"\n', "decision 是 REFUSE"),
        ('decision = "EMERGENCY_HANDOFF"\n', "transfer_to"),
        ('decision = "STATUTORY_ROUTE"\n', "route"),
        ('near = ["火"]\n', "near 应是列表的列表"),
        ("confirm = 0.1\n", "confirm 只能"),
        ("urgency = 1\nconfirm = 2\n", "confirm 应是 0 到 1 的数"),
        ('urgency = 1\nconfirm = 0.1\nrisk = ["THREAT"]\n', "confirm 只能"),
        ("threshold = 3\n[[rule.weight]]\npoints = 1\nany = ['火']\n", "恰有其一"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, extra: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message) as caught:
        read(tmp_path, HEAD + EXCUSE + RULE.format(id="fire") + extra)
    assert "0.toml" in caught.value.message
    assert "fire" in caught.value.message


@pytest.mark.parametrize("field", ["reason", "confidence", "hit", "miss", "any"])
def test_a_missing_field_is_refused(tmp_path: Path, field: str) -> None:
    lines = [line for line in RULE.format(id="a").splitlines() if not line.startswith(field)]
    with pytest.raises(CatalogueError):
        read(tmp_path, HEAD + "\n".join(lines))


def test_a_scored_rule_needs_points_that_count(tmp_path: Path) -> None:
    scored = RULE.format(id="a").replace('any = ["着火"]\n', "threshold = 3\ncore = 1\n")
    with pytest.raises(CatalogueError, match="points 应是非零整数"):
        read(tmp_path, HEAD + scored + "[[rule.weight]]\npoints = 0\nany = ['火']\n")


def test_one_id_is_one_rule(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="重复"):
        read(tmp_path, HEAD + RULE.format(id="a") + RULE.format(id="a"))


def test_a_named_list_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="词表 lift"):
        read(tmp_path, HEAD + "[terms]\nlift = ['梯']\n", HEAD + "[terms]\nlift = ['梯']\n")


@pytest.mark.parametrize("content", ["not toml", "a = 1\n"])
def test_a_file_that_is_no_rule_file_is_named(tmp_path: Path, content: str) -> None:
    with pytest.raises(CatalogueError, match=r"0\.toml"):
        read(tmp_path, content)
