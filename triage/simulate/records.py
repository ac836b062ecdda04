"""What the simulated city gives: a request as it comes in, the truth about it, its order's life.

The three stay apart: the input line holds nothing of the truth. Times are ISO 8601 with +08:00.
All are named tuples, as values that are made by the million: a frozen dataclass costs four times as
much to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from triage.request import Json


class Requester(NamedTuple):
    """An invented person; telephones begin with 154, which no operator in China gives out."""

    name: str
    phone: str


class LifeEvent(NamedTuple):
    """One event of a work order; kinds and reasons are those of the ledger (`reject` …)."""

    at: str
    kind: str
    body: Mapping[str, Json]

    def to_json(self) -> dict[str, Json]:
        """Return the event as one flat object."""
        return {"at": self.at, "kind": self.kind, **self.body}


class Truth(NamedTuple):
    """What the request is really about.

    `telling` counts the requests of one event from 0, but not those of an outbreak; `repeat_of` is
    the id of the request that the same requester made before. `district` and `township` are
    codes of the day.
    """

    id: str
    topic: str
    request_type: str
    urgency: int
    unit: str
    support: tuple[str, ...]
    district: str
    township: str
    requester_id: str
    event_id: str | None
    telling: int
    outbreak_id: str | None
    repeat_of: str | None

    def to_json(self) -> dict[str, Json]:
        """Return the line of `truth.jsonl`."""
        return {
            "id": self.id,
            "topic": self.topic,
            "request_type": self.request_type,
            "urgency": self.urgency,
            "unit": self.unit,
            "support": list(self.support),
            "district": self.district,
            "township": self.township,
            "requester_id": self.requester_id,
            "event_id": self.event_id,
            "telling": self.telling,
            "outbreak_id": self.outbreak_id,
            "repeat_of": self.repeat_of,
        }


class SimulatedRequest(NamedTuple):
    """A request as a channel delivers it; `received_at` is in the order of the stream."""

    id: str
    title: str | None
    text: str
    received_at: str
    channel: str
    district: str | None
    township: str | None
    requester: Requester | None
    source: str
    source_id: str
    truth: Truth
    life: tuple[LifeEvent, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the input line: what `triage import` and `triage predict` accept, no truth."""
        requester = self.requester
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "received_at": self.received_at,
            "channel": self.channel,
            "district": self.district,
            "township": self.township,
            "requester": requester and {"name": requester.name, "phone": requester.phone},
            "source": self.source,
            "source_id": self.source_id,
        }

    def life_json(self) -> dict[str, Json]:
        """Return the line of `life.jsonl`: all events of the order, in time."""
        return {
            "id": self.id,
            "events": [{"at": at, "kind": kind, **body} for at, kind, body in self.life],
        }
