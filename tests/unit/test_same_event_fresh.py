"""The second set of written pairs of the same event: frozen, and its first run is kept."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/data/same_event_fresh.jsonl"
FIRST = ROOT / "evaluation/results/same_event_fresh_first_run.json"


def test_the_first_run_is_kept_and_was_on_the_same_cases() -> None:
    first = json.loads(FIRST.read_text("utf-8"))
    assert first["model"] == "same-event-b81ac533"
    assert first["cases"]["data_sha256"] == hashlib.sha256(CASES.read_bytes()).hexdigest()
    assert first["cases"]["cases"] == 64


def test_every_label_is_there_and_no_pair_stands_twice() -> None:
    rows = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    assert Counter(row["label"] for row in rows) == {
        "SAME_EVENT": 30, "RELATED": 20, "UNRELATED": 14,
    }  # fmt: skip
    texts = [frozenset((row["a"]["text"], row["b"]["text"])) for row in rows]
    assert len(set(texts)) == len(rows)
    assert all(row["a"]["id"] != row["b"]["id"] for row in rows)
    old = (ROOT / "tests/data/same_event_cases.jsonl").read_text("utf-8")
    assert not any(row["a"]["text"] in old for row in rows)
