"""How good the reject risk is on a simulated ledger, split by time: Brier, AUC, calibration.

Run `python tests/benchmarks/bench_reject_risk.py`; writes evaluation/results/reject_risk.json. The
city is invented: units differ, topics differ, some pairs and places have a quarrel of their own.
The rates learn from the events of the first 80 % of the dispatches and are asked about the rest.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.workorder.events import Event, Kind
from triage.workorder.reject_history import RejectHistory
from triage.workorder.reject_rates import RejectRates

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/reject_risk.json"
SEED, START = 7, datetime(2026, 1, 1, tzinfo=UTC)
UNITS, TOPICS, REGIONS = 38, 90, 38
SIZES = (3_000, 30_000, 100_000)
STRENGTHS = (5.0, 20.0, 80.0)
LEARNT = 0.8
Floats = NDArray[np.float64]


class City:
    """Dispatches with their true probability of coming back; a topic goes to few units."""

    def __init__(self, dispatches: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        first = rng.integers(UNITS, size=TOPICS)
        others = rng.integers(UNITS, size=(TOPICS, 3))
        self.topic = _zipf(rng, TOPICS, dispatches)
        self.region = _zipf(rng, REGIONS, dispatches)
        wrong = rng.random(dispatches) < 0.25
        other = others[self.topic, rng.integers(3, size=dispatches)]
        self.unit = np.where(wrong, other, first[self.topic])
        effects = (
            rng.normal(0, 0.6, UNITS)[self.unit]
            + rng.normal(0, 0.5, TOPICS)[self.topic]
            + rng.normal(0, 1.2, (UNITS, TOPICS))[self.unit, self.topic]
            + rng.normal(0, 0.5, (UNITS, TOPICS, REGIONS))[self.unit, self.topic, self.region]
        )
        self.truth: Floats = 1 / (1 + np.exp(3.0 - effects))
        self.is_rejected = rng.random(dispatches) < self.truth

    def names(self, i: int) -> tuple[str, str, str]:
        """Return unit, topic and region of a dispatch."""
        return f"U{self.unit[i]}", f"T{self.topic[i]}", f"R{self.region[i]}"

    def events(self, count: int) -> Iterable[Event]:
        """Give the events of the first dispatches: sent, then rejected or begun."""
        for i in range(count):
            at, order = START + timedelta(minutes=i), f"W{i}"
            unit, topic, region = self.names(i)
            body = {"unit": unit, "topic": topic, "region": region}
            yield Event(order, Kind.DISPATCH, at, "u1", {**body})
            if self.is_rejected[i]:
                yield Event(order, Kind.REJECT, at, "u2", {"reason": "WRONG_DUTY"})
            else:
                yield Event(order, Kind.HANDLE, at, "u2")


def main() -> int:
    """Measure and write the figures."""
    figures = {
        "simulated": True,
        "seed": SEED,
        "sizes": [_size(dispatches) for dispatches in SIZES],
    }
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _size(dispatches: int) -> dict[str, object]:
    city, learnt = City(dispatches, SEED), int(dispatches * LEARNT)
    asked = range(learnt, dispatches)
    y = city.is_rejected[learnt:].astype(np.float64)
    found: dict[str, object] = {}
    for strength in STRENGTHS:
        rates = RejectRates(strength)
        history = RejectHistory(rates)
        started = time.perf_counter()
        for event in city.events(learnt):
            history.feed(event)
        seconds = time.perf_counter() - started
        p = [rates.risk(*city.names(i)).probability for i in asked]
        found[f"shrunken_{strength:g}"] = _scores(p, y)
    found["unit_only"] = _scores(_raw(city, learnt, lambda i: (city.unit[i],)), y)
    found["raw_cell"] = _scores(
        _raw(city, learnt, lambda i: (city.unit[i], city.topic[i], city.region[i])), y
    )
    found["overall"] = _scores(np.full(len(y), city.is_rejected[:learnt].mean()), y)
    found["truth"] = _scores(city.truth[learnt:], y)
    return {
        "dispatches": dispatches,
        "asked": len(y),
        "reject_rate": round(float(y.mean()), 4),
        "events_per_second": round(2 * learnt / seconds),
        "scores": found,
    }


def _raw(city: City, learnt: int, key: Callable[[int], tuple[int, ...]]) -> list[float]:
    """Return the plain shares of a key in what was learnt, the overall share where it is new."""
    counts: dict[tuple[int, ...], list[int]] = {}
    for i in range(learnt):
        pair = counts.setdefault(key(i), [0, 0])
        pair[0] += 1
        pair[1] += int(city.is_rejected[i])
    overall = float(city.is_rejected[:learnt].mean())
    shares = {cell: rejects / n for cell, (n, rejects) in counts.items()}
    return [shares.get(key(i), overall) for i in range(learnt, len(city.unit))]


def _scores(probabilities: Sequence[float] | Floats, y: Floats) -> dict[str, float]:
    p = np.asarray(probabilities, np.float64)
    return {
        "brier": round(float(np.mean((p - y) ** 2)), 5),
        "auc": round(_auc(p, y), 4),
        "calibration_error": round(_calibration_error(p, y), 4),
    }


def _auc(p: Floats, y: Floats) -> float:
    """Return the probability that a rejected dispatch is ranked above a kept one, ties half."""
    _, position, counts = np.unique(p, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[position]
    positives = float(y.sum())
    below = float(ranks[y > 0].sum()) - positives * (positives + 1) / 2
    return below / (positives * (len(y) - positives))


def _calibration_error(p: Floats, y: Floats) -> float:
    """Return the mean gap of forecast and share over ten bins of equally many dispatches."""
    bins = np.array_split(np.argsort(p, kind="stable"), 10)
    return sum(len(one) * abs(float(p[one].mean() - y[one].mean())) for one in bins) / len(p)


def _zipf(rng: np.random.Generator, kinds: int, size: int) -> NDArray[np.int64]:
    weights = 1 / np.arange(1, kinds + 1)
    return rng.choice(kinds, size=size, p=weights / weights.sum())


if __name__ == "__main__":
    raise SystemExit(main())
