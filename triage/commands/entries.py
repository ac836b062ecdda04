"""Read a file of requests for `dedupe` and `similar`: masked, with a topic, requesters as digests.

A line that cannot be read is refused by number; the others go on. Only the topic head of the model
is asked: the whole triage of a request costs ten times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from triage.commands.request_lines import Refused, digest_of, no_line_usable, request_lines
from triage.intake import parse_request
from triage.model.features import Document
from triage.model.model import Model
from triage.request import CitizenRequest
from triage.same_event.entry import Entry
from triage.text.mask import mask_all

CHUNK = 256
TOPIC = "topic"


@dataclass(slots=True)
class ReadEntries:
    """The entries of a file in order, and the lines that were refused with the reason."""

    entries: list[Entry] = field(default_factory=list)
    refused: Refused = field(default_factory=list)

    def report(self, path: Path) -> None:
        """Say on stderr which lines were left out."""
        for number, reason in self.refused:
            print(f"{path} 第 {number} 行未采用：{reason}", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class _Line:
    request: CitizenRequest
    requester: str


def read_entries(path: Path, model: Model | None) -> ReadEntries:
    """Return the entries of a JSONL file; without a model their topic is unknown.

    Raises
    ------
    UnusableFile
        It cannot be read, or no line of it can.
    """
    found = ReadEntries()
    lines = request_lines(path, _line, found.refused)
    while chunk := list(islice(lines, CHUNK)):
        found.entries += _entries(chunk, model)
    if not found.entries:
        raise no_line_usable(path, found.refused)
    return found


def _line(value: object) -> _Line:
    request = parse_request(value)
    assert isinstance(value, Mapping)  # parse_request has seen it
    return _Line(request, digest_of(value.get("requester")))


def _entries(lines: Sequence[_Line], model: Model | None) -> Iterator[Entry]:
    requests = [line.request for line in lines]
    masked = mask_all([*(one.text for one in requests), *(one.title for one in requests)])
    texts, titles = masked[: len(lines)], masked[len(lines) :]
    documents = [Document(title.text, text.text) for title, text in zip(titles, texts, strict=True)]
    topics = _topics(documents, model)
    for line, document, topic in zip(lines, documents, topics, strict=True):
        request = line.request
        yield Entry(
            request.id,
            document.title,
            document.text,
            request.received_at,
            line.requester,
            request.district or "",
            topic,
        )


def _topics(documents: Sequence[Document], model: Model | None) -> list[str]:
    if model is None or TOPIC not in model.heads:
        return [""] * len(documents)
    labels = model.heads[TOPIC].labels
    best = model.probabilities(model.read_all(documents))[TOPIC].argmax(axis=1)
    return [labels[place] for place in best.tolist()]
