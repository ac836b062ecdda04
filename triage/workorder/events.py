"""What can happen to a work order: the kinds of event, and one event as the ledger keeps it.

An event says what happened, never what the order looks like afterwards: that is `projection`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import orjson

from triage.request import Json


class Kind(StrEnum):
    """The kinds of event; docs/workorder.md says what each body holds."""

    INTAKE = "intake"
    PREDICTION = "prediction"
    SUGGEST = "suggest"
    MANUAL = "manual"
    OVERRIDE = "override"
    DISPATCH = "dispatch"
    ACKNOWLEDGE = "acknowledge"
    HANDLE = "handle"
    REJECT = "reject"
    DEEMED_ACCEPTED = "deemed_accepted"
    OBJECT = "object"
    REASSIGN = "reassign"
    ADJUDICATE = "adjudicate"
    DESIGNATE = "designate"
    PAUSE = "pause"
    RESUME = "resume"
    EXTENSION = "extension"
    DEADLINE = "deadline"
    REMIND = "remind"
    SUPERVISE = "supervise"
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    REDO = "redo"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"
    ABSORB = "absorb"
    RELEASE = "release"
    SPLIT = "split"
    NOTIFY = "notify"
    EXCLUSION = "exclusion"
    READ = "read"
    MODE = "mode"
    PURGE = "purge"
    RULE = "rule"
    MODEL = "model"
    KEY = "key"
    OPINION = "opinion"
    ALARM = "alarm"


Body = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at an aware UTC time; `order_id` is "" for the whole system."""

    order_id: str
    kind: Kind
    at: datetime
    actor: str
    body: Body = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError(f"event at {self.at}: the time must be aware UTC")


def canonical(body: Body) -> bytes:
    """Return the body as the one JSON text that its digest is taken of: sorted keys, UTF-8."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
