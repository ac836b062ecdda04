"""Lesser records go when their time is over, and never while they still work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, insert, select

from triage.store.alarm_tables import alarm
from triage.store.database import Database
from triage.store.dispute_tables import dispute
from triage.store.event_tables import event_member
from triage.store.job_tables import job
from triage.store.ledger import entries
from triage.store.outgoing_tables import delivery, outbox, webhook
from triage.store.policy import Policy, RecordClass, load_policy
from triage.store.retention import due, retain
from triage.store.shadow_tables import shadow
from triage.store.tables import reply_print
from triage.store.verify import verify
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOTICE = {
    "channel": "phone", "template": "REPLIED", "created_at": START, "attempts": 1, "error": "",
}  # fmt: skip
DELIVERY = {"webhook_id": "H1", "attempts": 3, "created_at": START, "next_at": START, "error": ""}
JOB = {
    "kind": "intake", "arguments": "{}", "created_by": "u1", "created_at": START, "runner": "",
    "attempts": 1, "cancel_wanted": False, "done": 0, "total": 0, "message": "", "log": "",
}  # fmt: skip
CASE = {
    "number": 1, "opened_at": START, "opened_by": "u1", "ruling_due": START, "topic": "SR03",
    "region": "", "object": "", "parties": "[]", "interim_lead": "", "kind": "", "unit": "",
    "support": "[]", "basis": "", "ruled_by": "", "rule_id": "",
}  # fmt: skip
MEMBER = {
    "event_id": "W0001", "received_at": START, "problem": "SR03|油烟", "why": "judged",
    "actor": "system", "at": START, "probability": 0.9, "judge": "m", "seq": 1,
}  # fmt: skip
# Of tests/fixtures/lives.py W0001 stays open, W0003 is closed and W0004 merged on the first day.
ALARM = {
    "kind": "outbreak", "series": "city:", "area": "", "outcome": "", "version": 1,
    "opened_at": START, "seen_at": START, "merged_into": "", "document": "{}",
}  # fmt: skip
ROWS: dict[RecordClass, tuple[Table, list[dict[str, object]]]] = {
    RecordClass.NOTICES: (
        outbox,
        [
            NOTICE | {"id": "sent", "order_id": "W1", "seq": 1, "state": "SENT", "next_at": START},
            NOTICE | {"id": "late", "order_id": "W1", "seq": 2, "state": "DEAD",
                      "next_at": START + 5 * DAY},
            NOTICE | {"id": "waits", "order_id": "W1", "seq": 3, "state": "WAITING",
                      "next_at": START},
        ],
    ),
    RecordClass.DELIVERIES: (
        delivery,
        [
            DELIVERY | {"seq": 1, "state": "DELIVERED"},
            DELIVERY | {"seq": 2, "state": "DEAD", "created_at": START + 5 * DAY},
            DELIVERY | {"seq": 3, "state": "RETRYING"},
            DELIVERY | {"seq": 4, "state": "QUEUED"},
        ],
    ),
    RecordClass.JOBS: (
        job,
        [
            JOB | {"id": "J1", "state": "failed", "finished_at": START},
            JOB | {"id": "J2", "state": "done", "finished_at": START + 5 * DAY},
            JOB | {"id": "J3", "state": "running", "finished_at": None},
            JOB | {"id": "J4", "state": "queued", "finished_at": None},
        ],
    ),
    RecordClass.DISPUTES: (
        dispute,
        [
            CASE | {"order_id": "W0003", "state": "ruled"},
            CASE | {"order_id": "W0001", "state": "ruled"},
            CASE | {"order_id": "W0004", "state": "open"},
        ],
    ),
    RecordClass.REPLY_PRINTS: (
        reply_print,
        [
            {"order_id": "W0003", "digest": bytes(32), "at": START},
            {"order_id": "W0001", "digest": bytes(32), "at": START + 5 * DAY},
        ],
    ),
    RecordClass.SHADOW_PREDICTIONS: (
        shadow,
        [
            {"model": "m", "order_id": "W0001", "seq": 2, "said": "{}", "at": START},
            {"model": "m", "order_id": "W0002", "seq": 4, "said": "{}", "at": START + 5 * DAY},
        ],
    ),
    RecordClass.ALARMS: (
        alarm,
        [
            ALARM | {"id": "A1", "state": "CLOSED", "closed_at": START},
            ALARM | {"id": "A2", "state": "MERGED", "closed_at": START + 5 * DAY},
            ALARM | {"id": "A3", "state": "OPEN", "closed_at": None},
        ],
    ),
    RecordClass.EVENT_GROUPS: (
        event_member,
        [
            MEMBER | {"order_id": "W0003"},
            MEMBER | {"order_id": "W0001"},
        ],
    ),
}  # fmt: skip
"""Of each class the first row has run out after three days, the others have not or still work."""


@pytest.fixture
def filled(database: Database, fill_database: Callable[..., list[WorkOrder]]) -> Database:
    fill_database(database, 4, start=START)
    hook = {
        "id": "H1", "url": "https://city.example/hook", "events": "[]", "active": True,
        "created_by": "u1", "created_at": START, "sent_seq": 0, "cipher": "", "key_id": "k1",
        "nonce": b"", "sealed": b"",
    }  # fmt: skip
    with database.write() as connection:
        connection.execute(outbox.delete())  # what the four orders' own lives have left
        connection.execute(insert(webhook).values(**hook))
        for table, rows in ROWS.values():
            for row in rows:
                connection.execute(insert(table).values(**row))
    return database


@pytest.mark.parametrize("one", list(ROWS), ids=lambda one: str(one.value))
def test_what_is_over_goes_and_what_works_stays(filled: Database, one: RecordClass) -> None:
    table, rows = ROWS[one]
    policy = Policy({one: 2 * DAY})
    now = START + 4 * DAY
    keys = [column.name for column in table.primary_key.columns]
    assert [outcome.count for outcome in due(filled, policy, now)] == [1]
    assert [outcome.count for outcome in retain(filled, policy, now, batch=1)] == [1]
    with filled.read() as connection:
        left = connection.execute(select(*table.primary_key.columns)).all()
        purges = [each.event for each in entries(connection) if each.event.kind is Kind.PURGE]
    assert {tuple(row) for row in left} == {tuple(row[name] for name in keys) for row in rows[1:]}
    assert [(purge.body["class"], purge.body["count"]) for purge in purges] == [(one.value, 1)]
    assert list(verify(filled)) == []


def test_the_shipped_periods_leave_all_of_it_for_half_a_year(filled: Database) -> None:
    lesser = Policy({one: period for one, period in load_policy().periods.items() if one in ROWS})
    counts = {one.record_class: one.count for one in due(filled, lesser, START + 184 * DAY)}
    assert counts == dict.fromkeys(ROWS, 0)
