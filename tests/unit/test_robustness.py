"""What noise costs: paired figures by kind, and whether the aim is reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from evaluation.page import to_markdown
from evaluation.perturbations.kinds import Noise
from evaluation.robustness import AIM, aim_of, measure_noise
from evaluation.robustness_page import robustness_page
from evaluation.truth import read_examples
from triage.pipeline import Pipeline


def blank(text: str, rng: np.random.Generator) -> str:
    """Leave nothing that the tiny model knows."""
    return "嗯" * len(text)


def same(text: str, rng: np.random.Generator) -> str:
    return text


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Path,
    write_labelled: Callable[..., Path],
) -> dict[str, Any]:
    data = write_labelled(tmp_path_factory.mktemp("noise") / "x.jsonl", 48)
    kinds = [Noise("nothing", "没有噪声", same), Noise(AIM, "全是嗯", blank, 0.05)]
    pipeline = Pipeline.from_model(tiny_model)
    return cast(
        dict[str, Any],
        measure_noise(pipeline, read_examples([data]), kinds, seed=1, resamples=50),
    )


def test_no_noise_changes_nothing(found: dict[str, Any]) -> None:
    kind = found["kinds"]["nothing"]
    assert set(kind["changed"].values()) == {0.0}
    assert kind["figures"]["topic"] == {"noisy": 1.0, "difference": 0.0, "interval": [0.0, 0.0]}
    assert kind["length"] == 1.0


def test_a_loss_is_noisy_less_clean(found: dict[str, Any]) -> None:
    figures = found["kinds"][AIM]["figures"]
    # the tiny model is right about all 48 requests, and undecided without any word it knows
    assert found["clean"]["topic"] == 1.0
    assert figures["topic"]["difference"] == figures["topic"]["noisy"] - 1
    assert figures["topic"]["interval"][1] < 0
    assert figures["urgent_found"]["noisy"] == 0.0


def test_the_aim_is_missed_by_the_largest_loss(found: dict[str, Any]) -> None:
    aim = cast(dict[str, Any], aim_of({"x": found}))
    assert aim["reached"] is False
    figures = found["kinds"][AIM]["figures"]
    losses = [-figures[n]["difference"] for n in ("topic", "topic_l1", "lead_unit", "request_type")]
    assert aim["worst"]["loss"] == max(losses)


def test_the_aim_is_not_judged_without_its_noise(found: dict[str, Any]) -> None:
    without = {**found, "kinds": {"nothing": found["kinds"]["nothing"]}}
    assert aim_of({"x": without})["worst"] is None
    assert aim_of({"x": without})["reached"] is False


def test_the_page_shows_every_kind_and_the_verdict(found: dict[str, Any]) -> None:
    report = {"model": "tiny-1", "aim": aim_of({"x": found}), "sets": {"x": found}}
    page = to_markdown(robustness_page(report))
    assert "未达到" in page
    assert page.count("| 全是嗯 | 5% |") == 3
