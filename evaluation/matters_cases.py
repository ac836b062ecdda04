"""Written cases of requests about one, two or three matters: read, asked, scored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.matters import Span, span_overlap, tally
from evaluation.matters_requests import split_of
from triage.errors import UnusableFile
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json


@dataclass(frozen=True, slots=True)
class Case:
    """A written request with the topic and the spans of each of its matters."""

    request: CitizenRequest
    topics: tuple[str, ...]
    spans: tuple[tuple[Span, ...], ...]


def read_cases(path: Path) -> list[Case]:
    """Read JSONL lines {"id", "title", "text", "matters": [{"topic", "spans": [[start, end]]}]}.

    Raises
    ------
    UnusableFile
        If the file is missing or a line is no such case.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"无法读取案例文件 {path}（{type(error).__name__}）") from error
    cases = []
    for number, line in enumerate(lines, 1):
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableFile(
                f"{path} 第 {number} 行不是多事项案例（{type(error).__name__}）；"
                '应为 {"id", "text", "matters": [{"topic", "spans": [[起, 止]]}]}'
            ) from error
    if not cases:
        raise UnusableFile(f"{path} 没有案例；请给出至少一行")
    return cases


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


def _case(row: dict[str, object]) -> Case:
    text, matters = row["text"], row["matters"]
    if not isinstance(text, str) or not isinstance(matters, list) or not matters:
        raise TypeError("text, matters")
    spans = tuple(
        tuple((int(start), int(end)) for start, end in matter["spans"]) for matter in matters
    )
    if not all(0 <= start < end <= len(text) for found in spans for start, end in found):
        raise ValueError("spans")
    request = CitizenRequest(str(row["id"]), text, str(row.get("title") or ""))
    return Case(request, tuple(str(matter["topic"]) for matter in matters), spans)
