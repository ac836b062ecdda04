"""One intake record from decoded JSON: an input line, and who asks, and where it comes from.

The original texts and the requester's data leave here only for the vault; `masked` is what
everything else sees. One schema for every channel: hotline, site, 110, petition, grid, sensor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from triage.intake.clean import clean
from triage.intake.reasons import refusal, too_long, wrong_type
from triage.intake.record import parse_request
from triage.request import CitizenRequest
from triage.store.vault import Field
from triage.text.mask import mask

ORIGINS = ("citizen", "transfer", "inspection", "sensor")
"""Who noticed: a citizen, another service's transfer, a person on rounds, an instrument."""
PROACTIVE = frozenset({"inspection", "sensor"})
"""未诉先办: these open a proactive case; nobody waits for a reply."""
MAX_SOURCE_ID = 128
MAX_SOURCE = 64
_MOST = {"name": 64, "phone": 32, "address": 200}


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, as given; "" where not given."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class IntakeRecord:
    """A record as it came in, unmasked: for the vault and for triage, which masks first.

    `topic_hint` is what the sender's own list calls the matter: kept as given, nothing follows it.
    """

    request: CitizenRequest
    requester: Requester
    source: str
    source_id: str
    origin: str
    parent_id: str = ""
    topic_hint: str = ""

    def originals(self) -> dict[Field, str]:
        """Return what the vault keeps, by field; nothing for fields that are empty."""
        fields = {
            Field.TEXT: self.request.text,
            Field.TITLE: self.request.title,
            Field.NAME: self.requester.name,
            Field.PHONE: self.requester.phone,
            Field.ADDRESS: self.requester.address,
        }
        return {name: value for name, value in fields.items() if value}

    def nameless(self) -> CitizenRequest:
        """Return the request without the requester's own data; other people's are still in it."""
        request = self.request
        return replace(
            request, title=self._nameless(request.title), text=self._nameless(request.text)
        )

    def masked(self) -> tuple[str, str]:
        """Return title and text without personal data, the requester's own included."""
        request = self.nameless()
        return mask(request.title).text, mask(request.text).text

    def _nameless(self, text: str) -> str:
        for value, placeholder in (
            (self.requester.name, "<姓名>"),
            (self.requester.phone, "<电话>"),
            (self.requester.address, "<地址>"),
        ):
            if len(value) > 1:
                text = text.replace(value, placeholder)
        return text

    def digest(self) -> bytes:
        """Return SHA-256 of what was sent: the same record twice has the same."""
        request = replace(self.request, received_at=None)
        facts: list[object] = [
            request,
            self.requester,
            self.source,
            self.source_id,
            self.origin,
            self.parent_id,
        ]
        at = self.request.received_at
        facts.append(at.isoformat() if at else "")
        if self.topic_hint:
            facts.append(self.topic_hint)
        return hashlib.sha256(orjson.dumps(facts)).digest()


def parse_intake(value: object, *, now: datetime) -> IntakeRecord:
    """Read one record.

    Parameters
    ----------
    value
        Decoded JSON: an input line (`id` may be absent) with `requester`, `source`, `source_id`.
    now
        Aware; a record may be at most a day ahead of it.

    Raises
    ------
    InvalidRequest
        With a code of `triage.intake.reasons.REASONS`, the field, and a remedy.
    """
    if not isinstance(value, dict):
        raise refusal("not_an_object", "一条诉求应为 JSON 对象", '请写成 {"text": "…"}')
    source_id = _word(value, "source_id", MAX_SOURCE_ID)
    _word(value, "source", MAX_SOURCE)
    given = value.get("id")
    line = {**value, "id": source_id or "new"} if given is None else value
    request = parse_request(line, now=now)
    origin = _word(value, "origin", 16) or "citizen"
    if origin not in ORIGINS:
        raise refusal(
            "unknown_code",
            f"字段 origin 的值 {origin!r} 不在代码表中",
            f"可用：{'、'.join(ORIGINS)}",
            field="origin",
        )
    if source_id and not request.source:
        raise refusal(
            "field_missing",
            "给出了 source_id 却没有 source",
            "请补上来源系统的代码",
            field="source",
        )
    return IntakeRecord(
        request,
        parse_requester(value.get("requester")),
        request.source or "",
        source_id,
        origin,
        _word(value, "parent_id", 24),
        _word(value, "topic_hint", 64),
    )


def parse_requester(value: object) -> Requester:
    """Read who asks; nothing is an unknown one.

    Raises
    ------
    InvalidRequest
    """
    if value is None:
        return Requester()
    if not isinstance(value, dict):
        raise wrong_type("requester", value, wanted="对象 {name, phone, address}")
    fields = {name: _word(value, name, limit, within="requester.") for name, limit in _MOST.items()}
    return Requester(**fields)


def _word(value: Mapping[str, object], name: str, limit: int, *, within: str = "") -> str:
    field = within + name
    found = value.get(name)
    if found is None:
        return ""
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str):
        raise wrong_type(field, found, wanted="字符串")
    if len(found) > limit:
        raise too_long(field, len(found), limit=limit)
    return clean(found).strip()
