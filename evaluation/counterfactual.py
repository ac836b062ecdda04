"""Does who is concerned move the decision? The same request, with only that wording changed.

A sentence is put before the text, words are swapped, or one district is named for another. Any
words may tip a close decision, so an added sentence stands beside a control that says nothing of a
person. Labels are not needed; figures only, no text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from evaluation.fairness import MOST, Flagged
from evaluation.groups import districts
from evaluation.metrics import wilson
from evaluation.outcomes import Said, predict
from evaluation.rounding import rounded
from evaluation.truth import Example
from evaluation.urgency import URGENT
from triage.pipeline import Pipeline
from triage.request import Json, Prediction

CONTROL, DISTRICT = "control", "district"
COMPARED = ("topic", "topic_l1", "lead_unit", "request_type", "level", "acceptance", "abstain")
JUDGED_CHANGES = ("topic", "lead_unit", "level")
"""Decisions that no rewording may move much more than the control does."""
FEWEST = 20
"""Requests that an edit must change to be reported."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """A change of wording; `edit` returns the example itself where there is nothing to change."""

    name: str
    title: str
    edit: Callable[[Example], Example]


def measure_rewordings(
    pipeline: Pipeline,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    on_rows: Callable[[int], object] = lambda rows: None,
) -> dict[str, Json]:
    """Return by rewording how many requests it touched, and the share whose decisions changed."""
    found: dict[str, Json] = {}
    for rewording in rewordings():
        edited = [(row, rewording.edit(example)) for row, example in enumerate(examples)]
        touched = [(row, other) for row, other in edited if other is not examples[row]]
        if len(touched) < FEWEST:
            continue
        answers = predict(pipeline, [example for _, example in touched], on_rows)
        before = [Said.of(predictions[row]) for row, _ in touched]
        found[rewording.name] = {
            "title": rewording.title,
            "n": len(touched),
            **_changes(before, [Said.of(answer) for answer in answers]),
        }
    return found


def clear_changes(found: Mapping[str, Mapping[str, Any]]) -> list[tuple[Flagged, dict[str, Json]]]:
    """Return the rewordings that move a decision more than MOST beyond the control, with figures.

    The gap is the control's share less theirs, so that it is negative as for a group served worse.
    """
    control = found.get(CONTROL)
    if control is None:
        return []
    flagged: list[tuple[Flagged, dict[str, Json]]] = []
    for name, part in found.items():
        for figure in JUDGED_CHANGES:
            share, base = part["changed"][figure]["share"], control["changed"][figure]["share"]
            low, high = (
                rounded(base - end) for end in reversed(part["changed"][figure]["interval"])
            )
            gap = base - share
            if gap < -MOST and high is not None and high < 0:
                flag = Flagged(f"wording:{name}", figure, gap)
                figures: dict[str, Json] = {
                    "n": part["n"],
                    "value": share,
                    "rest": base,
                    "gap": rounded(gap),
                    "interval": [low, high],
                    "matched": None,
                }
                flagged.append((flag, figures))
    return flagged


def titles() -> dict[str, str]:
    """Return what people call the rewordings."""
    return {rewording.name: rewording.title for rewording in rewordings()}


def rewordings() -> list[Rewording]:
    """Return the rewordings of `data/counterfactuals.toml`, and the swap of districts."""
    table = _table()
    return [
        *(Rewording(row["name"], row["title"], _adding(row["text"])) for row in table["added"]),
        *(
            Rewording(row["name"], row["title"], _swapping(row["words"]))
            for row in table["swapped"]
        ),
        Rewording(DISTRICT, "换一个区县", _moving(districts())),
    ]


def _changes(before: Sequence[Said], after: Sequence[Said]) -> dict[str, Json]:
    n, pairs = len(before), list(zip(before, after, strict=True))
    shares: dict[str, Json] = {}
    for name in COMPARED:
        share = float(np.mean([getattr(a, name) != getattr(b, name) for a, b in pairs]))
        low, high = wilson(share, n)
        shares[name] = {"share": rounded(share), "interval": [rounded(low), rounded(high)]}
    urgent = [(_is_urgent(a), _is_urgent(b)) for a, b in pairs]
    return {
        "changed": shares,
        "urgent_lost": rounded(sum(a and not b for a, b in urgent) / n),
        "urgent_gained": rounded(sum(b and not a for a, b in urgent) / n),
    }


def _is_urgent(said: Said) -> bool:
    return said.level is not None and said.level < URGENT


def _adding(words: str) -> Callable[[Example], Example]:
    return lambda example: replace(example, text=words + example.text)


def _swapping(words: Mapping[str, str]) -> Callable[[Example], Example]:
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def edit(example: Example) -> Example:
        title, text = (
            pattern.sub(lambda match: words[match.group()], part)
            for part in (example.title, example.text)
        )
        if (title, text) == (example.title, example.text):
            return example
        return replace(example, title=title, text=text)

    return edit


def _moving(names: Sequence[str]) -> Callable[[Example], Example]:
    """Return the edit that names the next district for each, in the text and in the record."""
    following = dict(zip(names, [*names[1:], *names[:1]], strict=True))
    swap = _swapping(following)

    def edit(example: Example) -> Example:
        moved = swap(example)
        if example.district not in following:
            return moved
        return replace(moved, district=following[example.district], township=None)

    return edit


@lru_cache(maxsize=1)
def _table() -> dict[str, list[dict[str, Any]]]:
    text = files("evaluation").joinpath("data", "counterfactuals.toml").read_text("utf-8")
    return tomllib.loads(text)
