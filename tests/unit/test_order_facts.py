from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.desk.clocks import PolicyClocks
from triage.request import Json
from triage.workorder.events import Event, Kind
from triage.workorder.order_facts import (
    HOTLINE,
    MERGED,
    OTHER,
    SPLIT,
    Holder,
    Measure,
    OrderFacts,
    Rate,
    Rules,
    facts_of,
)
from triage.workorder.policy_file import load_policy
from triage.workorder.projection import fold
from triage.workorder.working_calendar import WorkingCalendar
from triage.workorder.working_hours import WorkingHours

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""
DUE = START + timedelta(days=5)
URBAN = Holder("URBAN_MGMT", "500103", "district")
ECOLOGY = Holder("ECOLOGY", "500103", "district")
CALENDAR = WorkingCalendar()
CLOCKS = PolicyClocks(load_policy(), CALENDAR)
Life = list[tuple[float, Kind, dict[str, Json]]]


def sent(hours: float, unit: Holder = URBAN, kind: Kind = Kind.DISPATCH) -> Life:
    body: dict[str, Json] = {"unit": unit.line, "region": unit.region, "level": unit.level}
    return [(hours, kind, body)]


def handled(hours: float) -> Life:
    return [(hours, Kind.HANDLE, {})]


def replied(hours: float) -> Life:
    return [(hours, Kind.REPLY, {"note": "已处理"})]


def rejected(hours: float) -> Life:
    return [(hours, Kind.REJECT, {"reason": "WRONG_DUTY", "basis": "非本单位职责"})]


def asked(hours: float, outcome: str) -> Life:
    return [(hours, Kind.FOLLOW_UP, {"reason": outcome}), (hours, Kind.CLOSE, {})]


def facts(*lives: Life, now: float = 24, due: datetime = DUE, **intake: Json) -> OrderFacts:
    """Return the facts of an order to which these things happened, hours after it came in."""
    body: dict[str, Json] = {
        "received_at": START.isoformat(), "due_at": due.isoformat(), "query_code": "Q", **intake
    }  # fmt: skip
    events = [Event("W1", Kind.INTAKE, START, "system", body)]
    events.append(
        Event("W1", Kind.SUGGEST, START, "system",
              {"topic": "SR03", "request_type": "COMPLAINT", "urgency": 2})
    )  # fmt: skip
    for hours, kind, more in (step for life in lives for step in life):
        events.append(Event("W1", kind, START + timedelta(hours=hours), "u", more))
    rules = Rules(
        START + timedelta(hours=now), CLOCKS.deadline, WorkingHours(CALENDAR), {"SR03": "市容环卫"}
    )
    return facts_of(fold(events), events, rules)


def marks(found: OrderFacts, rate: Rate) -> list[tuple[Holder, bool]]:
    return [(holder, hit) for one, holder, hit in found.marks if one is rate]


def spans(found: OrderFacts) -> dict[Measure, float]:
    return {measure: value for measure, _, value in found.spans}


def test_an_order_that_is_neither_answered_nor_due_says_nothing_of_answering() -> None:
    found = facts(sent(1), handled(2))
    assert marks(found, Rate.RESPONSE) == marks(found, Rate.OVERDUE) == []
    assert found.stratum == ("市容环卫", 2, "COMPLAINT")
    assert found.month == "2026-03"


def test_an_answer_in_time_is_a_response_and_not_late() -> None:
    found = facts(sent(1), handled(2), replied(10))
    assert marks(found, Rate.RESPONSE) == [(URBAN, True)]
    assert marks(found, Rate.OVERDUE) == [(URBAN, False)]


@pytest.mark.parametrize(("hours", "late"), [(5 * 24 - 0.01, False), (5 * 24, True)])
def test_an_order_is_late_from_its_deadline_on(hours: float, late: bool) -> None:
    found = facts(sent(1), handled(2), replied(hours), now=200)
    assert marks(found, Rate.OVERDUE) == [(URBAN, late)]


def test_an_order_that_is_due_without_an_answer_counts_against_who_holds_it() -> None:
    found = facts(sent(1), handled(2), now=5 * 24)
    assert marks(found, Rate.RESPONSE) == [(URBAN, False)]
    assert marks(found, Rate.OVERDUE) == [(URBAN, True)]


def test_an_order_in_time_by_its_pause_is_not_late() -> None:
    pause: Life = [(3, Kind.PAUSE, {"reason": next(iter(CLOCKS.policy.periods[0].pauses))})]
    due = START + timedelta(hours=4)
    stands = facts(sent(1), handled(2), pause, now=5, due=due)
    assert marks(stands, Rate.OVERDUE) == []
    assert marks(facts(sent(1), handled(2), now=5, due=due), Rate.OVERDUE) == [(URBAN, True)]


def test_a_reply_that_was_sent_back_is_no_answer() -> None:
    redo: Life = [(11, Kind.REDO, {"reason": "答非所问"})]
    found = facts(sent(1), handled(2), replied(10), redo, now=6 * 24)
    assert marks(found, Rate.RESPONSE) == [(URBAN, False)]
    assert Measure.HANDLING not in spans(found)


@pytest.mark.parametrize(
    ("outcome", "resolved", "satisfied"),
    [
        ("SATISFIED", [True], [True]),
        ("NEUTRAL", [True], [False]),
        ("DISSATISFIED", [False], [False]),
        ("UNREACHABLE", [], []),  # nobody said anything
    ],
)
def test_follow_ups_give_resolution_and_satisfaction(
    outcome: str, resolved: list[bool], satisfied: list[bool]
) -> None:
    found = facts(sent(1), handled(2), replied(10), asked(20, outcome))
    assert [hit for _, hit in marks(found, Rate.RESOLUTION)] == resolved
    assert [hit for _, hit in marks(found, Rate.SATISFACTION)] == satisfied


def test_an_order_that_was_opened_again_was_not_resolved() -> None:
    again: Life = [(30, Kind.REOPEN, {"order": "W2"})]
    found = facts(sent(1), handled(2), replied(10), asked(20, "SATISFIED"), again)
    assert marks(found, Rate.RESOLUTION) == [(URBAN, False)]
    assert marks(found, Rate.SATISFACTION) == [(URBAN, True)]


def test_a_rejected_dispatch_is_its_unit_s_and_the_first_was_wrong() -> None:
    second = sent(9, ECOLOGY, Kind.REASSIGN)
    found = facts(sent(1), rejected(5), second, handled(10))
    assert marks(found, Rate.REJECT) == [(URBAN, True), (ECOLOGY, False)]
    assert marks(found, Rate.FIRST_DISPATCH) == [(URBAN, False)]
    assert found.holder == ECOLOGY
    # two dispatches; the second came nine hours after the request
    assert spans(found) == {Measure.HOPS: 2.0, Measure.TO_UNIT: 9.0}


def test_a_unit_that_was_right_to_get_it_is_found_by_a_ruling() -> None:
    objected: Life = [(6, Kind.OBJECT, {})]
    ruled = sent(8, URBAN, Kind.ADJUDICATE)
    found = facts(sent(1), rejected(5), objected, ruled, handled(9))
    assert marks(found, Rate.FIRST_DISPATCH) == [(URBAN, True)]


def test_a_dispatch_that_was_taken_back_is_no_reject_but_a_hop() -> None:
    found = facts(sent(1), sent(2, ECOLOGY, Kind.REASSIGN), handled(3))
    assert marks(found, Rate.REJECT) == [(ECOLOGY, False)]
    assert spans(found)[Measure.HOPS] == 2.0


def test_a_designated_unit_could_not_reject() -> None:
    found = facts(sent(1), rejected(2), [(3, Kind.OBJECT, {})], sent(4, ECOLOGY, Kind.DESIGNATE))
    assert marks(found, Rate.REJECT) == [(URBAN, True)]
    assert spans(found)[Measure.HOPS] == 2.0


def test_a_dispatch_that_nobody_has_settled_yet_says_nothing() -> None:
    found = facts(sent(1))
    assert marks(found, Rate.REJECT) == marks(found, Rate.FIRST_DISPATCH) == []
    assert found.spans == ()


def test_what_the_hotline_answers_itself_is_the_hotline_s() -> None:
    found = facts(replied(3))
    assert found.holder == Holder(HOTLINE, "", "hotline")
    assert marks(found, Rate.RESPONSE) == [(found.holder, True)]
    after_reject = facts(sent(1), rejected(2), replied(4))
    assert after_reject.holder.line == HOTLINE
    assert marks(after_reject, Rate.REJECT) == [(URBAN, True)]


def test_handling_counts_working_hours_from_the_competent_unit_without_pauses() -> None:
    reason = next(iter(CLOCKS.policy.periods[0].pauses))
    pause: Life = [(3, Kind.PAUSE, {"reason": reason}), (5, Kind.RESUME, {})]
    found = facts(sent(1), handled(2), pause, replied(26))
    # Monday 10:00 to 17:00 is seven hours, two of them paused; Tuesday 9:00 to 11:00 two more
    assert spans(found)[Measure.HANDLING] == 7.0


def test_who_came_before_comes_again() -> None:
    assert [hit for _, hit in marks(facts(repeats=2), Rate.REPEAT)] == [True]
    assert [hit for _, hit in marks(facts(parent_id="W0"), Rate.REPEAT)] == [True]
    assert [hit for _, hit in marks(facts(), Rate.REPEAT)] == [False]


def test_exclusions_are_codes_and_rules() -> None:
    said: Life = [
        (2, Kind.EXCLUSION, {"reason": "FORCE_MAJEURE"}),
        (2, Kind.EXCLUSION, {"reason": "张三说不算"}),
    ]
    assert facts(said).exclusions == ("FORCE_MAJEURE", OTHER)
    assert facts([(2, Kind.MERGE, {"into": "W9"})]).exclusions == (MERGED,)
    assert facts([(2, Kind.SPLIT, {"parts": ["W8", "W9"]})]).exclusions == (SPLIT,)
