"""The model card: Chinese first, generated, and no figure on it that no report holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from evaluation.truth import Example
from training.card import write_card
from training.card_reports import Reports, read_reports, sections
from training.card_sections import SECTIONS
from training.confusion_examples import Confusion, with_examples
from triage.errors import UnusableFile
from triage.model.model import Model

SHARE, COUNT = 0.7654, 4321
DECISION: dict[str, Any] = {
    "accuracy": SHARE,
    "macro_f1": SHARE,
    "ece": SHARE,
    "n": COUNT,
    "interval": {"accuracy": [SHARE, SHARE]},
}
SELECTION = {"0.07654": {"coverage": SHARE, "risk": SHARE, "oracle_coverage": SHARE}}
MANIFEST: dict[str, Any] = {
    "version": "city-abc",
    "examples": COUNT,
    "data_sha256": "f",
    "split": "group",
    "metrics": {
        "all": {"topic": {**DECISION, "selection": SELECTION}},
        "note": {"topic": DECISION},
    },
}
FOUND = {"n": COUNT, "found": COUNT, "share": SHARE}
GAP = {"difference": SHARE, "interval": [SHARE, SHARE]}
SAFETY = {"recall": FOUND, "recall_0": FOUND, "recall_1": FOUND, "false_alarms": FOUND}
DISPUTE = {"n": COUNT, "lead_accuracy": SHARE, "lead_top3": SHARE, "support_f1": SHARE}
QUESTION = {"n": COUNT, "recall": SHARE, "precision": SHARE, "not_asked_when_same": SHARE}
REPORTS: dict[str, dict[str, Any]] = {
    "default_gold_dev": {
        "n": COUNT,
        "decisions": {"topic": DECISION},
        "selection": {"topic": SELECTION},
        "abstention": {"share": SHARE, "topic_accuracy_answered": SHARE},
    },
    "life_safety": {"cases": {"all": SAFETY}, "spoken": None, "messages": {"out_of_fold": SAFETY}},
    "dispatch": {"disputes": {"all": {"model": DISPUTE, "with_catalogue": DISPUTE}}},
    "matters": {"exact": SHARE, "by_kind": {"two": {"n": COUNT}}},
    "evidence": {
        "x": {
            "model": "fold",
            "decisions": {
                "topic": {
                    "with_evidence": COUNT, "drop": SHARE, "random_drop": SHARE,
                    "difference": SHARE, "difference_interval": [SHARE, SHARE],
                }
            },
        }
    },
    "questions": {"x": {"model": "fold", "scores": {"place": QUESTION}}},
    "robustness": {
        "sets": {
            "x": {
                "n": COUNT,
                "kinds": {
                    "asr": {
                        "title": "同音错字",
                        "rate": None,
                        "figures": {
                            name: GAP
                            for name in (
                                "topic", "topic_l1", "lead_unit", "request_type",
                                "urgent_found", "abstain",
                            )
                        },
                    }
                },
            }
        }
    },
    "fairness": {
        "flagged": [
            {"set": "x", "group": "style:note", "figure": "topic", "gap": SHARE,
             "interval": [SHARE, SHARE], "matched": SHARE, "reason": "坐席记录短"}
        ],
        "sets": {
            "x": {
                "wording": {
                    "old": {
                        "title": "老人换成年轻人",
                        "n": COUNT,
                        "changed": {n: {"share": SHARE} for n in ("topic", "lead_unit", "level")},
                        "urgent_lost": SHARE,
                    }
                }
            }
        },
    },
    "masking": {"overall": {"precision": SHARE}},
    "elements": {"overall": {"f1": SHARE}},
}  # fmt: skip
AGREEMENT = {
    "n": COUNT,
    "decisions": {"topic": {"title": "主题", "agreement": SHARE, "kappa": SHARE}},
}
ALLOWED = {"0.765", "4321", "76.5", "+76.5", "8%"}
"""How SHARE and COUNT, and an accepted risk of 0.07654, may stand on the card."""


def card(folder: Path, **changes: object) -> str:
    values: dict[str, Any] = {
        "reports": Reports(REPORTS),
        "confusions": [Confusion("SR03", "HJ01", COUNT, SHARE, "楼下油烟很大", True)],
        "names": {"SR03": "餐饮油烟"},
        "agreement": AGREEMENT,
        **changes,
    }
    write_card(folder, MANIFEST, "# 来源\n\n自写样本", **values)
    return (folder / "card.md").read_text("utf-8")


def test_every_figure_on_the_card_comes_from_a_report(tmp_path: Path) -> None:
    text = card(tmp_path)
    for code in ("sha256", "SR03", "HJ01", "micro-F1", "macro-F1", "协办 F1", ".f1", "`f`"):
        text = text.replace(code, "")
    figures = re.findall(r"[+-]?\d+(?:\.\d+)?%?", text)
    assert len(figures) > 80
    assert set(figures) <= ALLOWED


def test_every_report_has_its_section(tmp_path: Path) -> None:
    text = card(tmp_path)
    assert set(SECTIONS) <= set(REPORTS)
    for title, _ in SECTIONS.values():
        assert f"## {title}" in text
    assert text.index("把一段中文诉求") < text.index("In English")


def test_what_it_is_bad_at_stands_with_an_invented_example(tmp_path: Path) -> None:
    line = next(line for line in card(tmp_path).splitlines() if "HJ01" in line)
    assert line == "| 餐饮油烟 SR03 | HJ01 | 4321 | 0.765 | 楼下油烟很大（模型也认错） |"


def test_a_bare_manifest_makes_a_card_without_empty_sections(tmp_path: Path) -> None:
    text = card(tmp_path, reports=None, confusions=(), agreement=None)
    assert "## 不擅长什么" not in text
    assert "## 标签的局限" in text
    assert "## 何时不要用" in text
    titles = re.findall(r"^## .*\n\n## ", text, re.M)
    assert titles == []


def test_the_notice_does_not_break_the_outline(tmp_path: Path) -> None:
    assert "\n### 来源\n" in card(tmp_path)


def test_a_report_of_another_model_is_left_out_and_named(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    write(results / "robustness.json", {"model": "city-old", **REPORTS["robustness"]})
    write(results / "fairness.json", {"model": "city-abc", **REPORTS["fairness"]})
    write(results / "masking.json", REPORTS["masking"])
    found = read_reports(results, "city-abc")
    assert set(found.found) == {"fairness", "masking"}
    assert found.other == {"robustness": "city-old"}
    assert "- robustness：city-old" in card(tmp_path, reports=found)


def test_a_report_of_another_shape_is_refused_by_name() -> None:
    with pytest.raises(UnusableFile, match="robustness 缺少 'sets'"):
        sections({"robustness": {"model": "x"}})


def test_the_example_is_the_one_the_model_takes_most_for_the_other(tiny_model: Path) -> None:
    rows = [
        Example("1", "", "楼下油烟很大", topic="SR03"),
        Example("2", "", "物业不管楼下馆子的事", topic="SR03"),
        Example("3", "", "物业不管", topic="ZF01"),
    ]
    wanted = [
        {"truth": "SR03", "guess": "ZF01", "count": 3, "share": 0.5},
        {"truth": "GY01", "guess": "ZF01", "count": 1, "share": 0.1},
    ]
    first, second = with_examples(wanted, Model.load(tiny_model), rows)
    assert (first.example, first.says) == ("物业不管楼下馆子的事", True)
    assert (second.example, second.says) == (None, None)


def write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value), "utf-8")


def test_cells_cannot_break_a_table(tmp_path: Path) -> None:
    confusion = Confusion("SR03", "HJ01", 1, 0.5, "甲|乙")
    text = card(tmp_path, confusions=[confusion], names=cast(Mapping[str, str], {}))
    assert "甲\\|乙" in text
