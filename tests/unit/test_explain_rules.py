"""Decisions that rules and signs gave: which rules, and every place that they hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.explain import ExplainingPipeline
from triage.explain.edits import without
from triage.explain.explanation import Decided
from triage.explain.rule_hits import LOOKS, by_signs, hits
from triage.model.features import Document
from triage.request import CitizenRequest
from triage.steps.acceptance import decide
from triage.steps.rules import Match, sign_book

HAZARD = "立交桥下头那个限高架歪起的，今天大车一挂要倒不倒，下面车子排起队，快派人来"
LEAK = "家里煤气正在泄漏，快来人。"


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> ExplainingPipeline:
    return ExplainingPipeline.from_model(tiny_model)


def decided(pipeline: ExplainingPipeline, text: str, step: str) -> Decided:
    decisions = pipeline.explain(CitizenRequest("1", text)).decisions
    return next(item for item in decisions if item.step == step)


def is_handed_over(match: Match) -> bool:
    return match.rule.decision == "EMERGENCY_HANDOFF"


def test_an_urgency_that_signs_raised_names_the_sign_and_its_words(
    pipeline: ExplainingPipeline,
) -> None:
    # no word of the tiny model: P(level <= 1) = sigmoid(-2) = 0.12 confirms the sign (0.1) and
    # is far below the level's own threshold
    urgency = decided(pipeline, HAZARD, "urgency")
    assert urgency.code == "1"
    assert [rule.id for rule in urgency.rules] == ["sign-hazard"]
    assert urgency.rules[0].reason.startswith("设施、房屋、山体")
    assert {item.source for item in urgency.grounds} == {"rule"}
    assert "歪" in "".join(item.span.text for item in urgency.grounds)
    assert all(HAZARD[i.span.start : i.span.end] == i.span.text for i in urgency.grounds)
    assert urgency.without is not None
    assert urgency.without < urgency.confidence


def test_what_the_signs_hit_is_all_of_it(pipeline: ExplainingPipeline) -> None:
    found = hits(Document("", HAZARD), lambda match: True, by_signs({1: 0.2}))
    left = without(Document("", HAZARD), found.places).text
    assert sign_book().scan(HAZARD)
    assert not sign_book().scan(left)


def test_an_urgency_of_facts_names_the_rule(pipeline: ExplainingPipeline) -> None:
    acceptance = decided(pipeline, LEAK, "acceptance")
    assert acceptance.rules
    assert decided(pipeline, LEAK, "urgency").rules
    published = acceptance.to_json()["rules"]
    assert published == [{"id": rule.id, "reason": rule.reason} for rule in acceptance.rules]


def test_a_decision_of_the_model_names_no_rule(pipeline: ExplainingPipeline) -> None:
    assert decided(pipeline, "停水了", "urgency").rules == ()


@pytest.mark.parametrize("times", [1, LOOKS - 1, 5 * LOOKS])
def test_words_of_a_rule_are_found_however_often_they_are_repeated(times: int) -> None:
    document = Document("", LEAK * times)
    found = hits(document, is_handed_over)
    assert sum(wording.text == "煤气" for wording in found.wordings) <= 1
    assert decide(document.text).acceptance.decision == "EMERGENCY_HANDOFF"
    assert decide(without(document, found.places).text).acceptance.decision == "ACCEPT"


def test_where_no_rule_speaks_nothing_is_hit() -> None:
    found = hits(Document("路灯", "路灯不亮"), is_handed_over)
    assert (found.wordings, found.rules, found.places) == ((), (), ())
