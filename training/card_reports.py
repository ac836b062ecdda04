"""The reports that go onto the card: read from a folder, and turned into sections.

A report says which model it measured; one of another model is left out and named on the card. How
models explain themselves is measured on fold models too, so those sections name their model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.card_figures import Figures
from training.card_sections import SECTIONS, evaluation
from triage.errors import UnusableFile

EVALUATIONS = {
    "default_gold_dev": "两人标注并裁定的真实留言",
    "default_heldout": "自写留出样本",
    "default_heldout_spoken": "自写口语留出样本",
    "heldout_spoken": "自写口语留出样本",
}
"""Reports of `triage evaluate` by file name, and what they were measured on."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports by name; `other` are those of another model, with its version."""

    found: Mapping[str, Figures] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)


def read_reports(folder: Path, version: str) -> Reports:
    """Read the reports of a folder that the card knows; what is not there is not there.

    Raises
    ------
    UnusableFile
        A report is no JSON object.
    """
    found: dict[str, Figures] = {}
    other: dict[str, str] = {}
    for name in (*EVALUATIONS, *SECTIONS):
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        report = read_report(path)
        measured = report.get("model", version)
        if measured == version:
            found[name] = report
        else:
            other[name] = str(measured)
    return Reports(found, other)


def read_report(path: Path) -> Figures:
    """Read one report."""
    try:
        report = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableFile(f"报告 {path} 无法读取：{error}；请重新运行测量命令") from error
    if not isinstance(report, dict):
        raise UnusableFile(f"报告 {path} 不是 JSON 对象：请重新运行测量命令")
    return report


def sections(reports: Mapping[str, Figures]) -> list[tuple[str, list[str]]]:
    """Return title and lines of every report, evaluations first.

    Raises
    ------
    UnusableFile
        A report lacks what its section shows.
    """
    found: list[tuple[str, list[str]]] = []
    for name, report in reports.items():
        title, show = SECTIONS.get(name, (EVALUATIONS.get(name, name), evaluation))
        try:
            found.append((title, show(report)))
        except (KeyError, TypeError, AttributeError) as error:
            raise UnusableFile(
                f"报告 {name} 缺少 {error}：可能由旧版本写出，请重新运行测量命令"
            ) from error
    return found
