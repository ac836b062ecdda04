"""docs/configuration.md names every option of `triage serve` and every variable that is read."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from serving.commands import serve

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/configuration.md").read_text("utf-8")
VARIABLE = re.compile(r"\bTRIAGE_[A-Z_]+\b")


def options() -> set[str]:
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    return {
        option
        for action in parser._actions
        if action.help != argparse.SUPPRESS
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }


def shown(pattern: str) -> set[str]:
    return set(re.findall(rf"^\| `({pattern})`", DOCUMENT, re.MULTILINE))


def test_every_option_has_its_row_and_no_row_is_left_over() -> None:
    assert shown("--[a-z0-9-]+") == options()


def test_every_variable_that_the_code_reads_is_named() -> None:
    read = {
        name
        for room in ("triage", "serving")
        for path in (ROOT / room).rglob("*.py")
        for name in VARIABLE.findall(path.read_text("utf-8"))
    }
    assert read - set(VARIABLE.findall(DOCUMENT)) == set()


def test_the_example_configuration_sets_only_what_is_documented() -> None:
    example = (ROOT / "deploy/triage.env").read_text("utf-8")
    assert set(VARIABLE.findall(example)) <= set(VARIABLE.findall(DOCUMENT))


def test_units_start_commands_with_options_that_exist() -> None:
    unit = (ROOT / "deploy/triage.service").read_text("utf-8")
    [start] = re.findall(r"^ExecStart=(.*?[^\\])$", unit, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"--[a-z0-9-]+", start)) <= options()
