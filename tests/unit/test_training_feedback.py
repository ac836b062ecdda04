from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evaluation.truth import Example, read_examples
from training.feedback.harvest import harvest
from training.feedback.settling import Provenance, Settled, Word, settle
from training.feedback.units import rejecting_units
from triage.desk.actor import Actor
from triage.desk.amend import override
from triage.desk.moves import Wish
from triage.errors import UnusableFile
from triage.request import Json
from triage.store.histories import ended
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder, altered
from triage.workorder.projection import fold

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
A, B, C = "URBAN_MGMT", "ECOLOGY", "HOUSING"
REJECT: tuple[str, dict[str, Json]] = ("reject", {"reason": "WRONG_DUTY"})


def order_of(desk: Desk) -> WorkOrder:
    return altered(desk.taken(), suggested=A, topic="SR03", request_type="HELP")


def told(order: WorkOrder, *steps: tuple[str, dict[str, Json]]) -> Settled:
    events = [Event(order.id, Kind(kind), order.received_at, "x", body) for kind, body in steps]
    return settle(order, events)


def sent(kind: str, unit: str) -> tuple[str, dict[str, Json]]:
    return kind, {"unit": unit}


KEPT: tuple[str, dict[str, Json]] = ("reply", {})


@pytest.mark.parametrize(
    ("steps", "lead", "provenance"),
    [
        ([sent("dispatch", A), KEPT], A, Provenance.SILENCE),
        ([sent("dispatch", B), KEPT], B, Provenance.OVERRIDE),
        ([sent("dispatch", A), REJECT, sent("reassign", B), KEPT], B, Provenance.REASSIGNMENT),
        (
            [("override", {"lead": C}), sent("dispatch", A), REJECT, sent("reassign", B), KEPT],
            C,
            Provenance.OVERRIDE,
        ),
        (
            [("override", {"lead": C}), sent("dispatch", A), REJECT, sent("adjudicate", A), KEPT],
            A,
            Provenance.ADJUDICATION,
        ),
        ([sent("adjudicate", B), sent("designate", C)], C, Provenance.ADJUDICATION),
        ([("override", {"lead": B}), ("override", {"lead": C})], C, Provenance.OVERRIDE),
    ],
)
def test_the_higher_word_counts_and_of_the_same_rank_the_later(
    desk: Desk,
    steps: Sequence[tuple[str, dict[str, Json]]],
    lead: str,
    provenance: Provenance,
) -> None:
    found = told(order_of(desk), *steps).labels["lead_unit"]
    assert (found.value, found.provenance) == (lead, provenance)


def test_a_dispatch_that_was_rejected_or_that_waits_says_nothing(desk: Desk) -> None:
    order = order_of(desk)
    assert told(order, sent("dispatch", A)).labels == {}
    rejected = told(order, sent("dispatch", A), REJECT)
    assert (rejected.labels, rejected.rejects) == ({}, (A,))
    area = told(order, sent("dispatch", A), ("reject", {"reason": "WRONG_AREA"}))
    assert area.rejects == ()


def test_silence_confirms_topic_and_type_and_never_urgency_or_flags(desk: Desk) -> None:
    found = told(order_of(desk), sent("dispatch", A), KEPT)
    assert found.labels.keys() == {"lead_unit", "topic", "request_type"}
    corrected = told(
        order_of(desk),
        ("override", {"urgency": 1, "flags": ["SAFETY"], "topic": "ZF01"}),
        sent("dispatch", A),
        KEPT,
    )
    assert corrected.labels["urgency"] == Word(1, Provenance.OVERRIDE)
    assert corrected.labels["flags"] == Word(("SAFETY",), Provenance.OVERRIDE)
    assert corrected.labels["topic"] == Word("ZF01", Provenance.OVERRIDE)


def test_orders_that_were_merged_or_split_teach_nothing(desk: Desk) -> None:
    for more in ({"merged_into": "x"}, {"parts": ("x", "y")}):
        order = altered(order_of(desk), **more)
        assert told(order, sent("dispatch", A), KEPT) == Settled()


def test_a_unit_whose_rejects_are_mostly_overturned_is_noisy() -> None:
    kept = {"lead_unit": Word(B, Provenance.ADJUDICATION)}
    back = {"lead_unit": Word(A, Provenance.ADJUDICATION)}
    four = [Settled(back, (A,))] * 4
    assert [one.is_noisy for one in rejecting_units(four)] == [False]  # too few to say
    assert [one.is_noisy for one in rejecting_units([*four, Settled(kept, (A,))])] == [True]
    half = [Settled(back, (A,))] * 3 + [Settled(kept, (A,))] * 3
    (one,) = rejecting_units(half)
    assert (one.rejects, one.overturned, one.is_noisy) == (6, 3, False)
    assert rejecting_units([Settled({}, (A,))]) == []  # nobody knows how it ended


def test_a_noisy_unit_s_reject_halves_what_follows_from_it_and_nothing_else() -> None:
    assert Word(B, Provenance.REASSIGNMENT, A).weight({A}) == 0.4
    assert Word(B, Provenance.REASSIGNMENT, A).weight({B}) == 0.8
    assert Word(B, Provenance.ADJUDICATION, A).weight({A}) == 1.0


def closed(desk: Desk, text: str, **changes: Json) -> WorkOrder:
    """Take a request through to its end, overridden before."""
    order = desk.taken(text)
    if changes:
        override(desk.office, order.id, changes, reason="x", version=None, actor=CHIEF)
    unit = str(changes.get("lead") or A)
    return desk.go(
        order.id,
        Wish("DISPATCHED", unit=unit),
        Wish("HANDLING"),
        Wish("REPLIED", note=f"{text}：已派人到现场处理完毕"),
        Wish("FOLLOWED_UP", reason="SATISFIED"),
        Wish("CLOSED"),
    )


def test_ended_orders_become_examples_of_masked_texts(desk: Desk, tmp_path: Path) -> None:
    phone = "13800000000"
    order = closed(desk, f"楼下油烟太大，电话{phone}", topic="ZF01", lead=B)
    closed(desk, "考题：路灯坏了")
    desk.taken("还没有办结")
    out = tmp_path / "feedback.jsonl"
    found = harvest(desk.office.database, out, [Example("h", "", "考题：路灯坏了")])
    assert (found.orders, found.examples, found.skipped) == (2, 1, {"held_out": 1})
    (row,) = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert phone not in str(row)
    assert (row["id"], row["lead_unit"], row["topic"]) == (f"order-{order.id}", B, "ZF01")
    assert row["provenance"] == {
        "lead_unit": "override",
        "topic": "override",
        "request_type": "silence",
    }
    assert row["weight"] == 0.5  # as sure as its least sure label
    assert out.stat().st_mode & 0o777 == 0o600
    (example,) = read_examples([out])
    assert (example.lead_unit, example.topic, example.weight) == (B, "ZF01", 0.5)


@pytest.mark.parametrize("weight", [0, -1, 11, "1", True])
def test_a_weight_that_is_none_is_refused(tmp_path: Path, weight: object) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "路灯", "weight": weight}), "utf-8")
    with pytest.raises(UnusableFile, match="weight"):
        read_examples([path])


def test_events_fold_as_in_the_store(desk: Desk) -> None:
    """The steps above are what moves really write: a reject, then a kept reassignment."""
    closed(desk, "路灯坏了")
    with desk.office.database.read() as connection:
        ((order, entries),) = ended(connection)
    assert fold(entry.event for entry in entries) == order
