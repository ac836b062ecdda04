"""Score the extraction of elements against marked spans, by type, with credit for overlap.

A found span matches a marked one of its type when the characters they share are at least half of
those of both together (one to one, best overlap first). Exact matches and characters are counted
too, and whether the elements said to be missing are those that nobody marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from evaluation.case_lines import number_of, objects_of, read_lines, text_of
from triage.request import Json
from triage.text.elements import WANTED, ElementExtractor, ElementSpan

HALF = 0.5
"""Overlap (intersection over union of characters) from which two spans match."""
KINDS = tuple(f"place.{kind}" for kind in ("district", "township", "community", "road", "estate"))
TYPES = (*WANTED, *KINDS)


@dataclass(frozen=True, slots=True)
class MarkedRequest:
    """A text with the spans that annotators marked."""

    id: str
    text: str
    spans: tuple[ElementSpan, ...]

    def missing(self) -> tuple[str, ...]:
        """Return the elements that nobody marked."""
        marked = {span.type for span in self.spans}
        return tuple(kind for kind in WANTED if kind not in marked)


@dataclass(frozen=True, slots=True)
class SpanTally:
    """Counts of one type; shares are None where nothing could be counted."""

    marked: int
    found: int
    right: int
    exact: int
    marked_characters: int
    found_characters: int
    shared_characters: int

    def to_json(self) -> dict[str, Json]:
        """Return the figures, rounded to four places."""
        return {
            "n": self.marked,
            "found": self.found,
            "right": self.right,
            "precision": _share(self.right, self.found),
            "recall": _share(self.right, self.marked),
            "f1": _f1(self.right, self.marked, self.found),
            "exact_f1": _f1(self.exact, self.marked, self.found),
            "character_precision": _share(self.shared_characters, self.found_characters),
            "character_recall": _share(self.shared_characters, self.marked_characters),
            "character_f1": _f1(
                self.shared_characters, self.marked_characters, self.found_characters
            ),
        }


@dataclass(frozen=True, slots=True)
class ElementsReport:
    """Figures by type, over the four elements together, and of `missing`."""

    requests: int
    by_type: dict[str, SpanTally]
    overall: SpanTally
    missing_right: dict[str, int]
    missing_all_right: int

    def to_json(self) -> dict[str, Json]:
        """Return the figures; no text and no single request is in them."""
        return {
            "requests": self.requests,
            "overlap": HALF,
            "overall": self.overall.to_json(),
            "by_type": {kind: tally.to_json() for kind, tally in self.by_type.items()},
            "missing_accuracy": {
                kind: _share(right, self.requests) for kind, right in self.missing_right.items()
            },
            "missing_all_right": _share(self.missing_all_right, self.requests),
        }


def read_marked(path: Path) -> tuple[MarkedRequest, ...]:
    """Read requests with marked spans; other keys may be there. See `case_lines.read_lines`."""
    return read_lines(path, _marked, '{"id", "text", "elements": [{"type", "start", "end"}]}')


def score_elements(
    extractor: ElementExtractor, requests: Iterable[MarkedRequest]
) -> ElementsReport:
    """Extract from every request and count, by type and over the four elements together."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in TYPES}
    missing: Counter[str] = Counter()
    total = all_right = 0
    for request in requests:
        total += 1
        found = extractor.extract(request.text)
        for kind in TYPES:
            counts[kind] += _count(_of(request.spans, kind), _of(found.spans, kind))
        wrong = set(found.elements.missing) ^ set(request.missing())
        missing.update(kind for kind in WANTED if kind not in wrong)
        all_right += not wrong
    return ElementsReport(
        total,
        {kind: _tally(counts[kind]) for kind in TYPES},
        _tally(sum((counts[kind] for kind in WANTED), Counter())),
        {kind: missing[kind] for kind in WANTED},
        all_right,
    )


def overlap(one: ElementSpan, other: ElementSpan) -> float:
    """Return the characters shared over the characters of both together, in [0, 1]."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0, shared) / (max(one.end, other.end) - min(one.start, other.start))


def count_matches(marked: Sequence[ElementSpan], found: Sequence[ElementSpan]) -> int:
    """Return how many spans can be paired one to one with an overlap of at least HALF."""
    pairs = sorted(product(marked, found), key=lambda pair: overlap(*pair), reverse=True)
    used: set[tuple[str, ElementSpan]] = set()
    right = 0
    for one, other in pairs:
        if overlap(one, other) < HALF:
            break
        if ("marked", one) not in used and ("found", other) not in used:
            used |= {("marked", one), ("found", other)}
            right += 1
    return right


def _marked(row: Mapping[str, Json]) -> MarkedRequest:
    text = text_of(row, "text")
    spans = tuple(
        ElementSpan(text_of(one, "type"), number_of(one, "start"), number_of(one, "end"))
        for one in objects_of(row, "elements")
    )
    for span in spans:
        if span.type not in TYPES:
            raise ValueError(f"“type” 的 “{span.type}” 不是要素")
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"“start”、“end” 的 {span.start}–{span.end} 不在文本之内")
    return MarkedRequest(str(row["id"]), text, spans)


def _of(spans: Iterable[ElementSpan], kind: str) -> list[ElementSpan]:
    return list(dict.fromkeys(span for span in spans if span.type == kind))


def _count(marked: list[ElementSpan], found: list[ElementSpan]) -> Counter[str]:
    marked_places = {place for span in marked for place in range(span.start, span.end)}
    found_places = {place for span in found for place in range(span.start, span.end)}
    return Counter(
        marked=len(marked),
        found=len(found),
        right=count_matches(marked, found),
        exact=len(set(marked) & set(found)),
        marked_characters=len(marked_places),
        found_characters=len(found_places),
        shared_characters=len(marked_places & found_places),
    )


def _tally(count: Counter[str]) -> SpanTally:
    return SpanTally(**{name: count[name] for name in SpanTally.__slots__})


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _f1(right: int, marked: int, found: int) -> float | None:
    return round(2 * right / (marked + found), 4) if marked + found else None
