"""Labelled examples out of a store: masked texts only, each with its weight and where it is from.

What the held-out data hold is left out, so that nobody is examined in what was taught.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from evaluation.truth import Example
from training.feedback.settling import Settled, settle
from training.feedback.units import Rejecting, rejecting_units
from triage.files import atomic_write
from triage.request import Json
from triage.store.database import Database
from triage.store.histories import ended
from triage.workorder.order import WorkOrder


@dataclass(slots=True)
class Harvest:
    """What was found; `labels` counts (label, provenance)."""

    orders: int = 0
    examples: int = 0
    contested: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: Sequence[Rejecting] = ()

    def to_json(self) -> dict[str, Json]:
        """Return the report."""
        return {
            "orders": self.orders,
            "examples": self.examples,
            "contested": self.contested,
            "skipped": dict(sorted(self.skipped.items())),
            "labels": [
                {"label": label, "provenance": provenance, "n": number}
                for (label, provenance), number in sorted(self.labels.items())
            ],
            "units": [
                {
                    "unit": one.unit,
                    "rejects": one.rejects,
                    "overturned": one.overturned,
                    "noisy": one.is_noisy,
                }
                for one in self.units
            ],
        }


def harvest(database: Database, out: Path, held_out: Sequence[Example]) -> Harvest:
    """Write the examples of all ended orders as JSONL.

    Raises
    ------
    UnusableFile
        `out` cannot be written.
    StoreUnavailable
    """
    known = {(one.title, one.text) for one in held_out}
    found = Harvest(units=rejecting_units(one for _, one in _settled(database, Counter())))
    noisy = frozenset(one.unit for one in found.units if one.is_noisy)
    with atomic_write(out, mode=0o600) as file:
        for order, settled in _settled(database, found.skipped):
            found.orders += 1
            if not settled.labels:
                found.skipped["nothing_said"] += 1
            elif (order.title, order.text) in known:
                found.skipped["held_out"] += 1
            else:
                file.write(orjson.dumps(_row(order, settled, noisy)) + b"\n")
                found.examples += 1
                found.contested += settled.is_contested
                found.labels.update(
                    (name, word.provenance.value) for name, word in settled.labels.items()
                )
    return found


def _settled(database: Database, skipped: Counter[str]) -> Iterator[tuple[WorkOrder, Settled]]:
    with database.snapshot() as connection:
        for order, entries in ended(connection):
            if any(entry.is_purged for entry in entries):
                skipped["purged"] += 1
            else:
                yield order, settle(order, [entry.event for entry in entries])


def _row(order: WorkOrder, settled: Settled, noisy: Collection[str]) -> dict[str, Json]:
    weight = min(word.weight(noisy) for word in settled.labels.values())
    labels: dict[str, Json] = {
        name: list(word.value) if isinstance(word.value, tuple) else word.value
        for name, word in settled.labels.items()
    }
    provenance: dict[str, Json] = {
        name: word.provenance.value for name, word in settled.labels.items()
    }
    return {
        "id": f"order-{order.id}",
        "title": order.title,
        "text": order.text,
        "received_at": order.received_at.isoformat(),
        "district": order.district or None,
        "township": order.township or None,
        **labels,
        "weight": weight,
        "provenance": provenance,
        "not_units": [unit for unit in dict.fromkeys(settled.rejects) if unit != settled.lead],
    }
