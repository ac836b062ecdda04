"""Reject risk before a dispatch: learned from the ledger's own dispatches and rejections.

What is learned stays in memory and grows with the ledger: each question first reads what is new, a
bounded batch at a time, beginning with the newest events when the process starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import cast

from sqlalchemy import Connection, func, select

from triage.desk.office import Office
from triage.request import Json
from triage.store.ledger import entry_of, events_of
from triage.store.tables import ledger
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder
from triage.workorder.reject_history import KINDS, RejectHistory
from triage.workorder.reject_rates import RejectRates, Risk
from triage.workorder.states import AT_HOTLINE, State

BATCH = 5_000
"""Events read for one question: some 0.1 s on the machine that evaluation/results is made on."""
REMEMBERED = 200_000
"""Events that a fresh process looks back at."""
SHOWN = 3
_BEFORE_DISPATCH = AT_HOTLINE - {State.REPLIED, State.FOLLOWED_UP}
_KINDS = tuple(kind.value for kind in KINDS)


class RejectLearner:
    """The rates of one process; safe to share between threads."""

    def __init__(self, *, batch: int = BATCH, remembered: int = REMEMBERED) -> None:
        self.rates = RejectRates()
        self._history = RejectHistory(self.rates)
        self._batch, self._remembered = batch, remembered
        self._seq: int | None = None
        self._lock = Lock()

    def learn(self, connection: Connection) -> None:
        """Read the next events; where another thread is reading already, leave it to that one."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._seq is None:
                self._seq = self._beginning(connection)
            rows = connection.execute(
                select(ledger)
                .where(ledger.c.seq > self._seq, ledger.c.kind.in_(_KINDS))
                .order_by(ledger.c.seq)
                .limit(self._batch)
            ).all()
            for row in rows:
                self._history.feed(entry_of(row).event)
            if rows:
                self._seq = int(rows[-1].seq)
        finally:
            self._lock.release()

    def _beginning(self, connection: Connection) -> int:
        """Return the event after which to begin: the ledger's own count is a bound on ours."""
        last = connection.execute(select(func.max(ledger.c.seq))).scalar() or 0
        return max(0, int(last) - self._remembered)


def reject_risk(office: Office, learner: RejectLearner, order: WorkOrder) -> list[Json]:
    """Return the risk of each ranked unit of an order that waits for a dispatch; [] for others."""
    if order.state not in _BEFORE_DISPATCH:
        return []
    with office.database.read() as connection:
        learner.learn(connection)
        entries = events_of(connection, order.id)
    said: Mapping[str, Json] = {}
    refused: dict[str, str] = {}
    held = ""
    for entry in entries:
        if entry.event.kind is Kind.PREDICTION:
            said = entry.event.body
        held = str(entry.event.body.get("unit") or held)
        if entry.event.kind is Kind.REJECT:
            refused[held] = str(entry.event.body.get("reason") or "")
    names = office.codes.reject_reasons
    duty = cast(Mapping[str, Json], said.get("duty") or {})
    ranked = [str(one["code"]) for one in cast(list[Mapping[str, Json]], said.get("units") or [])]
    units = [
        one for one in dict.fromkeys([order.lead, *ranked]) if one and one not in order.accused
    ]
    return [
        _risk_json(
            learner.rates.risk(unit, order.topic, order.region),
            [*_refusal(refused.get(unit), names), *_of_duty(unit, duty)],
            names,
        )
        for unit in units[:SHOWN]
    ]


def _risk_json(risk: Risk, reasons: list[str], names: Mapping[str, str]) -> dict[str, Json]:
    said = list(reasons)
    if risk.n:
        causes = "、".join(f"{names.get(code, code)} {count} 次" for code, count in risk.reasons)
        said.append(
            f"同类诉求派给该单位 {risk.n} 次，退单 {risk.rejects} 次"
            + (f"（{causes}）" if causes else "")
        )
    else:
        said.append("同类诉求没有派给该单位的记录：按该单位、该主题的总体退单率估计")
    return {
        "unit": risk.unit,
        "probability": round(risk.probability, 4),
        "n": risk.n,
        "reasons": cast(Json, said),
    }


def _refusal(reason: str | None, names: Mapping[str, str]) -> list[str]:
    return [] if reason is None else [f"该单位已退过本单：{names.get(reason, reason)}"]


def _of_duty(unit: str, duty: Mapping[str, Json]) -> list[str]:
    clause = f"派单目录 {duty.get('code')}：{duty.get('clause') or duty.get('basis') or ''}"
    if unit in cast(list[str], duty.get("excluded") or []):
        return [f"{clause}；不由该单位牵头"]
    if unit == duty.get("lead"):
        return [f"{clause}；由该单位牵头"]
    if unit in cast(list[str], duty.get("support") or []):
        return [f"{clause}；该单位协办，{duty.get('lead')} 牵头"]
    return []
