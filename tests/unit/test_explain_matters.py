"""What a single matter gave to the whole is explained by that matter, with places of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.explain import ExplainingPipeline
from triage.explain.edits import Place
from triage.explain.evidence import Carried, Wording
from triage.explain.explanation import Decided
from triage.explain.parts import Part
from triage.model.features import Document
from triage.model.second_matter import FEATURES, SecondMatter
from triage.request import CitizenRequest, Matter, Topic, Urgency

TWO = "楼下餐馆油烟很大，天天呛人。另外小区门口停水三天了，没人管"
CALM = "请问工资什么时候发。另外小区门口停水没人管"
"""请问 speaks against level 2 as much as 停水 speaks for it: the whole alone is less urgent."""
BY_SCORE = np.zeros(FEATURES, np.float32)
BY_SCORE[1] = 10.0  # the candidate's own score for the whole document
TOPIC = Topic("SR03", "餐饮油烟", None, None, 1.0)


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> ExplainingPipeline:
    pipeline = ExplainingPipeline.from_model(tiny_model)
    pipeline.model.second = SecondMatter(BY_SCORE, 0.0, np.zeros((7, 7), np.float32), 0.5, 0.5, 0.5)
    return pipeline


def decided(pipeline: ExplainingPipeline, text: str, step: str, code: str) -> Decided:
    decisions = pipeline.explain(CitizenRequest("1", text)).decisions
    [found] = [item for item in decisions if (item.step, item.code) == (step, code)]
    return found


def topics(pipeline: ExplainingPipeline, text: str) -> list[str]:
    return [m.topic.code for m in pipeline.triage([CitizenRequest("1", text)])[0].matters]


def test_a_support_that_leads_another_matter_is_explained_by_that_matter(
    pipeline: ExplainingPipeline,
) -> None:
    # WATER_CO is no label of the supports' head at all: only the lead's head can speak for it
    support = decided(pipeline, TWO, "support", "WATER_CO")
    assert [item.span.text for item in support.grounds] == ["停水"]
    assert support.grounds[0].span.start == TWO.index("停水")
    assert support.grounds[0].source == "model"
    assert support.matter == topics(pipeline, TWO).index("GY01")
    assert support.without is not None
    assert support.without < support.confidence
    assert support.to_json()["matter"] == support.matter


def test_a_support_of_the_whole_is_explained_by_its_own_head(pipeline: ExplainingPipeline) -> None:
    support = decided(pipeline, TWO, "support", "ECOLOGY")
    assert support.matter is None
    assert [item.span.text for item in support.grounds] == ["油烟"]


def test_an_urgency_of_the_whole_is_explained_by_the_whole(pipeline: ExplainingPipeline) -> None:
    level = pipeline.triage([CitizenRequest("a", CALM)])[0].urgency.level
    urgency = decided(pipeline, CALM, "urgency", str(level))
    assert len(topics(pipeline, CALM)) == 2
    assert urgency.matter is None


def test_places_of_a_part_are_moved_into_the_whole() -> None:
    matter = Matter(TOPIC, ((2, 5), (8, 11)), Urgency())
    part = Part.of(1, matter, Document("题", "零一二三四五六七八九十"))
    assert part.document == Document("", "二三四八九十")
    within = (Place("text", 1, 3), Place("text", 3, 4))
    carried = part.in_whole(Carried((Wording("x", within, 0.5),), 0.1))
    assert carried.places == (Place("text", 3, 5), Place("text", 8, 9))
    assert carried.wordings[0].drop == 0.5


def test_a_wording_over_the_joint_of_two_spans_stands_nowhere() -> None:
    matter = Matter(TOPIC, ((0, 2), (4, 6)), Urgency())
    part = Part.of(0, matter, Document("", "零一二三四五"))
    assert part.in_whole(Carried((Wording("一四", (Place("text", 1, 3),)),))).wordings == ()
