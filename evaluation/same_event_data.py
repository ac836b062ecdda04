"""Read the judged pairs of `dup_dev` and the pool of messages they are of.

The folder is the developers' `../shared/data`; texts stay there. Mirrored pairs count once.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from triage.errors import UnusableFile
from triage.same_event.entry import Entry

PAIRS = "labelled/dup_dev.csv"
POOL = "tipdm2020c/messages3_dev.csv"
_ZONE = ZoneInfo("Asia/Shanghai")
_REGION = re.compile(r"[A-Z][0-9]+[区县市]")
"""How the publisher coded districts; real names are not to be had."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids, 0 unrelated, 1 related, 2 one event, and what is folded by."""

    query: str
    candidate: str
    label: int
    component: str


def read_pairs(shared: Path) -> list[Pair]:
    """Return the judged pairs, those that stand in both directions once."""
    found: dict[frozenset[str], Pair] = {}
    for row in rows(shared / PAIRS):
        pair = Pair(row["query_id"], row["candidate_id"], int(row["label"]), row["component"])
        found.setdefault(frozenset((pair.query, pair.candidate)), pair)
    return list(found.values())


def read_queries(shared: Path) -> list[str]:
    """Return the ids of the queries, in the order of the file, each once."""
    return list(dict.fromkeys(row["query_id"] for row in rows(shared / PAIRS)))


def read_pool(shared: Path, topics: Mapping[str, str]) -> dict[str, Entry]:
    """Return the pool's messages by id; `topics` maps ids to the topic that a model gave them."""
    found = {}
    for row in rows(shared / POOL):
        region = _REGION.search(f"{row['title']}\n{row['detail']}")
        found[row["id"]] = Entry(
            row["id"],
            row["title"],
            row["detail"],
            datetime.fromisoformat(row["time"]).replace(tzinfo=_ZONE),
            row["user"],
            region[0] if region else "",
            topics.get(row["id"], ""),
        )
    return found


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV by column.

    Raises
    ------
    UnusableFile
        It cannot be read.
    """
    csv.field_size_limit(10_000_000)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"无法读取 {path}（{error}）：--shared 应为开发者数据目录") from error
