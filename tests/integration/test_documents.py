"""The documents tell the truth: every command and option they show exists, figures are current."""

from __future__ import annotations

import ast
import os
import re
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from evaluation.figures import readme_with_figures
from triage.cli import main

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "README.en.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = sorted(point.name for point in entry_points(group="triage.commands"))
SHOWN = re.compile(r"(?:^|[`&|] *)triage +([a-z][a-z-]+)([^`|&#\n]*)", re.MULTILINE)


def shown_commands() -> list[tuple[str, str, str]]:
    return [
        (path.name, match[1], match[2])
        for path in DOCUMENTS
        for match in SHOWN.finditer(path.read_text("utf-8"))
    ]


ACTIONS = re.compile(r"\{([a-z,-]+)\}")
"""How a help lists the actions of a command."""


def help_of(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with suppress(SystemExit):  # a help is shown, then the parser leaves
        assert main([*words, "--help"]) == 2
    said = capsys.readouterr()
    if "额外的依赖" in said.err:
        pytest.skip(f"triage {words[0]} needs an extra that is not installed")
    assert said.out.startswith("usage: triage")
    return said.out


def test_documents_show_only_commands_that_exist() -> None:
    shown = {command for _, command, _ in shown_commands()}
    assert {"predict", "serve", "import", "train", "publish", "mask"} <= shown
    assert shown <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_options_in_documents_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="training commands need the train extra")
    actions = ACTIONS.search(help_of([command], capsys))
    for _, shown, words in shown_commands():
        if shown != command:
            continue
        first = (words.split() or [""])[0]
        below = [first] if actions and first in actions[1].split(",") else []
        text = help_of([command], capsys) + (help_of([command, *below], capsys) if below else "")
        used = re.findall(r"--[a-z][a-z-]+", words)
        assert [option for option in used if option not in text] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_a_runnable_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="training commands need the train extra")
    assert f"triage {command} " in help_of([command], capsys)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        (path.name, target)
        for path in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_figures_in_the_readme_are_those_of_the_reports() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme_with_figures(readme, ROOT / "evaluation/results", ROOT / "models") == readme


def tree() -> str:
    """Return docs/tree.md: one line a Python file of the four rooms, from its docstring."""
    lines = ["# 文件树 / The tree, one line a file", ""]
    for room in ("triage", "training", "evaluation", "serving"):
        lines += [f"## {room}/", ""]
        for path in sorted((ROOT / room).rglob("*.py")):
            said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            lines.append(f"- `{path.relative_to(ROOT)}` {said.split(chr(10))[0]}")
        lines.append("")
    return "\n".join(lines)


def test_the_tree_is_current() -> None:
    path = ROOT / "docs/tree.md"
    if os.environ.get("UPDATE_DOCUMENTS"):
        path.write_text(tree(), "utf-8")
    assert path.read_text("utf-8") == tree(), (
        "run: UPDATE_DOCUMENTS=1 pytest tests/integration/test_documents.py"
    )
