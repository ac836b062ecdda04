"""Read a file of requests for `dedupe` and `similar`: masked, with a topic, requesters as digests.

A line that cannot be read is refused by number; the others go on. Only the topic head of the model
is asked: the whole triage of a request costs ten times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from triage.errors import InvalidRequest, UnusableFile
from triage.intake import parse_request
from triage.intake.jsonlines import decode_line
from triage.model.features import Document
from triage.model.model import Model
from triage.request import CitizenRequest
from triage.same_event.entry import Entry
from triage.text.mask import mask_all

CHUNK = 256
TOPIC = "topic"
_DIGEST = 12
"""Bytes of a requester's digest: two of a billion requesters agree once in 10^11."""


@dataclass(slots=True)
class ReadEntries:
    """The entries of a file in order, and the lines that were refused with the reason."""

    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def report(self, path: Path) -> None:
        """Say on stderr which lines were left out."""
        for number, reason in self.refused:
            print(f"{path} 第 {number} 行未采用：{reason}", file=sys.stderr)


def read_entries(path: Path, model: Model | None) -> ReadEntries:
    """Return the entries of a JSONL file; without a model their topic is unknown.

    Raises
    ------
    UnusableFile
        It cannot be read, or no line of it can.
    """
    found = ReadEntries()
    lines = _lines(path, found)
    while chunk := list(islice(lines, CHUNK)):
        found.entries += _entries(chunk, model)
    if not found.entries:
        first = f"；第 {found.refused[0][0]} 行：{found.refused[0][1]}" if found.refused else ""
        raise UnusableFile(f"{path} 没有一行可用：每行应是一条 JSON 诉求{first}")
    return found


def _lines(path: Path, found: ReadEntries) -> Iterator[tuple[CitizenRequest, str]]:
    ids = set[str]()
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.isspace():
                    continue
                try:
                    value = decode_line(raw)
                    request = parse_request(value)
                except InvalidRequest as error:
                    found.refused.append((number, error.message))
                    continue
                if request.id in ids:
                    found.refused.append((number, f"id {request.id!r} 重复：每条应不同"))
                    continue
                ids.add(request.id)
                assert isinstance(value, Mapping)  # parse_request has seen it
                yield request, _digest(value.get("requester"))
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}：{error.strerror}；请检查路径") from error


def _entries(lines: Sequence[tuple[CitizenRequest, str]], model: Model | None) -> Iterator[Entry]:
    masked = mask_all([*(one.text for one, _ in lines), *(one.title for one, _ in lines)])
    texts, titles = masked[: len(lines)], masked[len(lines) :]
    documents = [Document(title.text, text.text) for title, text in zip(titles, texts, strict=True)]
    topics = _topics(documents, model)
    for (request, requester), document, topic in zip(lines, documents, topics, strict=True):
        yield Entry(
            request.id,
            document.title,
            document.text,
            request.received_at,
            requester,
            request.district or "",
            topic,
        )


def _topics(documents: Sequence[Document], model: Model | None) -> list[str]:
    if model is None or TOPIC not in model.heads:
        return [""] * len(documents)
    labels = model.heads[TOPIC].labels
    best = model.probabilities(model.read_all(documents))[TOPIC].argmax(axis=1)
    return [labels[place] for place in best.tolist()]


def _digest(requester: object) -> str:
    """Return what is equal for the same requester, "" for an unknown one; no name, no number."""
    who = requester.get("phone") if isinstance(requester, Mapping) else requester
    if not isinstance(who, str) or not who.strip():
        return ""
    content = who.strip().encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=_DIGEST).hexdigest()
