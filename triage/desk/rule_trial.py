"""Replay the orders of a period under other rules, from the ledger alone; nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select

from triage.desk.routing import BEFORE, facts_of
from triage.store.database import Database
from triage.store.ledger import Entry, entry_of
from triage.store.tables import ledger, work_order
from triage.workorder.events import Event, Kind
from triage.workorder.reject_history import SENDING
from triage.workorder.routing_rules import RoutingRule, match
from triage.workorder.rule_check import Codes
from triage.workorder.rule_trial import Trial, Tried, summarise
from triage.workorder.working_calendar import shanghai_day

_SENT = SENDING | {Kind.DESIGNATE}
_JUDGING = frozenset({Kind.INTAKE, Kind.PREDICTION, Kind.SUGGEST})
_KINDS = tuple(kind.value for kind in _JUDGING | _SENT | {Kind.REPLY})
_ROWS = 2_000


@dataclass(slots=True)
class _Replay:
    rules: Sequence[RoutingRule]
    codes: Codes
    tried: list[Tried] = field(default_factory=list)
    handled: dict[str, list[timedelta]] = field(default_factory=lambda: defaultdict(list))
    conflicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    barred: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: int = 0

    def order(self, entries: Sequence[Entry]) -> None:
        """Take in the events of one order, oldest first."""
        self._handled([entry.event for entry in entries])
        found: dict[Kind, Event] = {}
        for entry in entries:
            if entry.event.kind in _JUDGING and not entry.is_purged:
                found.setdefault(entry.event.kind, entry.event)
        if len(found) < len(_JUDGING):
            self.unreadable += 1
        else:
            self._judged(found[Kind.INTAKE], found[Kind.PREDICTION], found[Kind.SUGGEST])

    def _judged(self, intake: Event, said: Event, suggested: Event) -> None:
        body = suggested.body
        text = f"{intake.body.get('title') or ''}\n{intake.body.get('text') or ''}"
        facts = facts_of(body, said.body, text)
        day = shanghai_day(suggested.at)
        verdict = match(self.rules, facts, self.codes.kinds, on=day)
        rule = verdict.rule
        now = str(body.get("lead") or "")
        after = rule.unit if rule else str(body.get(BEFORE, now))
        due = datetime.fromisoformat(str(body.get("due_at") or intake.body["due_at"]))
        rule_id = rule.id if rule else ""
        self.tried.append(Tried(suggested.order_id, now, after, rule_id, suggested.at, due))
        self.conflicts.update((rule_id, other.id) for other in verdict.conflicts)
        self.barred.update((one.rule.id, one.why) for one in verdict.barred)

    def _handled(self, events: Iterable[Event]) -> None:
        """Note how long the unit took that had the order when it was answered first."""
        sent: Event | None = None
        for event in events:
            if event.kind in _SENT:
                sent = event
            elif event.kind is Kind.REPLY and sent is not None:
                self.handled[str(sent.body.get("unit") or "")].append(event.at - sent.at)
                return


def try_rules(
    database: Database,
    rules: Sequence[RoutingRule],
    codes: Codes,
    *,
    since: datetime,
    until: datetime,
) -> Trial:
    """Return what would have become of the orders received in [since, until) under these rules.

    Raises
    ------
    StoreUnavailable
    """
    replay = _Replay(rules, codes)
    received = select(work_order.c.id).where(
        work_order.c.received_at >= since, work_order.c.received_at < until
    )
    query = (
        select(ledger)
        .where(ledger.c.order_id.in_(received), ledger.c.kind.in_(_KINDS))
        .order_by(ledger.c.order_id, ledger.c.seq)
    )
    with database.snapshot() as connection:
        rows = connection.execution_options(yield_per=_ROWS).execute(query)
        entries = (entry_of(row) for row in rows)
        for _, history in groupby(entries, lambda entry: entry.event.order_id):
            replay.order(list(history))
    return summarise(
        replay.tried,
        replay.handled,
        unreadable=replay.unreadable,
        conflicts=replay.conflicts,
        barred=replay.barred,
    )
