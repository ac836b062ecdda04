from __future__ import annotations

from datetime import UTC, datetime, timedelta

from triage.request import Json
from triage.workorder.disputes import Precedent, Rejection, grounds_of, rank_precedents
from triage.workorder.events import Event, Kind

START = datetime(2026, 3, 2, tzinfo=UTC)


def event(kind: Kind, hours: int = 0, **body: Json) -> Event:
    return Event("W1", kind, START + timedelta(hours=hours), "u", body)


SAID = event(
    Kind.PREDICTION,
    units=[{"code": "A", "confidence": 0.7}, {"code": "B", "confidence": 0.2}],
    duty={"code": "D1", "lead": "C", "support": ["B"], "excluded": ["A"], "clause": "油烟归 C"},
    elements={"object": "油烟"},
)
HISTORY = [
    SAID,
    event(Kind.DISPATCH, 1, unit="A"),
    event(Kind.REJECT, 2, reason="WRONG_DUTY", basis="不属我局"),
    event(Kind.REASSIGN, 3, unit="X"),
    event(Kind.REJECT, 4, reason="WRONG_AREA", basis="不在我区"),
    event(Kind.OBJECT, 5),
]


def precedent(order_id: str, days: int = 0, **more: object) -> Precedent:
    facts = {"region": "", "object": "", "parties": (), "unit": "A"} | more
    at = START + timedelta(days=days)
    return Precedent(order_id, "T1", basis="依据", ruled_at=at, **facts)  # type: ignore[arg-type]


def test_candidates_are_the_ranked_units_the_clauses_lead_and_whoever_rejected() -> None:
    grounds = grounds_of(HISTORY)
    assert [(one.unit, one.confidence, one.by_duty) for one in grounds.candidates] == [
        ("A", 0.7, "excluded"),
        ("B", 0.2, "support"),
        ("C", None, "lead"),
        ("X", None, ""),
    ]
    assert grounds.object == "油烟"
    assert grounds.clause is not None
    assert grounds.clause["clause"] == "油烟归 C"


def test_each_rejection_stands_with_the_unit_that_had_the_order() -> None:
    grounds = grounds_of(HISTORY)
    assert grounds.rejections == (
        Rejection("A", "WRONG_DUTY", "不属我局", START + timedelta(hours=2)),
        Rejection("X", "WRONG_AREA", "不在我区", START + timedelta(hours=4)),
    )
    assert [len(one.rejections) for one in grounds.candidates] == [1, 0, 0, 1]


def test_an_accused_unit_is_no_candidate() -> None:
    assert [one.unit for one in grounds_of(HISTORY, ["A", "C"]).candidates] == ["B", "X"]


def test_without_a_prediction_those_who_rejected_remain() -> None:
    grounds = grounds_of(HISTORY[1:])
    assert [one.unit for one in grounds.candidates] == ["A", "X"]
    assert grounds.clause is None


def test_texts_that_retention_took_away_leave_empty_grounds() -> None:
    bare = [Event(one.order_id, one.kind, one.at, one.actor, {}) for one in HISTORY]
    grounds = grounds_of(bare)
    assert grounds.candidates == ()
    assert [one.reason for one in grounds.rejections] == ["", ""]


def test_precedents_are_ranked_by_object_parties_and_place() -> None:
    ranked = rank_precedents(
        [
            precedent("new", 9),
            precedent("place", region="500103"),
            precedent("party", parties=("B", "C")),
            precedent("thing", object="餐饮油烟"),
        ],
        region="500103",
        object_="油烟",
        parties=("B",),
    )
    assert [one.precedent.order_id for one in ranked] == ["thing", "party", "place", "new"]
    assert ranked[0].reasons == ("同一主题", "同类对象：餐饮油烟")


def test_of_equal_precedents_the_newest_comes_first_and_no_more_than_asked() -> None:
    ranked = rank_precedents(
        [precedent("a", 1), precedent("b", 2), precedent("c", 3)],
        region="",
        object_="",
        parties=(),
        limit=2,
    )
    assert [one.precedent.order_id for one in ranked] == ["c", "b"]


def test_a_ruling_that_did_not_last_comes_last_and_says_so() -> None:
    ranked = rank_precedents(
        [
            precedent("again", object="油烟", region="500103", is_overturned=True),
            precedent("plain", days=-9),
            precedent("", publisher="渝中区", days=-9),
        ],
        region="500103",
        object_="油烟",
        parties=(),
    )
    assert [one.precedent.order_id for one in ranked] == ["plain", "", "again"]
    assert ranked[1].reasons[-1] == "采纳自渝中区"
    assert ranked[2].reasons[-1] == "裁定后再次争议"
