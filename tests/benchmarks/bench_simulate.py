"""Requests a second of the simulated city, against a plain loop that writes JSON lines.

Run `python tests/benchmarks/bench_simulate.py`; writes evaluation/results/simulate_speed.json. Both
are timed in turn in processor seconds of one core, in many short rounds, because the machines it
runs on are shared: the best rounds (their 2nd percentile) are the figure, the median says how busy
the machine was. Simulating includes words, truth, lives and JSON. The target is 20,000 a second.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median

import orjson

from triage.simulate import CityPlan
from triage.simulate.city import City
from triage.simulate.writing import lines_of

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/simulate_speed.json"
REQUESTS_A_DAY = 20_000
CHUNK = 50
"""Requests of a round: a millisecond or two, so that some rounds are not interrupted."""
COUNTED_DAYS = 30
SENTENCE = "市民来电反映，小区门口的路灯不亮一个月了，晚上一片漆黑，请相关部门核实处理。"


def main() -> int:
    """Time the requests of a day and the reference in turn, and write the figures."""
    started = time.perf_counter()
    city = City(CityPlan(days=1 + COUNTED_DAYS, per_day=REQUESTS_A_DAY))
    days = city.days()
    start_up = time.perf_counter() - started
    requests = city.requests(next(days))
    simulated, plain = [], []
    with tempfile.TemporaryFile() as file:
        for _ in range(REQUESTS_A_DAY // CHUNK - 40):
            started = time.process_time()
            for content in lines_of(islice(requests, CHUNK)):
                file.write(content)
            simulated.append(time.process_time() - started)
            started = time.process_time()
            file.write(_plain(CHUNK))
            plain.append(time.process_time() - started)
    started = time.perf_counter()
    counted = sum(len(day.rows) for day in days)
    without_text = counted / (time.perf_counter() - started)
    figures = {
        "requests": len(simulated) * CHUNK,
        "seconds": round(sum(simulated), 2),
        "rate": round(CHUNK / _best(simulated)),
        "rate_median": round(CHUNK / median(simulated)),
        "reference_rate": round(CHUNK / _best(plain)),
        "reference_rate_median": round(CHUNK / median(plain)),
        "ratio": round(_best(plain) / _best(simulated), 4),
        "rate_without_text": round(without_text),
        "start_up_seconds": round(start_up, 2),
        "resident_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _best(seconds: list[float]) -> float:
    """Return the 2nd percentile: rounds differ in what they hold, so not the very least."""
    return sorted(seconds)[len(seconds) // 50]


def _plain(n: int) -> bytes:
    """Return n lines of the same keys, written without any simulation."""
    dump, end = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    return b"".join(
        dump(
            {
                "id": f"CQ20231101{i:06d}",
                "title": None,
                "text": SENTENCE,
                "received_at": "2023-11-01T09:30:00+08:00",
                "channel": "PHONE",
                "district": "渝中区",
                "township": "大溪沟街道",
                "requester": {"name": "王静", "phone": "15400000000"},
                "source": "12345-PHONE",
                "source_id": f"12345-PHONE-{i}",
            },
            option=end,
        )
        for i in range(n)
    )


if __name__ == "__main__":
    raise SystemExit(main())
