"""Read a file of requests for `triage hot --input`: triaged, masked, with requester and likes.

A line that cannot be read is refused by number; the others go on. Requesters are kept as digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from triage.commands.request_lines import Refused, digest_of, no_line_usable, request_lines
from triage.hot.telling import Telling, read_telling
from triage.intake import parse_request
from triage.intake.reasons import refusal
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Prediction
from triage.same_event.entry import Entry
from triage.text.elements import ElementExtractor
from triage.text.mask import mask

CHUNK = 256
MOST_LIKES = 10**9
REPORT = "REPORT"


@dataclass(slots=True)
class ReadTellings:
    """The tellings of a file, and the lines that were refused with the reason."""

    tellings: list[Telling] = field(default_factory=list)
    refused: Refused = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    request: CitizenRequest
    requester: str
    likes: int


def read_tellings(path: Path, pipeline: Pipeline, extractor: ElementExtractor) -> ReadTellings:
    """Return the tellings of a JSONL file.

    Raises
    ------
    UnusableFile
        It cannot be read, or no line of it can.
    """
    found = ReadTellings()
    lines = request_lines(path, _line, found.refused)
    while chunk := list(islice(lines, CHUNK)):
        predictions = pipeline.triage([line.request for line in chunk])
        for line, prediction in zip(chunk, predictions, strict=True):
            found.tellings.append(_telling(line, prediction, extractor))
    if not found.tellings:
        raise no_line_usable(path, found.refused)
    return found


def _line(value: object) -> _Line:
    request = parse_request(value)
    assert isinstance(value, Mapping)
    likes = value.get("likes") or 0
    if isinstance(likes, bool) or not isinstance(likes, int) or not 0 <= likes <= MOST_LIKES:
        raise refusal("field_type", f"likes 的值 {likes!r}", "应为不小于 0 的整数", field="likes")
    return _Line(request, digest_of(value.get("requester")), likes)


def _telling(line: _Line, said: Prediction, extractor: ElementExtractor) -> Telling:
    request = line.request
    entry = Entry(
        id=request.id,
        title=mask(request.title).text,
        detail=said.masked_text,
        time=request.received_at,
        requester=line.requester,
        region=request.district or "",
        topic=said.topics[0].code if said.topics else "",
    )
    is_report = said.request_type is not None and said.request_type.code == REPORT
    return read_telling(
        entry,
        extractor,
        urgency=said.urgency.level if said.urgency.level is not None else 3,
        likes=line.likes,
        is_report=is_report,
    )
