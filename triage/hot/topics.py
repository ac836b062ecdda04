"""Hot topics: groups of requests in a period, each counted, named, and ranked by its heat.

The same for events and for common problems; how the groups came about is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.hot.heat import LOWEST_URGENCY, Facts, Heat, HeatRules, growth_of, heat_of
from triage.hot.telling import Telling
from triage.hot.wording import Background, by_centrality, evenly, read_of, terms_of, title_of
from triage.request import Json
from triage.workorder.working_calendar import shanghai_day

SHOWN = 3
"""Places, objects and representative requests that are shown of a topic."""
_UNSAID = "未写明"


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until` (not included), aware; `history_from` is the earliest known moment.

    Growth is told against the stretch of the same length before `since`, if it is known whole.
    """

    since: datetime
    until: datetime
    history_from: datetime | None = None

    def __post_init__(self) -> None:
        if not self.since < self.until:
            raise ValueError(f"a period from {self.since} to {self.until}")

    @property
    def before(self) -> datetime | None:
        """Where the stretch before begins; None where it is not known whole."""
        begins = self.since - (self.until - self.since)
        known = self.history_from
        return begins if known is not None and known <= begins else None


@dataclass(frozen=True, slots=True)
class HotTopic:
    """One event or common problem of a period; `members` are the ids of its requests in it."""

    id: str
    level: str
    title: str
    heat: Heat
    facts: Facts
    growth: float | None
    topic: str
    first: datetime | None
    last: datetime | None
    places: tuple[str, ...]
    objects: tuple[str, ...]
    terms: tuple[str, ...]
    districts: Mapping[str, int]
    representatives: tuple[tuple[str, str], ...]
    trend: Mapping[str, int]
    members: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the published form: every key always present."""
        return {
            "id": self.id,
            "level": self.level,
            "title": self.title,
            "heat": round(self.heat.score, 2),
            "parts": self.heat.to_json(),
            "count": self.facts.count,
            "before": self.facts.before,
            "growth": round(self.growth, 2) if self.growth is not None else None,
            "requesters": self.facts.requesters,
            "urgency": self.facts.urgency,
            "likes": self.facts.likes,
            "topic": self.topic or None,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "places": list(self.places),
            "objects": list(self.objects),
            "terms": list(self.terms),
            "districts": [{"code": code, "count": n} for code, n in self.districts.items()],
            "representatives": [{"id": id, "title": title} for id, title in self.representatives],
            "trend": [{"day": day, "count": n} for day, n in self.trend.items()],
        }


@dataclass(frozen=True, slots=True)
class Gathered:
    """A group before it is ranked: its requests in the period, how many there were before.

    `read` are those whose words and urgency are known, evenly taken; `tellings` are only counted.
    """

    id: str
    tellings: tuple[Telling, ...]
    before: float | None
    read: tuple[Telling, ...]


def gather(
    groups: Mapping[str, Sequence[Telling]], period: Period, *, least: int = 2
) -> list[Gathered]:
    """Return the groups with at least `least` requests in the period.

    A request without a time counts as in the period: it is not lost, but in no trend.
    """
    found = []
    for id, tellings in groups.items():
        inside = tuple(
            one for one in tellings if one.at is None or period.since <= one.at < period.until
        )
        if len(inside) >= least:
            begins = period.before
            earlier = [one.at for one in tellings if one.at is not None and one.at < period.since]
            before = None if begins is None else float(sum(at >= begins for at in earlier))
            found.append(Gathered(id, inside, before, evenly(inside)))
    return found


def hot_topics(
    found: Iterable[Gathered],
    rules: HeatRules,
    *,
    level: str,
    top: int,
    background: Background | None = None,
) -> list[HotTopic]:
    """Return the hottest groups, the hottest first, then by id."""
    counted = [(one, facts_of(one)) for one in found]
    ranked = sorted(counted, key=lambda row: (-heat_of(row[1], rules).score, row[0].id))[:top]
    if background is None:
        background = Background(read_of(one) for row in ranked for one in row[0].read)
    return [_topic(one, facts, rules, level, background) for one, facts in ranked]


def facts_of(one: Gathered) -> Facts:
    """Return what is counted of a group."""
    known = {telling.entry.requester for telling in one.tellings}
    anonymous = sum(not telling.entry.requester for telling in one.tellings)
    levels = sorted(telling.urgency for telling in one.read) or [LOWEST_URGENCY]
    return Facts(
        count=len(one.tellings),
        requesters=len(known - {""}) + anonymous,
        districts=max(1, len({telling.entry.region for telling in one.tellings} - {""})),
        urgency=levels[min(1, len(levels) - 1)],
        likes=sum(telling.likes for telling in one.tellings),
        before=one.before,
    )


def _topic(
    one: Gathered, facts: Facts, rules: HeatRules, level: str, background: Background
) -> HotTopic:
    shown = by_centrality(one.read, background)
    times = sorted(telling.at for telling in one.tellings if telling.at is not None)
    topics = Counter(telling.entry.topic for telling in one.tellings if telling.entry.topic)
    places = [place for telling in shown for place in telling.places]
    is_problem = level == "problem"
    return HotTopic(
        id=one.id,
        level=level,
        title=title_of(shown, background, without=tuple(set(places)) if is_problem else ()),
        heat=heat_of(facts, rules),
        facts=facts,
        growth=growth_of(facts, rules),
        topic=_commonest(topics)[0] if topics else "",
        first=times[0] if times else None,
        last=times[-1] if times else None,
        places=_commonest(Counter(places))[:SHOWN],
        objects=_commonest(
            Counter(
                name
                for telling in shown
                for name in telling.objects
                if name not in rules.generic_objects
            )
        )[:SHOWN],
        terms=tuple(terms_of(shown, background)),
        districts=_counted(telling.entry.region for telling in one.tellings),
        representatives=_representatives(shown, background),
        trend=_trend(times),
        members=tuple(sorted(telling.id for telling in one.tellings)),
    )


def _representatives(
    shown: Sequence[Telling], background: Background
) -> tuple[tuple[str, str], ...]:
    """Return the most central requests, each of another requester where that is known."""
    seen, found = set[str](), list[tuple[str, str]]()
    for telling in shown:
        who = telling.entry.requester
        if (who and who in seen) or len(found) == SHOWN:
            continue
        seen.add(who)
        found.append((telling.id, title_of([telling], background)))
    return tuple(found)


def _trend(times: Sequence[datetime]) -> dict[str, int]:
    """Return the requests of every day in Shanghai from the first to the last, none left out."""
    if not times:
        return {}
    days = Counter(shanghai_day(at) for at in times)
    first, last = min(days), max(days)
    every = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return {day.isoformat(): days[day] for day in every}


def _counted(values: Iterable[str]) -> dict[str, int]:
    counts = Counter(value or _UNSAID for value in values)
    return {value: counts[value] for value in _commonest(counts)}


def _commonest(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))
