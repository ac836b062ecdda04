from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from triage.errors import UnusableFile
from triage.store.anchors import Anchor, add_anchor, read_anchors
from triage.store.chain import Difference
from triage.store.database import Database
from triage.store.ledger import GENESIS, Head, append, chained, entries, head_of
from triage.store.tables import intake_key, ledger, ledger_head, order_unit, queue_entry, work_order
from triage.store.verify import Verification, verify
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder

NOW = datetime(2026, 3, 9, tzinfo=UTC)
# The lives of tests/fixtures/lives.py: 2, 4, 8 and 3 events, so of two rounds seq runs to 34;
# W0001 has 1-2, W0002 has 3-6, W0003 has 7-14, W0004 has 15-17, W0005 has 18-19.


@pytest.fixture
def filled(database: Database, fill_database: Callable[..., list[WorkOrder]]) -> Database:
    fill_database(database, 8)
    return database


def places(database: Database, *anchors: Anchor) -> set[tuple[int, str, str]]:
    return {(one.seq, one.order_id, one.field) for one in verify(database, anchors)}


def anchor_of(database: Database) -> Anchor:
    with database.read() as connection:
        return Anchor(head_of(connection), NOW)


def set_event(database: Database, seq: int, **values: object) -> None:
    with database.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == seq).values(**values))


def set_order(database: Database, order_id: str, **values: object) -> None:
    with database.write() as connection:
        connection.execute(update(work_order).where(work_order.c.id == order_id).values(**values))


def rechain(connection: Connection) -> None:
    """Compute the whole chain anew, as someone would who knows how it is made."""
    last, seq = GENESIS, 0
    for entry in list(entries(connection)):
        seq, last = entry.seq, chained(last, entry.seq, entry.event, entry.digest)
        connection.execute(update(ledger).where(ledger.c.seq == seq).values(hash=last))
    connection.execute(update(ledger_head).values(seq=seq, hash=last))


def test_a_sound_ledger_has_no_differences(filled: Database) -> None:
    seen = Verification()
    assert list(verify(filled, [anchor_of(filled)], seen=seen)) == []
    assert (seen.events, seen.orders, seen.unfolded) == (34, 8, 0)


def test_an_empty_ledger_has_no_differences(database: Database) -> None:
    assert list(verify(database, [anchor_of(database)])) == []


@pytest.mark.parametrize(
    ("column", "value", "at_5", "of_order"),
    [
        ("actor", "u2", "hash", ""),
        ("at", NOW, "hash", ""),  # what it set stands no more: the rejection came after
        ("kind", "handle", "hash", "region level holders dispatches first_receiver"),
        ("kind", "no such kind", "hash", "events"),
        ("digest", bytes(32), "body hash", ""),
        ("body", '{"unit":"U09"}', "body", "lead region level holders first_receiver"),
        ("body", "[]", "body", "events"),
        ("body", "not json", "body", "events"),
    ],
)
def test_a_tampered_event_is_found_with_its_place_and_what_it_changes(
    filled: Database, column: str, value: object, at_5: str, of_order: str
) -> None:
    set_event(filled, 5, **{column: value})  # the dispatch of W0002, whose last event is 6
    fields = {one if one == "events" else f"document.{one}" for one in of_order.split()}
    assert places(filled) == {
        *((5, "W0002", field) for field in at_5.split()),
        *((6, "W0002", field) for field in fields),
    }


def test_a_tampered_hash_breaks_the_link_on_both_sides(filled: Database) -> None:
    set_event(filled, 5, hash=bytes(32))
    assert places(filled) == {(5, "W0002", "hash"), (6, "W0002", "hash")}


def test_an_event_moved_to_another_order_is_found(filled: Database) -> None:
    set_event(filled, 5, order_id="W0001")
    assert (5, "W0001", "hash") in places(filled)


@pytest.mark.parametrize(("gone", "missing"), [([5], "5"), ([5, 6, 7], "5–7"), ([1], "1")])
def test_deleted_events_are_found(filled: Database, gone: list[int], missing: str) -> None:
    with filled.write() as connection:
        connection.execute(delete(ledger).where(ledger.c.seq.in_(gone)))
    found = [one for one in verify(filled) if one.field == "seq"]
    assert [(one.seq, one.message) for one in found] == [(gone[0], f"缺少事件 {missing}")]


def test_a_tail_cut_off_is_found_by_the_head(filled: Database) -> None:
    with filled.write() as connection:
        connection.execute(delete(ledger).where(ledger.c.seq > 31))
    assert (34, "", "head") in places(filled)


def cut(database: Database, after: int) -> None:
    """Take the last orders away with all that was made of them, and mend the head."""
    with database.write() as connection:
        last = connection.execute(select(ledger.c.hash).where(ledger.c.seq == after)).scalar()
        connection.execute(update(ledger_head).values(seq=after, hash=last))
        connection.execute(delete(ledger).where(ledger.c.seq > after))
        left = select(ledger.c.order_id)
        connection.execute(delete(queue_entry).where(queue_entry.c.order_id.not_in(left)))
        connection.execute(delete(intake_key).where(intake_key.c.order_id.not_in(left)))
        connection.execute(delete(work_order).where(work_order.c.id.not_in(left)))


def test_a_tail_cut_off_with_its_head_is_found_by_an_anchor_alone(filled: Database) -> None:
    anchor = anchor_of(filled)
    cut(filled, after=31)  # W0008 has 32-34
    assert places(filled) == set()
    assert places(filled, anchor) == {(34, "", "anchor")}


def test_a_history_written_anew_is_found_by_an_anchor_alone(filled: Database) -> None:
    anchor = anchor_of(filled)
    set_event(filled, 4, actor="someone else")
    with filled.write() as connection:
        rechain(connection)
    assert places(filled) == set()
    assert places(filled, anchor) == {(34, "W0008", "anchor")}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"state": "CLOSED"}, {"state"}),
        ({"is_open": False}, {"is_open"}),
        ({"due_at": NOW}, {"due_at"}),
        ({"lead": "U09", "version": 7}, {"lead", "version"}),
        ({"document": "{}"}, {"document"}),
        ({"document": "x"}, {"document"}),
    ],
)
def test_an_edited_column_is_found(
    filled: Database, values: dict[str, object], fields: set[str]
) -> None:
    set_order(filled, "W0002", **values)
    assert places(filled) == {(6, "W0002", field) for field in fields}


def test_an_edited_document_is_found_field_by_field(filled: Database) -> None:
    with filled.read() as connection:
        text = connection.execute(
            select(work_order.c.document).where(work_order.c.id == "W0002")
        ).scalar_one()
    edited = json.loads(text) | {"reply": "已解决", "rejects": 0, "more": 1}
    set_order(filled, "W0002", document=json.dumps(edited))
    assert places(filled) == {
        (6, "W0002", f"document.{field}") for field in ("reply", "rejects", "more")
    }


def test_an_order_deleted_or_invented_is_found(filled: Database) -> None:
    with filled.write() as connection:
        for beside in (intake_key, order_unit):
            connection.execute(delete(beside).where(beside.c.order_id == "W0002"))
        connection.execute(update(work_order).where(work_order.c.id == "W0002").values(id="W9999"))
    assert places(filled) == {(6, "W0002", "work_order"), (0, "W9999", "ledger")}


def test_a_body_taken_away_without_a_record_is_found(filled: Database) -> None:
    set_event(filled, 5, body=None)
    assert places(filled) == {(0, "", "body/dispatch")}


def test_reading_and_system_events_change_no_order(filled: Database) -> None:
    with filled.write() as connection:
        append(connection, [Event("W0002", Kind.READ, NOW, "u1", {"purpose": "x"})])
        append(connection, [Event("", Kind.MODE, NOW, "u1", {"mode": "EMERGENCY"})])
    assert places(filled) == set()


def test_times_that_no_calendar_knows_are_findings_and_no_crash(filled: Database) -> None:
    with filled.write() as connection:
        connection.exec_driver_sql("UPDATE ledger SET at = 9000000000000000000 WHERE seq = 5")
        connection.exec_driver_sql(
            "UPDATE work_order SET due_at = 9000000000000000000 WHERE id = 'W0002'"
        )
    assert places(filled) == {
        (5, "W0002", "hash"),
        (6, "W0002", "due_at"),
        (6, "W0002", "events"),
    }


def test_verification_sees_one_moment_while_the_service_goes_on(filled: Database) -> None:
    found: Iterator[Difference] = verify(filled)
    set_event(filled, 5, actor="u2")
    first = next(found)
    with filled.write() as connection:
        append(connection, [Event("", Kind.MODE, NOW, "u1", {})])
        assert connection.execute(select(func.count()).select_from(ledger)).scalar() == 35
    assert [(one.seq, one.field) for one in (first, *found)] == [(5, "hash")]


def test_anchors_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "锚点" / "台账.jsonl"
    anchors = (Anchor(Head(3, bytes(range(32))), NOW), Anchor(Head(9, bytes(32)), NOW))
    for anchor in anchors:
        add_anchor(path, anchor)
    assert read_anchors(path) == anchors


@pytest.mark.parametrize("text", ["", "{}\n", '{"seq": 1, "hash": "zz", "at": "2026-03-09"}\n'])
def test_a_damaged_anchor_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "anchors.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match="triage ledger anchor"):
        read_anchors(path)
    with pytest.raises(UnusableFile, match="无法读取锚点文件"):
        read_anchors(tmp_path / "none.jsonl")


def test_a_difference_says_where_it_is() -> None:
    assert str(Difference(5, "W1", "hash", "不符")) == "seq 5 工单 W1，hash：不符"
    assert str(Difference(0, "", "head", "不符")) == "台账，head：不符"


def test_a_unit_that_was_let_in_or_shut_out_beside_the_ledger_is_found(filled: Database) -> None:
    with filled.write() as connection:
        connection.execute(
            insert(order_unit).values(order_id="W0001", unit="ECOLOGY", role="LEAD", is_open=True)
        )
        connection.execute(delete(order_unit).where(order_unit.c.order_id == "W0002"))
    assert places(filled) == {(2, "W0001", "order_unit"), (6, "W0002", "order_unit")}
