"""Scorecards from the facts of orders: counted in one pass, then each figure with its doubt.

Memory grows with groups and strata, not with orders. Cards come by code: nothing here ranks, and
raw rates of units that get different matters are never put side by side without the adjusted one
(国办函〔2025〕66号：不片面追求排名).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from triage.workorder.estimates import (
    Estimate,
    mean,
    prior_strength,
    quantile,
    shrunken,
    standardised,
    wilson,
)
from triage.workorder.order_facts import Holder, Measure, OrderFacts, Rate, Stratum

LEAST = 10
"""Below so many nothing but n is shown: 样本不足. Under a true rate of 0.9 the interval of nine
orders is wider than 0.4, and fewer begin to point at single cases."""
UNKNOWN = "UNKNOWN"


class By(StrEnum):
    """What a card is of."""

    UNIT = "unit"
    LEVEL = "level"
    REGION = "region"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class RateFigure:
    """A share of `n`; with too small an n (`is_small`) the rest is None.

    `shrunken` leans on the mean of the level, which counts for `prior_strength` orders. `adjusted`
    is observed / expected x overall, for the group's own mix of matters.
    """

    n: int
    share: Estimate | None = None
    shrunken: float | None = None
    prior_strength: float | None = None
    adjusted: Estimate | None = None

    @property
    def is_small(self) -> bool:
        """Whether there were too few to say anything."""
        return self.share is None


@dataclass(frozen=True, slots=True)
class SpanFigure:
    """Median and 90th percentile of `n` values, of hops the mean too; None for too small an n."""

    n: int
    median: Estimate | None = None
    p90: Estimate | None = None
    mean: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One group: `orders` are those that count, `excluded` those left out, by reason."""

    code: str
    level: str
    orders: int
    excluded: Mapping[str, int]
    rates: Mapping[Rate, RateFigure]
    spans: Mapping[Measure, SpanFigure]


Key: TypeAlias = tuple[str, str]
"""Code and level, "" where the level is not part of what is counted."""
Strata: TypeAlias = defaultdict[Stratum, list[int]]


def _strata() -> Strata:
    return defaultdict(lambda: [0, 0])


@dataclass(slots=True)
class _Group:
    orders: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    rates: dict[Rate, Strata] = field(default_factory=lambda: {one: _strata() for one in Rate})
    spans: dict[Measure, Counter[float]] = field(
        default_factory=lambda: {one: Counter() for one in Measure}
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """Everybody's hits and n by stratum, and their share of hits over all."""

    strata: Strata
    share: float


class Scoreboard:
    """Feed it orders, then ask for the cards."""

    def __init__(self, by: By, *, least: int = LEAST) -> None:
        self._by = by
        self._least = least
        self._groups: defaultdict[Key, _Group] = defaultdict(_Group)

    def feed(self, facts: OrderFacts) -> None:
        """Count one order; one that is left out is counted by each of its reasons only."""
        group = self._groups[self._key(facts.holder, facts.month)]
        if facts.exclusions:
            group.excluded.update(set(facts.exclusions))
            return
        group.orders += 1
        for rate, holder, hit in facts.marks:
            strata = self._groups[self._key(holder, facts.month)].rates[rate]
            counts = strata[facts.stratum]
            counts[0] += hit
            counts[1] += 1
        for measure, holder, value in facts.spans:
            self._groups[self._key(holder, facts.month)].spans[measure][value] += 1

    def cards(self) -> list[Scorecard]:
        """Return the card of every group, by level and code."""
        rates = {rate: self._figures(rate) for rate in Rate}
        return [
            Scorecard(
                code,
                level,
                group.orders,
                dict(sorted(group.excluded.items())),
                {rate: rates[rate][code, level] for rate in Rate},
                {one: self._span(one, counts) for one, counts in group.spans.items()},
            )
            for (code, level), group in sorted(self._groups.items(), key=lambda item: item[0])
        ]

    def _key(self, holder: Holder, month: str) -> Key:
        if self._by is By.UNIT:
            return holder.code, holder.level
        of = {By.LEVEL: holder.level, By.REGION: holder.region, By.MONTH: month}
        return of[self._by] or UNKNOWN, ""

    def _figures(self, rate: Rate) -> dict[Key, RateFigure]:
        everybody = _strata()
        by_level: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for (_, level), group in self._groups.items():
            by_level[level].append(_total(group.rates[rate]))
            for stratum, (hits, n) in group.rates[rate].items():
                everybody[stratum][0] += hits
                everybody[stratum][1] += n
        strengths = {level: prior_strength(totals) for level, totals in by_level.items()}
        means = {level: _share(totals) for level, totals in by_level.items()}
        around = _Around(everybody, _share([(hits, n) for hits, n in everybody.values()]))
        return {
            key: self._figure(group.rates[rate], around, means[key[1]], strengths[key[1]])
            for key, group in self._groups.items()
        }

    def _figure(
        self, own: Strata, around: _Around, level_mean: float, strength: float
    ) -> RateFigure:
        hits, n = _total(own)
        if n < self._least:
            return RateFigure(n)
        expected = sum(
            n_here * around.strata[stratum][0] / around.strata[stratum][1]
            for stratum, (_, n_here) in own.items()
        )
        return RateFigure(
            n,
            wilson(hits, n),
            shrunken(hits, n, mean=level_mean, strength=strength),
            strength,
            standardised(hits, n, expected=expected, overall=around.share),
        )

    def _span(self, measure: Measure, counts: Counter[float]) -> SpanFigure:
        n = counts.total()
        if n < self._least:
            return SpanFigure(n)
        middle = mean(counts) if measure is Measure.HOPS else None
        return SpanFigure(n, quantile(counts, 0.5), quantile(counts, 0.9), middle)


def _total(strata: Strata) -> tuple[int, int]:
    """Return hits and n."""
    counts = strata.values()
    return sum(hits for hits, _ in counts), sum(n for _, n in counts)


def _share(totals: list[tuple[int, int]]) -> float:
    hits, n = (sum(column) for column in zip(*totals, strict=True)) if totals else (0, 0)
    return hits / n if n else 0.0
