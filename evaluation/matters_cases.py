"""Written cases of requests about one, two or three matters: read, asked, scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.case_lines import list_of, objects_of, read_lines, text_of
from evaluation.matters import Span, span_overlap, tally
from evaluation.matters_requests import split_of
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json


@dataclass(frozen=True, slots=True)
class Case:
    """A written request with the topic and the spans of each of its matters."""

    request: CitizenRequest
    topics: tuple[str, ...]
    spans: tuple[tuple[Span, ...], ...]


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read the written cases; see `case_lines.read_lines`."""
    shape = '{"id", "title", "text", "matters": [{"topic", "spans": [[起, 止]]}]}'
    return read_lines(path, _case, shape)


def measure_cases(pipeline: Pipeline, cases: Sequence[Case]) -> dict[str, Json]:
    """Return the figures of splitting, and the mean overlap of spans where a split was right.

    Returns
    -------
    dict
        As `tally`, with `span_overlap` over the cases of several matters that were split.
    """
    predictions = pipeline.triage([case.request for case in cases])
    pairs = list(zip(cases, predictions, strict=True))
    figures = tally([split_of(prediction, case.topics) for case, prediction in pairs], 0.5)
    figures.pop("threshold")
    overlaps = [
        span_overlap(case.spans, [matter.spans for matter in prediction.matters])
        for case, prediction in pairs
        if len(case.topics) > 1 and prediction.matters
    ]
    mean = round(sum(overlaps) / len(overlaps), 4) if overlaps else None
    return figures | {"span_overlap": mean, "spans_of": len(overlaps)}


def _case(row: Mapping[str, Json]) -> Case:
    text, matters = text_of(row, "text"), objects_of(row, "matters")
    if not matters:
        raise ValueError("“matters” 至少要有一件")
    spans = tuple(tuple(_span(one, text) for one in list_of(m, "spans")) for m in matters)
    request = CitizenRequest(str(row["id"]), text, str(row.get("title") or ""))
    return Case(request, tuple(text_of(matter, "topic") for matter in matters), spans)


def _span(value: Json, text: str) -> Span:
    match value:
        case [int(start), int(end)] if 0 <= start < end <= len(text):
            return start, end
    raise ValueError(f"“spans” 的 {value} 不是文本之内的 [起, 止]")
