"""Ten thousand calls of one event among a city's others: cost a call, and whether they stay one.

Run `python tests/benchmarks/bench_storm.py --models-dir models`; writes
evaluation/results/storm.json. The calls are those of the simulated city in the order of time: an
outbreak in one township within six hours, worded anew each time, and all that is told besides.
Masking is not timed: intake has done it. Times are processor time of one core, because the
machines it runs on are shared; the first thousand calls of the event are compared with the last.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

from triage.catalogue import Catalogue
from triage.desk.sight import load_sight
from triage.hot.events import THRESHOLD
from triage.hot.live import LIVE
from triage.hot.signals import load_signals, storm_signal
from triage.hot.storm import Storm
from triage.model.registry import current_folder
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judge, Judgement
from triage.same_event.model import FOLDER
from triage.simulate import CityPlan, Outbreak
from triage.simulate.city import simulate_city
from triage.simulate.records import SimulatedRequest
from triage.text.elements import ElementExtractor
from triage.text.mask import mask

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/storm.json"
CALLS, PART = 10_000, 1_000
OUTBREAK = Outbreak("GY01", "500112", datetime.fromisoformat("2025-12-01T08:00:00+08:00"), 6, 1_700)
USUAL_AN_HOUR = 0.5
"""Calls that one of the city's events usually has in an hour; most have one or two in a day."""


class Counting:
    """A judge that counts the pairs it is asked about."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self.pairs = judge, 0

    def judge(self, query: Entry, candidates: Sequence[Entry]) -> list[Judgement]:
        """Judge as the other does."""
        self.pairs += len(candidates)
        return self._judge.judge(query, candidates)


@dataclass(slots=True)
class Run:
    """What is noted while the calls come in."""

    pairs: list[int] = field(default_factory=list)

    micros: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    given: dict[bool, list[str]] = field(default_factory=lambda: {True: [], False: []})
    raised_after: int | None = None


def main() -> int:
    """Let the calls come in, and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models-dir", type=Path, default=ROOT / "models")
    args = parser.parse_args()
    sight = load_sight(args.models_dir)
    judge, run = Counting(sight.judge), Run()
    extractor = ElementExtractor(Catalogue.load().place_names())
    storm = Storm(sight.encoder, judge, threshold=THRESHOLD, extractor=extractor)
    calls, elsewhere = _calls()
    for entry, is_event in calls:
        before = judge.pairs
        _take(storm, run, entry, is_event)
        if is_event:
            run.pairs.append(judge.pairs - before)
    figures = {
        "simulated": True,
        "judge": current_folder(args.models_dir / FOLDER).name,
        "threshold": THRESHOLD,
        "live_events": LIVE,
        **_figures(run),
        **_strangers(run, [entry.id in elsewhere for entry, is_event in calls if not is_event]),
    }
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _calls() -> tuple[list[tuple[Entry, bool]], set[str]]:
    """Return the calls of the day up to the event's ten-thousandth, and which are the event's.

    The ids are of calls with the same cause elsewhere in the district, a quarter of the outbreak.
    """
    plan = CityPlan(days=1, per_day=30_000, start=OUTBREAK.start.date(), outbreaks=(OUTBREAK,),
                    outbreaks_a_month=0, silences_a_month=0)  # fmt: skip
    told = list(simulate_city(plan))
    where = Counter(one.truth.township for one in told if one.truth.outbreak_id)
    there = where.most_common(1)[0][0]
    elsewhere = {one.id for one in told if one.truth.outbreak_id and one.truth.township != there}
    found, events = list[tuple[Entry, bool]](), 0
    for one in told:
        is_event = one.truth.outbreak_id is not None and one.truth.township == there
        found.append((_entry(one), is_event))
        events += is_event
        if events == CALLS:
            return found, elsewhere
    raise SystemExit(f"the plan gives {events} calls of the event, not {CALLS}")


def _entry(one: SimulatedRequest) -> Entry:
    return Entry(
        id=one.id,
        title=mask(one.title or "").text,
        detail=mask(one.text).text,
        time=datetime.fromisoformat(one.received_at).astimezone(UTC),
        requester=one.truth.requester_id,
        region=one.truth.district,
        topic=one.truth.topic,
    )


def _take(storm: Storm, run: Run, entry: Entry, is_event: bool) -> None:
    started = time.process_time_ns()
    said = storm.take(entry)
    run.micros[is_event].append((time.process_time_ns() - started) / 1_000)
    if said.absorbed:
        for given in run.given.values():
            given[:] = [said.event_id if one == said.absorbed else one for one in given]
    run.given[is_event].append(said.event_id)
    if is_event and run.raised_after is None and entry.time is not None:
        live = storm.event(said.event_id)
        assert live is not None
        rules, _ = load_signals()
        signal = storm_signal(live.id, live.counters, entry.time, USUAL_AN_HOUR, rules)
        if signal.is_raised:
            run.raised_after = len(run.given[True])


def _figures(run: Run) -> dict[str, object]:
    given = Counter(run.given[True])
    largest, inside = given.most_common(1)[0]
    strangers = run.given[False].count(largest)
    times = run.micros[True]
    return {
        "event_calls": len(times),
        "background_calls": len(run.micros[False]),
        "first_thousand_us": _cost(times[:PART]),
        "last_thousand_us": _cost(times[-PART:]),
        "last_over_first": round(mean(times[-PART:]) / mean(times[:PART]), 3),
        "pairs_judged_a_call": {
            "first_thousand": round(mean(run.pairs[:PART]), 2),
            "last_thousand": round(mean(run.pairs[-PART:]), 2),
            "most": max(run.pairs),
        },
        "background_us": _cost(run.micros[False]),
        "purity": round(inside / (inside + strangers), 4),
        "recall": round(inside / len(times), 4),
        "events_given": len(given),
        "storm_raised_after_calls": run.raised_after,
    }


def _strangers(run: Run, is_elsewhere: Sequence[bool]) -> dict[str, object]:
    """Return who is in the event by mistake: the same cause elsewhere, or another matter."""
    largest, _ = Counter(run.given[True]).most_common(1)[0]
    inside = [given == largest for given in run.given[False]]
    same = sum(one and far for one, far in zip(inside, is_elsewhere, strict=True))
    return {
        "same_cause_elsewhere": {"calls": sum(is_elsewhere), "in_the_event": same},
        "other_matters": {
            "calls": len(inside) - sum(is_elsewhere),
            "in_the_event": sum(inside) - same,
        },
    }


def _cost(micros: list[float]) -> dict[str, float]:
    return {
        "mean": round(mean(micros), 1),
        "median": round(median(micros), 1),
        "p99": round(sorted(micros)[int(0.99 * len(micros))], 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
