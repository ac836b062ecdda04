"""Noisy copies of training requests: other sentences than those that measure, labels kept."""

from __future__ import annotations

from importlib.resources import files

import pytest

pytest.importorskip("sklearn", reason="needs the training extra")

import tomllib

from evaluation.truth import Example
from training.noise import noisy_copies

pytestmark = pytest.mark.train
EXAMPLES = [
    Example(str(i), "油烟", f"楼下油烟很大，没人管{i}。", topic="SR03", flags=("VULN",))
    for i in range(200)
]


def read(package: str, *path: str) -> dict[str, list[str]]:
    return tomllib.loads(files(package).joinpath(*path).read_text("utf-8"))


def test_copies_keep_the_matter_and_the_labels_but_say_nothing_of_flags() -> None:
    copies, rows = noisy_copies(EXAMPLES, 0.5)
    assert 70 < len(copies) < 130
    for copy, row in zip(copies, rows.tolist(), strict=True):
        assert (copy.title, copy.topic, copy.flags) == ("油烟", "SR03", None)
        assert "楼下油烟很大" in copy.text
        assert copy.text.endswith(f"{row}。") or len(copy.text) > len(EXAMPLES[row].text)
    assert any(copy.text.startswith("我") for copy in copies)


def test_the_same_examples_give_the_same_copies() -> None:
    assert noisy_copies(EXAMPLES, 0.3)[0] == noisy_copies(EXAMPLES, 0.3)[0]


def test_no_share_makes_no_copies() -> None:
    copies, rows = noisy_copies(EXAMPLES, 0.0)
    assert (copies, len(rows)) == ([], 0)


def test_no_sentence_that_is_learned_is_measured_with() -> None:
    learned = read("training", "data", "noise.toml")
    measured = read("evaluation.perturbations", "data", "chatter.toml")
    added = read("evaluation", "data", "counterfactuals.toml")["added"]
    words = {*measured["lines"], *measured["again"], *(row["text"] for row in added)}  # type: ignore[index]
    assert not words & {*learned["chatter"], *learned["people"]}
