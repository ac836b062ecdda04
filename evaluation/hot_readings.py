"""Groups that a person read: ids, whether they are one event, and why; no text.

A reading counts for a group that has nearly the members that were read: a large group may gain or
lose a few from one model to the next, one of fewer than ten none.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast

from triage.errors import UnusableFile
from triage.request import Json

NEARLY = 0.9
"""Members in common, of those of both, from which a group is the one that was read."""
COLUMNS = ("level", "members", "verdict", "reason")
Level = Literal["event", "problem"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`verdict` is yes where nearly all members (nine of ten) tell of the same."""

    level: Level
    members: frozenset[str]
    is_right: bool
    reason: str


def load_readings() -> tuple[Reading, ...]:
    """Return the readings that come with the package.

    Raises
    ------
    UnusableFile
    """
    text = (files("evaluation") / "data/hot_readings.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found = []
    for number, row in enumerate(rows, 2):
        if tuple(row) != COLUMNS or row["verdict"] not in ("yes", "no"):
            raise UnusableFile(f"hot_readings.csv 第 {number} 行：应为 {'、'.join(COLUMNS)}")
        members = frozenset(row["members"].split())
        level = cast(Level, row["level"])
        found.append(Reading(level, members, row["verdict"] == "yes", row["reason"]))
    return tuple(found)


def precision(
    readings: Sequence[Reading], level: Level, topics: Mapping[str, frozenset[str]]
) -> dict[str, Json]:
    """Return how many topics were read, and the share of those that are right."""
    own = [one for one in readings if one.level == level]
    said = {id: _reading(members, own) for id, members in topics.items()}
    verdicts = [one.is_right for one in said.values() if one is not None]
    share = round(sum(verdicts) / len(verdicts), 4) if verdicts else None
    return {
        "topics": len(topics),
        "read": len(verdicts),
        "right": sum(verdicts),
        "precision": share,
        "unread": [id for id, one in said.items() if one is None],
    }


def _reading(members: frozenset[str], readings: Sequence[Reading]) -> Reading | None:
    """Return the reading of nearly these members; None where nobody read them."""
    for one in readings:
        if len(members & one.members) >= NEARLY * len(members | one.members):
            return one
    return None
