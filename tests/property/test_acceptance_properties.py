"""Whatever is written: safety words only raise urgency, and the gate always answers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.steps.acceptance import decide
from triage.steps.rule_file import DECISIONS
from triage.steps.rules import rule_book
from triage.steps.safety import SafetyResult, raise_urgency

TERMS = sorted(
    {term for rule in rule_book().rules for term in rule.triggers}
    | {term for rule in rule_book().rules for weight in rule.weights for term in weight.terms}
)
FILLERS = [
    "，",
    "。",
    " ",
    "现在",
    "去年",
    "没有",
    "如果",
    "快来人",
    "我",
    "物业",
    "\n",
    "😀",
    "龍",
]
anything = st.text(st.characters(exclude_categories=()), max_size=60)
rule_words = st.lists(st.sampled_from(TERMS + FILLERS), max_size=25).map("".join)
quick = settings(database=None)


@quick
@given(text=st.one_of(anything, rule_words), level=st.integers(0, 4))
def test_safety_words_only_raise_urgency(text: str, level: int) -> None:
    result = raise_urgency(text)
    assert result.raised(level) <= level
    assert result.level in {None, 0, 1, 2}


@given(found=st.none() | st.integers(0, 4), level=st.integers(0, 4))
def test_two_levels_meet_at_the_more_urgent(found: int | None, level: int) -> None:
    raised = SafetyResult(level=found).raised(level)
    assert raised == (level if found is None else min(found, level))


@quick
@given(text=st.one_of(anything, rule_words), title=st.one_of(st.just(""), anything, rule_words))
def test_the_gate_answers_any_text_and_points_into_it(text: str, title: str) -> None:
    result = decide(text, title=title)
    acceptance = result.acceptance
    assert acceptance.decision in {"ACCEPT", *DECISIONS}
    assert acceptance.needs_confirmation == (
        acceptance.decision not in {"ACCEPT", "EMERGENCY_HANDOFF"}
    )
    assert (acceptance.transfer_to is not None) == (acceptance.decision == "EMERGENCY_HANDOFF")
    assert (acceptance.route is not None) == (acceptance.decision == "STATUTORY_ROUTE")
    assert 0.0 <= acceptance.confidence <= 1.0
    assert set(result.risk_flags) <= {"SELF_HARM", "THREAT", "GATHERING"}
    assert all(text[item.start : item.end] == item.text for item in result.evidence)


@quick
@given(text=rule_words)
def test_a_request_with_a_risk_is_never_refused(text: str) -> None:
    result = decide(text)
    if result.risk_flags:
        assert result.acceptance.decision in {"ACCEPT", "EMERGENCY_HANDOFF"}


@quick
@given(text=rule_words)
def test_reading_twice_says_the_same(text: str) -> None:
    assert decide(text) == decide(text)
