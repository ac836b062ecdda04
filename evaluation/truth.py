"""Labelled requests as training and evaluation read them: JSONL of `triage import`, masked again.

Unlabelled decisions are None; an empty tuple says "labelled, and none holds". Which labels there
are is not known here: any label set will do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from triage.errors import InvalidRequest, UnusableFile
from triage.intake.clean import clean
from triage.intake.jsonlines import decode_line
from triage.intake.reasons import shown, type_name
from triage.intake.record import parse_request
from triage.model.features import Document
from triage.request import CitizenRequest
from triage.text.mask import mask

LEVELS = range(5)
DECISIONS = (
    "topic",
    "topic2",
    "request_type",
    "urgency",
    "lead_unit",
    "support_units",
    "flags",
)
PRESENT = "PRESENT"
"""The only label of `topic2`: whether a second matter is there at all."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled request, masked; `group` joins what must stay on one side of a split.

    `boosted` requests were written to show something rare: they teach, but calibration and held-out
    figures leave them out, for what they show is not as common as they are. `weight` is how much
    one teaches beside another (1 where it does not say); figures do not know it.
    """

    id: str
    title: str
    text: str
    received_at: datetime | None = None
    group: str | None = None
    style: str | None = None
    district: str | None = None
    township: str | None = None
    topic: str | None = None
    topic2: str | None = None
    request_type: str | None = None
    urgency: int | None = None
    lead_unit: str | None = None
    support_units: tuple[str, ...] | None = None
    flags: tuple[str, ...] | None = None
    boosted: bool | None = None
    weight: float | None = None

    @property
    def document(self) -> Document:
        """What the model sees."""
        return Document(self.title, self.text)

    @property
    def request(self) -> CitizenRequest:
        """What the pipeline is asked."""
        return CitizenRequest(
            self.id,
            self.text,
            self.title,
            received_at=self.received_at,
            district=self.district,
            township=self.township,
        )


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Read labelled requests from JSONL files.

    Raises
    ------
    UnusableFile
        A file is missing, there is no line in any, or a line is no labelled request.
    """
    examples: list[Example] = []
    for path in paths:
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise UnusableFile(f"无法读取数据 {path}：{error.strerror}；请检查路径") from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                examples.append(_example(line, f"{path}:{number}"))
    if not examples:
        raise UnusableFile("数据为空：请先用 triage import 生成 JSONL 文件")
    return examples


def fingerprint(examples: Sequence[Example]) -> str:
    """Return the sha256 of the examples' content in order; fields that are not said do not count.

    The same data give the same fingerprint in training and in evaluation.
    """
    digest = hashlib.sha256()
    for example in examples:
        said = {name: getattr(example, name) for name in Example.__slots__}
        kept = {name: value for name, value in said.items() if value is not None}
        digest.update(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return digest.hexdigest()


def labels_of(example: Example, name: str) -> tuple[str, ...] | None:
    """Return the labels of one decision, or None where the example does not say."""
    value = getattr(example, name)
    if value is None:
        return None
    if name == "topic2":
        return (PRESENT,) if value else ()
    return value if isinstance(value, tuple) else (str(value),)


def _example(line: bytes, place: str) -> Example:
    try:
        row = decode_line(line)
        if isinstance(row, dict) and row.get("id") is None:
            row = {**row, "id": place}
        request = parse_request(row)
    except InvalidRequest as error:
        raise UnusableFile(f"{place} {error.message}；或用 triage import 重新生成") from error
    assert isinstance(row, dict)  # parse_request refuses anything else
    return Example(
        id=request.id,
        title=mask(request.title).text if request.title else "",
        text=mask(request.text).text,
        received_at=request.received_at,
        group=_word(row, "group", place),
        style=_word(row, "style", place),
        district=request.district,
        township=request.township,
        topic=_word(row, "topic", place),
        topic2=(_word(row, "topic2", place) or "") if "topic2" in row else None,
        request_type=_word(row, "request_type", place),
        urgency=_level(row, place),
        lead_unit=_word(row, "lead_unit", place),
        support_units=_words(row, "support_units", place),
        flags=_words(row, "flags", place),
        boosted=_boosted(row, place),
        weight=_weight(row, place),
    )


def _word(row: Mapping[str, object], name: str, place: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(place, name, value, "字符串或 null")
    return clean(value).strip() or None if value else None


def _words(row: Mapping[str, object], name: str, place: str) -> tuple[str, ...] | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(place, name, value, "字符串列表")
    return tuple(dict.fromkeys(word for item in value if (word := clean(item).strip())))


def _boosted(row: Mapping[str, object], place: str) -> bool | None:
    value = row.get("boosted")
    if value is not None and not isinstance(value, bool):
        raise _wrong(place, "boosted", value, "true 或 false")
    return value or None


def _weight(row: Mapping[str, object], place: str) -> float | None:
    value = row.get("weight")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10:
        raise _wrong(place, "weight", value, "0 到 10 的正数")
    return float(value)


def _level(row: Mapping[str, object], place: str) -> int | None:
    value = row.get("urgency")
    if value is None:
        return None
    if type(value) is not int or value not in LEVELS:  # True and 2.0 are in the range too
        raise _wrong(place, "urgency", value, "0 到 4 的整数")
    return value


def _wrong(place: str, name: str, value: object, wanted: str) -> UnusableFile:
    found = shown(str(value)) if isinstance(value, str | int | float) else type_name(value)
    return UnusableFile(f"{place} 的 {name} 为 {found}：应为{wanted}；可用 triage import 重新生成")
