"""Every code by which an error is known to machines stands in the documents."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
A_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")


def codes_of(tree: ast.AST) -> Iterator[str]:
    """Give what a class says is its `code`, and what is raised with a code first."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                    yield from _words(line.value)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            yield from _words(node.exc.args[0])


def _words(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        value = one.value if isinstance(one, ast.Constant) else None
        if isinstance(value, str) and A_CODE.fullmatch(value):
            yield value


def test_every_error_code_is_documented() -> None:
    documents = "\n".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))
    named = set(re.findall(r"`([a-z_]+)`", documents))
    codes = {
        code
        for room in ("triage", "serving")
        for path in (ROOT / room).rglob("*.py")
        for code in codes_of(ast.parse(path.read_text("utf-8")))
    }
    assert {"order_stale", "unit_accused", "notices_refused"} <= codes  # of both ways to say it
    assert sorted(codes - named) == []
