"""A labelled record: a masked request with what the desk decided, as `triage import` stores it.

From here on nobody sees the unmasked text. Masking and code lists come in through `ReadingRules`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.intake.cells import cell_id, cell_moment, cell_text, iso
from triage.intake.codes import CodeLists
from triage.intake.headers import Headers
from triage.intake.labels import known_code, read_labels
from triage.intake.reasons import too_long
from triage.intake.record import MAX_ID, parse_request
from triage.request import CitizenRequest, Json

_UNNAMED = "?"
_WORDS = ("district", "township", "channel", "source")


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What reading needs besides the file.

    `mask_text` takes personal data out of a text. `now` is aware; the present when absent.
    """

    headers: Headers
    codes: CodeLists
    mask_text: Callable[[str], str]
    strict_codes: bool = False
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabelledRecord:
    """A masked request and its labels; `has_own_id` is false where the id is a content hash."""

    request: CitizenRequest
    group: str | None = None
    labels: Mapping[str, Json] = field(default_factory=dict)
    has_own_id: bool = True

    def to_json(self) -> dict[str, Json]:
        """Return the stored form: every key of the request, and the labels that are present."""
        request = self.request
        return {
            "id": request.id,
            "title": request.title,
            "text": request.text,
            "received_at": iso(request.received_at) if request.received_at else None,
            "district": request.district,
            "township": request.township,
            "channel": request.channel,
            "source": request.source,
            "group": self.group,
            **self.labels,
        }


def read_labelled(cells: Mapping[str, object], rules: ReadingRules) -> LabelledRecord:
    """Read one row's cells (field → value).

    Raises
    ------
    InvalidRequest
        With a code of `reasons.REASONS`.
    """
    own_id = cell_id(cells.get("id"))
    request = _masked(_coded(_request(cells, own_id, rules), rules.codes), rules.mask_text)
    if own_id is None:
        request = replace(request, id=_content_id(request))
    return LabelledRecord(
        request,
        group=_group(cells),
        labels=read_labels(
            cells, rules.codes, mask_text=rules.mask_text, is_strict=rules.strict_codes
        ),
        has_own_id=own_id is not None,
    )


def _request(
    cells: Mapping[str, object], own_id: str | None, rules: ReadingRules
) -> CitizenRequest:
    value: dict[str, object] = {name: cell_text(name, cells.get(name)) for name in _WORDS}
    value["id"] = own_id or _UNNAMED
    value["title"] = cell_text("title", cells.get("title"))
    value["text"] = _whole_text(cells)
    value["received_at"] = cell_moment(cells.get("received_at"))
    return parse_request(value, now=rules.now)


def _whole_text(cells: Mapping[str, object]) -> object:
    """Return the text with its outer white space, so that a blank one is told from a missing."""
    cell = cells.get("text")
    return cell if isinstance(cell, str) else cell_text("text", cell)


def _coded(request: CitizenRequest, codes: CodeLists) -> CitizenRequest:
    def code(field: str, value: str | None) -> str | None:
        return None if value is None else known_code(field, value, codes)

    return replace(
        request,
        district=code("district", request.district),
        township=code("township", request.township),
        channel=code("channel", request.channel),
    )


def _masked(request: CitizenRequest, mask_text: Callable[[str], str]) -> CitizenRequest:
    return replace(
        request,
        title=mask_text(request.title) if request.title else "",
        text=mask_text(request.text),
        source=mask_text(request.source) if request.source else None,
        township=mask_text(request.township) if request.township else None,
    )


def _content_id(request: CitizenRequest) -> str:
    """Return an id from what is stored: two runs, and two machines, give the same."""
    moment = iso(request.received_at) if request.received_at else ""
    words = (getattr(request, name) or "" for name in _WORDS)
    content = "\x1f".join((request.title, request.text, moment, *words))
    return "auto-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def _group(cells: Mapping[str, object]) -> str | None:
    group = cell_text("group", cells.get("group"))
    if group is not None and len(group) > MAX_ID:
        raise too_long("group", len(group), limit=MAX_ID)
    return group
