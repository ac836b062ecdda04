"""Score the masking of personal data against written cases: precision and recall by type.

A find counts when start, end and type all equal the gold span. A datum masked with a
character too few is still a leak, so the personal characters that stay readable are counted too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.case_lines import number_of, objects_of, read_lines, text_of
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


def read_cases(path: Path) -> tuple[MaskCase, ...]:
    """Read the written cases; see `case_lines.read_lines`."""
    return read_lines(path, _case, '{"id", "text", "spans": [{"start", "end", "type"}]}')


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


def _case(row: Mapping[str, Json]) -> MaskCase:
    places = frozenset(
        (number_of(span, "start"), number_of(span, "end"), text_of(span, "type"))
        for span in objects_of(row, "spans")
    )
    for *_, kind in places:
        if kind not in PiiType.__members__:
            raise ValueError(f"“type” 的 “{kind}” 不是个人信息的类型")
    return MaskCase(str(row["id"]), text_of(row, "text"), places)


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
