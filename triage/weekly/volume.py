"""How many requests came in a week, by day, topic and district; each with the SQL that counts it.

The statement is the one that was run, with its values in it: whoever runs it on the store gets the
same number, as long as nobody corrected a topic or a district since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, Select, func, select, type_coerce
from sqlalchemy.types import BigInteger

from triage.store.instant import microseconds
from triage.store.tables import work_order
from triage.workorder.working_calendar import start_of_day

_RECEIVED = type_coerce(work_order.c.received_at, BigInteger)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday in Shanghai."""

    first: date

    @property
    def until(self) -> date:
        """Return the Monday after."""
        return self.first + timedelta(days=7)

    @property
    def last(self) -> date:
        """Return the Sunday."""
        return self.first + timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        """Return its days."""
        return tuple(self.first + timedelta(days=n) for n in range(7))

    @property
    def before(self) -> Week:
        """Return the week before."""
        return Week(self.first - timedelta(days=7))

    @property
    def query(self) -> str:
        """Return the parameters of the service's own questions about it."""
        return f"since={self.first}&until={self.until}"


@dataclass(frozen=True, slots=True)
class Counted:
    """A number and the statement that counts it."""

    n: int
    sql: str


@dataclass(frozen=True, slots=True)
class Volume:
    """The week's requests and the week's before: in all, by day, by topic, by district."""

    now: Counted
    before: Counted
    days: Mapping[date, Counted]
    topics: Mapping[str, Counted]
    levels: Mapping[str, Counted]
    regions: Mapping[str, Counted]


def volume_of(connection: Connection, week: Week, first_level: Mapping[str, str]) -> Volume:
    """Return what came in; `first_level` gives the topics' first level by code.

    Raises
    ------
    StoreUnavailable
    """
    topics = _by(connection, week, work_order.c.topic)
    groups: dict[str, list[str]] = {}
    for code in topics:
        groups.setdefault(first_level.get(code, ""), []).append(code)
    return Volume(
        now=_count(connection, _between(week.first, week.until)),
        before=_count(connection, _between(week.before.first, week.first)),
        days={day: _count(connection, _between(day, day + timedelta(days=1))) for day in week.days},
        topics=topics,
        levels={
            level: _count(
                connection, [*_between(week.first, week.until), work_order.c.topic.in_(codes)]
            )
            for level, codes in sorted(groups.items())
        },
        regions=_by(connection, week, work_order.c.region),
    )


def _by(connection: Connection, week: Week, column: ColumnElement[str]) -> dict[str, Counted]:
    within = _between(week.first, week.until)
    rows = connection.execute(select(column).where(*within).distinct().order_by(column))
    return {str(code): _count(connection, [*within, column == str(code)]) for (code,) in rows.all()}


def _between(first: date, until: date) -> list[ColumnElement[bool]]:
    begins, ends = (microseconds(start_of_day(day)) for day in (first, until))
    return [begins <= _RECEIVED, ends > _RECEIVED]


def _count(connection: Connection, where: Sequence[ColumnElement[bool]]) -> Counted:
    query = select(func.count()).select_from(work_order).where(*where)
    return Counted(int(connection.execute(query).scalar_one()), _written(query, connection))


def _written(query: Select[int], connection: Connection) -> str:
    """Return a statement with its values in it, on one line."""
    compiled = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())
