"""One row of a table or one line of JSONL as an intake record: requester and source included.

Unlike `triage import`, which drops the requester's columns, this reads them: they go to the vault.
A row without a number of its own gets one from its content, so that it is taken in only once.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import orjson

from triage.desk.record import IntakeRecord, parse_intake
from triage.intake.cells import cell_id, cell_moment, cell_text
from triage.intake.headers import Headers

DEFAULT_SOURCE = "bulk"
_WORDS = ("title", "district", "township", "channel", "origin", "parent_id")
_PERSON = ("name", "phone", "address")


def intake_headers(extra: Path | None = None) -> Headers:
    """Return the header table of intake, a city's own lines before it.

    Raises
    ------
    UnusableFile
    """
    return Headers.load(extra, first=_shipped())


def read_row(cells: Mapping[str, object], *, source: str, now: datetime) -> IntakeRecord:
    """Read one row's cells (field → value); `source` is for rows that name none.

    Raises
    ------
    InvalidRequest
        With a code of `triage.intake.reasons.REASONS`.
    """
    value: dict[str, object] = {name: cell_text(name, cells.get(name)) for name in _WORDS}
    text = cells.get("text")
    value["text"] = text if isinstance(text, str) else cell_text("text", text)
    value["received_at"] = cell_moment(cells.get("received_at"))
    value["requester"] = _requester(cells)
    value["source"] = cell_text("source", cells.get("source")) or source
    own = cell_id(cells.get("source_id")) or cell_id(cells.get("id"))
    value["source_id"] = own or _content_id(value)
    return parse_intake(value, now=now)


def _requester(cells: Mapping[str, object]) -> object:
    given = cells.get("requester")
    if given is not None:
        return given
    return {
        name: cell_text(f"requester.{name}", cells.get(f"requester.{name}")) for name in _PERSON
    }


def _content_id(value: Mapping[str, object]) -> str:
    content = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return "row-" + hashlib.sha256(content).hexdigest()[:32]


@cache
def _shipped() -> Mapping[str, str]:
    text = (files("triage.desk") / "data/intake_headers.csv").read_text("utf-8")
    return {row["header"]: row["field"] for row in csv.DictReader(text.splitlines())}
