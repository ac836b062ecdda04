from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from triage.errors import UnusableFile
from triage.store import retention
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.event_tables import event_member
from triage.store.key_file import create_key, read_keys
from triage.store.ledger import append, entries
from triage.store.orders import find
from triage.store.policy import Policy, RecordClass, RetentionRefusal, load_policy
from triage.store.queue import oldest_page
from triage.store.retention import due, retain
from triage.store.tables import intake_key, queue_entry, vault, work_order
from triage.store.vault import Field, Vault
from triage.store.verify import Verification, verify
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
# Of the eight orders of tests/fixtures/lives.py W0003 and W0007 are closed (8 events each), W0004
# and W0008 merged (3 events each), within the first day; the other four stay open.


@pytest.fixture
def filled(
    database: Database, fill_database: Callable[..., list[WorkOrder]], tmp_path: Path
) -> Database:
    """Eight orders, an original of each, and W0001 read on day 0 and on day 100."""
    create_key(tmp_path / "keys.json", CipherName.AES, now=START)
    safe = Vault(read_keys(tmp_path / "keys.json"))
    orders = fill_database(database, 8, start=START)
    with database.write() as connection:
        for order in orders:
            safe.seal(connection, order.id, {Field.PHONE: "13800138000"}, START)
        for day in (0, 100):
            read = Event("W0001", Kind.READ, START + day * DAY, "u1", {"purpose": "核对"})
            append(connection, [read])
    return database


def counts(database: Database, now: datetime) -> dict[str, int]:
    return {one.record_class.value: one.count for one in due(database, load_policy(), now)}


def apply(database: Database, now: datetime, *, batch: int = 1_000) -> dict[str, int]:
    done = retain(database, load_policy(), now, batch=batch)
    return {one.record_class.value: one.count for one in done}


def purges(database: Database) -> list[dict[str, object]]:
    with database.read() as connection:
        return [
            dict(entry.event.body)
            for entry in entries(connection)
            if entry.event.kind is Kind.PURGE
        ]


def test_nothing_goes_before_its_time(filled: Database) -> None:
    assert set(apply(filled, START + DAY).values()) == {0}
    assert purges(filled) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # intake keys after 30 days; places left after 7: every change of rank or end leaves one
        (40, {"intake_keys": 8, "queue_places": 18}),
        (1097, {"intake_keys": 8, "queue_places": 18, "vault_originals": 4, "access_logs": 1}),
        (1197, {"intake_keys": 8, "queue_places": 18, "vault_originals": 4, "access_logs": 2}),
        (
            3652,
            {
                "intake_keys": 8,
                "queue_places": 18,
                "vault_originals": 4,
                "access_logs": 2,
                "order_texts": 4,
            },
        ),
    ],
)
def test_what_is_announced_is_what_goes_and_the_chain_still_verifies(
    filled: Database, days: int, expected: dict[str, int]
) -> None:
    now = START + days * DAY
    with filled.read() as connection:
        left = select(func.count()).where(queue_entry.c.to_seq.is_not(None))
        expected = expected | {"queue_places": int(connection.execute(left).scalar_one())}
    announced = counts(filled, now)
    assert {name: count for name, count in announced.items() if count} == expected
    assert apply(filled, now) == announced
    assert list(verify(filled)) == []
    assert set(counts(filled, now).values()) == {0}


def test_originals_go_with_ended_orders_and_stay_with_open_ones(filled: Database) -> None:
    apply(filled, START + 1097 * DAY)
    with filled.read() as connection:
        kept = connection.execute(select(vault.c.order_id).order_by(vault.c.order_id)).scalars()
        assert list(kept) == ["W0001", "W0002", "W0005", "W0006"]
        assert find(connection, "W0003").text == "小区门口第 3 盏路灯不亮"


def test_texts_of_ended_orders_go_from_ledger_and_present_state(filled: Database) -> None:
    apply(filled, START + 3652 * DAY)
    with filled.read() as connection:
        found = list(entries(connection))
        gone = find(connection, "W0003")
        kept = find(connection, "W0002")
        columns = connection.execute(select(work_order).where(work_order.c.id == "W0003")).one()
    emptied = {entry.event.order_id for entry in found if entry.is_purged}
    assert emptied == {"W0001", "W0003", "W0004", "W0007", "W0008"}  # of W0001 the two reads
    assert sum(entry.is_purged for entry in found) == 8 + 8 + 3 + 3 + 2
    assert (gone.title, gone.text, gone.reply, gone.requester) == ("", "", "", "")
    assert columns.requester == ""
    assert (gone.state, gone.lead, gone.outcome) == ("CLOSED", "U03", "SATISFIED")
    assert kept.text == "小区门口第 2 盏路灯不亮"
    seen = Verification()
    assert list(verify(filled, seen=seen)) == []
    assert seen.unfolded == 4


def test_words_that_an_older_purge_left_in_the_event_groups_go_too(filled: Database) -> None:
    apply(filled, START + 3652 * DAY)
    row = {
        "received_at": START, "problem": "SR03|路灯", "why": "began", "actor": "system",
        "at": START, "probability": 1.0, "judge": "", "seq": 1,
    }  # fmt: skip
    members = [{**row, "order_id": one, "event_id": one} for one in ("W0002", "W0003")]
    with filled.write() as connection:
        connection.execute(insert(event_member), members)
    policy = load_policy()
    longer = replace(policy, periods={**policy.periods, RecordClass.EVENT_GROUPS: 9_000 * DAY})
    list(retain(filled, longer, START + 3652 * DAY))
    with filled.read() as connection:
        kept = connection.execute(select(event_member.c.order_id, event_member.c.problem)).all()
    assert {one.order_id: one.problem for one in kept} == {"W0002": "SR03|路灯", "W0003": ""}


def test_each_purge_stands_in_the_ledger_with_class_count_and_cut_off(filled: Database) -> None:
    now = START + 1097 * DAY
    apply(filled, now)
    by_class = {str(one["class"]): one for one in purges(filled)}
    assert by_class["vault_originals"] == {
        "class": "vault_originals",
        "count": 4,
        "before": (now - 1095 * DAY).isoformat(),
        "bodies": {},
    }
    assert by_class["access_logs"]["bodies"] == {"read": 1}
    assert by_class["intake_keys"]["count"] == 8


def test_a_run_killed_half_way_leaves_no_body_gone_without_a_record(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    done: list[object] = []
    record = retention._record

    def until_the_third(*given: object) -> None:
        done.append(given)
        if len(done) == 3:
            raise Killed
        record(*given)  # type: ignore[arg-type]

    now = START + 3652 * DAY
    monkeypatch.setattr(retention, "_record", until_the_third)
    policy = Policy({RecordClass.ORDER_TEXTS: 3650 * DAY})
    with pytest.raises(Killed):
        list(retain(filled, policy, now, batch=1))
    monkeypatch.undo()
    assert list(verify(filled)) == []
    assert counts(filled, now)["order_texts"] == 2
    assert sum(one.count for one in retain(filled, policy, now, batch=1)) == 2
    assert list(verify(filled)) == []


def test_the_order_of_a_requester_read_lately_keeps_that_it_was_read(filled: Database) -> None:
    with filled.write() as connection:
        now = START + 3652 * DAY
        append(connection, [Event("W0003", Kind.READ, now - DAY, "u1", {"purpose": "复核"})])
    apply(filled, now)
    with filled.read() as connection:
        kept = [one.event for one in entries(connection) if one.event.body.get("purpose")]
    assert [event.order_id for event in kept] == ["W0003"]


def test_intake_keys_and_places_gone_leave_the_standing_queue(filled: Database) -> None:
    apply(filled, START + 40 * DAY)
    with filled.read() as connection:
        assert connection.execute(select(func.count()).select_from(intake_key)).scalar() == 0
        standing = connection.execute(select(queue_entry.c.order_id)).scalars()
        assert sorted(standing) == ["W0001", "W0002", "W0005", "W0006"]


def test_pages_of_the_queue_end_where_places_were_forgotten(filled: Database) -> None:
    with filled.read() as connection:
        left = connection.execute(select(func.max(queue_entry.c.to_seq))).scalar_one()
        assert oldest_page(connection) == 0
    policy = Policy({RecordClass.QUEUE_PLACES: 7 * DAY})
    assert sum(one.count for one in retain(filled, policy, START + 40 * DAY, batch=5)) > 5
    with filled.read() as connection:
        assert oldest_page(connection) == left


def test_the_shipped_periods() -> None:
    assert {one.value: period.days for one, period in load_policy().periods.items()} == {
        "vault_originals": 1095,
        "access_logs": 1095,
        "order_texts": 3650,
        "intake_keys": 30,
        "queue_places": 7,
        "notices": 1095,
        "deliveries": 365,
        "jobs": 365,
        "disputes": 3650,
        "reply_prints": 365,
        "shadow_predictions": 365,
        "event_groups": 3650,
        "alarms": 1095,
    }


def test_every_class_has_a_period_and_says_where_it_is_laid_down() -> None:
    policy = load_policy()
    assert set(policy.periods) == set(RecordClass)
    assert all(policy.sources[one] for one in RecordClass)


def test_a_city_may_change_some_periods(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[access_logs]\ndays = 184\n[queue_places]\ndays = 1\n", "utf-8")
    periods = load_policy(path).periods
    assert periods[RecordClass.ACCESS_LOGS] == 184 * DAY
    assert periods[RecordClass.QUEUE_PLACES] == DAY
    assert periods[RecordClass.ORDER_TEXTS] == 3650 * DAY


@pytest.mark.parametrize("log", ["access_logs", "notices", "deliveries", "jobs"])
def test_logs_cannot_be_kept_for_less_than_six_months(tmp_path: Path, log: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f"[{log}]\ndays = 183\n", "utf-8")
    with pytest.raises(RetentionRefusal, match=rf"{log}.days = 183 少于法定最低 184"):
        load_policy(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[letters]\ndays = 3\n", "letters"),
        ("[intake_keys]\ndays = 0\n", "正整数"),
        ("[intake_keys]\ndays = true\n", "正整数"),
        ("[intake_keys]\nmonths = 3\n", "正整数"),
        ("intake_keys = 3\n", "正整数"),
        ("[intake_keys]\ndays = 3\nsource = 1\n", "正整数"),
        ("[", "TOML"),
    ],
)
def test_an_unfit_policy_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match=said):
        load_policy(path)
    with pytest.raises(UnusableFile, match="无法读取"):
        load_policy(tmp_path / "none.toml")
