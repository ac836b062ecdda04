"""Read the texts whose statistics the same-event model rests on: titled messages, masked.

The folder is the developers' `../shared/data`; texts stay there. A text of the judged pool is never
among them: it is dropped by title and by the beginning of its detail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.same_event_data import rows
from triage.same_event.entry import Entry
from triage.text.mask import mask_all

LETTERS = "labelled/train.csv"
OTHERS = ("tipdm2020c/topics7_train.csv", "tipdm2020c/messages4_dev.csv")
_TITLES, _DETAILS = ("title", "留言主题"), ("detail", "留言详情")
_SAME = 40
"""Characters of a detail, marks left out, by which a text of the pool is known."""


@dataclass(frozen=True, slots=True)
class Told:
    """A titled text; `topic` is "" where nobody read it."""

    title: str
    detail: str
    topic: str = ""


def read_statistics(shared: Path, pool: Mapping[str, Entry]) -> list[Told]:
    """Return titled texts that are not of the pool, each title once."""
    titles = {_plain(entry.title) for entry in pool.values()}
    details = {_plain(entry.detail)[:_SAME] for entry in pool.values()}
    found: dict[str, Told] = {}
    for name in (LETTERS, *OTHERS):
        for told in _masked(shared / name):
            title, detail = _plain(told.title), _plain(told.detail)[:_SAME]
            if title not in titles and detail not in details:
                found.setdefault(title, told)
    return list(found.values())


def _masked(path: Path) -> list[Told]:
    table = list(rows(path))
    titles = mask_all([_of(row, _TITLES) for row in table])
    details = mask_all([_of(row, _DETAILS) for row in table])
    return [
        Told(title.text, detail.text, row.get("topic") or "")
        for row, title, detail in zip(table, titles, details, strict=True)
    ]


def _of(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((row[name] or "" for name in names if name in row), "")


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text)
