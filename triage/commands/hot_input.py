"""Read a file of requests for `triage hot --input`: triaged, masked, with requester and likes.

A line that cannot be read is refused by number; the others go on. Requesters are kept as digests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from triage.errors import InvalidRequest, UnusableFile
from triage.hot.telling import Telling, read_telling
from triage.intake import parse_request
from triage.intake.jsonlines import decode_line
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
    refused: list[tuple[int, str]] = field(default_factory=list)


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
    ids = set[str]()
    lines = _lines(path, found, ids)
    while chunk := list(islice(lines, CHUNK)):
        predictions = pipeline.triage([line.request for line in chunk])
        for line, prediction in zip(chunk, predictions, strict=True):
            found.tellings.append(_telling(line, prediction, extractor))
    if not found.tellings:
        first = f"；第 {found.refused[0][0]} 行：{found.refused[0][1]}" if found.refused else ""
        raise UnusableFile(f"{path} 没有一行可用：每行应是一条 JSON 诉求{first}")
    return found


def _lines(path: Path, found: ReadTellings, ids: set[str]) -> Iterator[_Line]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.isspace():
                    continue
                try:
                    line = _line(decode_line(raw))
                except InvalidRequest as error:
                    found.refused.append((number, error.message))
                    continue
                if line.request.id in ids:
                    found.refused.append((number, f"id {line.request.id!r} 重复：每条应不同"))
                    continue
                ids.add(line.request.id)
                yield line
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}：{error.strerror}；请检查路径") from error


def _line(value: object) -> _Line:
    request = parse_request(value)
    assert isinstance(value, Mapping)
    likes = value.get("likes") or 0
    if isinstance(likes, bool) or not isinstance(likes, int) or not 0 <= likes <= MOST_LIKES:
        raise refusal("field_type", f"likes 的值 {likes!r}", "应为不小于 0 的整数", field="likes")
    return _Line(request, _digest(value.get("requester")), likes)


def _digest(requester: object) -> str:
    """Return what is equal for the same requester, "" for an unknown one; no name, no number."""
    who = requester.get("phone") if isinstance(requester, Mapping) else requester
    if not isinstance(who, str) or not who.strip():
        return ""
    return blake2b(who.strip().encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


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
