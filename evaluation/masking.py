"""Score the masking of personal data against written cases: precision and recall by type.

A find counts when start, end and type all equal the gold span. A datum masked with a
character too few is still a leak, so the personal characters that stay readable are counted too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.errors import UnusableFile
from triage.request import Json
from triage.text.mask import mask
from triage.text.pii import PiiType

Place = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class MaskCase:
    """A written text with its gold places (start, end, type), offsets in characters."""

    id: str
    text: str
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class MaskError:
    """A place that was missed (`is_missed`) or found where there is none."""

    case: MaskCase
    place: Place
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one type; precision and recall are None where nothing could be counted."""

    gold: int
    found: int
    right: int
    characters: int
    leaked: int

    @property
    def precision(self) -> float | None:
        """Share of the finds that are right."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the gold places that were found exactly."""
        return self.right / self.gold if self.gold else None

    def to_json(self) -> dict[str, Json]:
        """Return the figures, rounded to four places."""
        return {
            "n": self.gold,
            "found": self.found,
            "right": self.right,
            "precision": None if self.precision is None else round(self.precision, 4),
            "recall": None if self.recall is None else round(self.recall, 4),
            "characters": self.characters,
            "characters_leaked": self.leaked,
        }


@dataclass(frozen=True, slots=True)
class MaskingReport:
    """Figures by type and in all, and every error."""

    cases: int
    by_type: dict[str, Tally]
    overall: Tally
    errors: tuple[MaskError, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the figures; errors as ids of their cases only."""
        return {
            "cases": self.cases,
            "overall": self.overall.to_json(),
            "by_type": {name: tally.to_json() for name, tally in self.by_type.items()},
            "cases_with_errors": list(dict.fromkeys(error.case.id for error in self.errors)),
        }


def read_cases(path: Path) -> list[MaskCase]:
    """Read cases from JSONL lines {"id", "text", "spans": [{"start", "end", "type"}]}.

    Raises
    ------
    UnusableFile
        If the file is missing or a line is no such case.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UnusableFile(f"无法读取用例文件 {path}：{error.strerror}") from error
    cases = []
    for number, line in enumerate(lines, 1):
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableFile(
                f"{path} 第 {number} 行不是脱敏用例（{type(error).__name__}）；"
                '应为 {"id", "text", "spans": [{"start", "end", "type"}]}'
            ) from error
    return cases


def score_masking(cases: Iterable[MaskCase]) -> MaskingReport:
    """Mask every case and count, by type and in all."""
    counts: dict[str, Counter[str]] = {kind.value: Counter() for kind in PiiType}
    errors: list[MaskError] = []
    total = 0
    for case in cases:
        total += 1
        found = {(span.start, span.end, span.type.value) for span in mask(case.text).spans}
        _count(counts, case, found)
        errors += _errors(case, found)
    by_type = {name: _tally(count) for name, count in counts.items()}
    overall = _tally(sum(counts.values(), Counter()))
    return MaskingReport(total, by_type, overall, tuple(errors))


def _case(record: dict[str, object]) -> MaskCase:
    spans = record["spans"]
    if not isinstance(spans, list):
        raise TypeError("spans")
    places = frozenset((int(s["start"]), int(s["end"]), str(s["type"])) for s in spans)
    if not all(place[2] in PiiType.__members__ for place in places):
        raise ValueError("type")
    return MaskCase(str(record["id"]), str(record["text"]), places)


def _count(counts: dict[str, Counter[str]], case: MaskCase, found: set[Place]) -> None:
    hidden = {place for start, end, _ in found for place in range(start, end)}
    for place in case.places:
        characters = range(place[0], place[1])
        counts[place[2]]["gold"] += 1
        counts[place[2]]["right"] += place in found
        counts[place[2]]["characters"] += len(characters)
        counts[place[2]]["leaked"] += len(set(characters) - hidden)
    for place in found:
        counts[place[2]]["found"] += 1


def _errors(case: MaskCase, found: set[Place]) -> Iterator[MaskError]:
    for place in sorted(case.places - found):
        yield MaskError(case, place, is_missed=True)
    for place in sorted(found - case.places):
        yield MaskError(case, place, is_missed=False)


def _tally(count: Counter[str]) -> Tally:
    return Tally(
        gold=count["gold"],
        found=count["found"],
        right=count["right"],
        characters=count["characters"],
        leaked=count["leaked"],
    )
