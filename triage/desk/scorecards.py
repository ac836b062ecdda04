"""Scorecards of a period, within the caller's part of the city; recomputed from what is on record.

Nothing is kept: the same orders give the same figures. What a figure means is in
docs/scorecards.md, how it is computed in `triage.workorder.scorecards`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from triage.desk.actor import Actor
from triage.desk.guards import MoveRefused
from triage.desk.reports import Reports
from triage.store.scorecard_facts import Span, replayed, standing
from triage.workorder.order_facts import Rules, facts_of
from triage.workorder.scorecards import LEAST, By, Scoreboard, Scorecard
from triage.workorder.working_hours import WorkingHours

MOST_DAYS = 366
"""A year and a day: longer ones are asked for in parts."""


@dataclass(frozen=True, slots=True)
class ScorecardReport:
    """The cards by code, and what they are of; `names` are those of units and regions."""

    first: date
    last: date
    by: By
    least: int
    cards: tuple[Scorecard, ...]
    names: dict[str, str]


def scorecards_of(
    reports: Reports,
    first: date,
    last: date,
    by: By,
    actor: Actor,
    *,
    least: int = LEAST,
    from_ledger: bool = False,
) -> ScorecardReport:
    """Return the scorecards of the orders received on these days, the last one included.

    Raises
    ------
    MoveRefused
        period_invalid: the days are in the wrong order, or more than `MOST_DAYS`.
    HistoryPurged
        Only with `from_ledger`.
    StoreUnavailable
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise MoveRefused(
            "period_invalid",
            f"从 {first} 到 {last}：截止日不得早于起始日，至多 {MOST_DAYS} 天",
            field="to",
        )
    calendar = reports.clocks.calendar
    rules = Rules(
        reports.now(), reports.clocks.deadline, WorkingHours(calendar), reports.first_level
    )
    board = Scoreboard(by, least=least)
    span = Span(first, last, actor.units, actor.regions)
    with reports.database.snapshot() as connection:
        for order, steps in (replayed if from_ledger else standing)(connection, span):
            board.feed(facts_of(order, steps, rules))
    cards = tuple(board.cards())
    return ScorecardReport(first, last, by, least, cards, _names(reports, cards))


def _names(reports: Reports, cards: tuple[Scorecard, ...]) -> dict[str, str]:
    """Return what the groups are called; a unit somewhere by both names."""
    found = {}
    for card in cards:
        line, _, region = card.code.partition("@")
        words = [reports.names.get(code, code) for code in (region, line) if code]
        found[card.code] = _OWN.get(card.code) or "".join(words)
    return found


_OWN = {
    "HOTLINE": "12345 热线",
    "UNKNOWN": "未写明",
    "city": "市级",
    "district": "区县级",
    "township": "镇街级",
    "hotline": "热线",
}
