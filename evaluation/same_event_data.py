"""Read the judged pairs of `dup_dev` and the pool of messages they are of, masked.

The folder is the developers' `../shared/data`; texts stay there. Mirrored pairs count once. Texts
are read as a request is at run time, so that an encoder tuned on the same file knows them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from evaluation.judged_pairs import Pair, once, read_judged_pairs
from triage.errors import UnusableFile
from triage.intake import parse_request
from triage.same_event.entry import Entry
from triage.text.mask import mask_all

PAIRS = "labelled/dup_dev.csv"
POOL = "tipdm2020c/messages3_dev.csv"
ZONE = ZoneInfo("Asia/Shanghai")
_REGION = re.compile(r"[A-Z][0-9]+[区县市]")
"""How the publisher coded districts; real names are not to be had."""


def read_pairs(shared: Path) -> list[Pair]:
    """Return the judged pairs, those that stand in both directions once."""
    ids = {row["id"] for row in rows(shared / POOL)}
    return once(read_judged_pairs(shared / PAIRS, ids))


def read_queries(shared: Path) -> list[str]:
    """Return the ids of the queries, in the order of the file, each once."""
    return list(dict.fromkeys(row["query_id"] for row in rows(shared / PAIRS)))


def read_pool(shared: Path, topics: Mapping[str, str]) -> dict[str, Entry]:
    """Return the pool's messages by id; `topics` maps ids to the topic that a model gave them."""
    table = list(rows(shared / POOL))
    told = [parse_request({**row, "text": row["detail"]}) for row in table]
    titles = mask_all([one.title for one in told])
    details = mask_all([one.text for one in told])
    found = {}
    for row, one, title, detail in zip(table, told, titles, details, strict=True):
        found[one.id] = Entry(
            one.id,
            title.text,
            detail.text,
            datetime.fromisoformat(row["time"]).replace(tzinfo=ZONE),
            row["user"],
            region_of(title.text, detail.text),
            topics.get(one.id, ""),
        )
    return found


def region_of(title: str, detail: str) -> str:
    """Return the first district that a message names, as the publisher coded it, or ""."""
    found = _REGION.search(f"{title}\n{detail}")
    return found[0] if found else ""


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
