"""A report is never sent to the unit that it accuses, on the shipped model."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.pipeline import Pipeline
from triage.request import CitizenRequest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline.load(ROOT / "models")


@pytest.mark.parametrize(
    "other",
    ["另外，夜间施工噪声大", "还有，门口路灯坏了半个月", "另外，户外广告牌的灯光刺眼", ""],
)
def test_the_accused_unit_is_nowhere_among_the_suggestions(pipeline: Pipeline, other: str) -> None:
    text = f"举报城管局执法人员收钱包庇商户。{other}"
    [prediction] = pipeline.triage([CitizenRequest("1", text)])
    assert prediction.accused == ("URBAN_MGMT",)
    suggested = {unit.code for unit in prediction.units if unit.confidence > 0}
    suggested |= {unit.code for unit in prediction.support}
    for matter in prediction.matters:
        suggested |= {matter.lead.code} if matter.lead else set()
        suggested |= {unit.code for unit in matter.support}
    assert "URBAN_MGMT" not in suggested
    assert prediction.duty is None or not prediction.duty.decided
