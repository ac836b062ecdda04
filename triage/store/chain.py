"""Walk the ledger's chain: every seq there, every body its digest, every hash the one due.

One pass in order of seq, from the raw columns: a row that no longer makes an event is a finding
too. Memory is one batch of rows, however long the ledger.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from triage.store.anchors import Anchor
from triage.store.instant import as_stored
from triage.store.ledger import GENESIS, head_of, link
from triage.store.tables import ledger
from triage.workorder.events import Kind

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was written; `seq` 0 and `order_id` "" where there is none."""

    seq: int
    order_id: str
    field: str
    message: str

    def __str__(self) -> str:
        place = [f"seq {self.seq}"] if self.seq else []
        place += [f"工单 {self.order_id}"] if self.order_id else []
        return f"{' '.join(place) or '台账'}，{self.field}：{self.message}"

    def to_json(self) -> dict[str, str | int]:
        """Return the difference for a machine."""
        return {
            "seq": self.seq,
            "order": self.order_id,
            "field": self.field,
            "message": self.message,
        }


@dataclass(slots=True)
class Walk:
    """What one pass has seen so far; it is filled by `walk`."""

    events: int = 0
    seq: int = 0
    hash: bytes = GENESIS
    taken: Counter[str] = field(default_factory=Counter)
    accounted: Counter[str] = field(default_factory=Counter)


def walk(connection: Connection, anchors: Iterable[Anchor], seen: Walk) -> Iterator[Difference]:
    """Give every difference in the chain, its head, its anchors and its purged bodies."""
    due = {anchor.head.seq: anchor.head.hash for anchor in anchors}
    rows = connection.execution_options(yield_per=_BATCH).execute(
        select(*as_stored(ledger)).order_by(ledger.c.seq)
    )
    for row in rows:
        yield from _row(row, seen)
        if row.seq in due and due.pop(row.seq) != seen.hash:
            yield Difference(row.seq, row.order_id, "anchor", "与锚点不符：台账在锚点之前被改写")
    for seq in due:
        if seq:
            yield Difference(seq, "", "anchor", f"台账只到 {seen.seq}，锚点 {seq} 及以前的尾部缺失")
    head = head_of(connection)
    if (head.seq, head.hash) != (seen.seq, seen.hash):
        yield Difference(head.seq, "", "head", f"台账尾部为 {seen.seq}，登记的尾部为 {head.seq}")
    for kind in sorted(seen.taken.keys() | seen.accounted.keys()):
        if seen.taken[kind] != seen.accounted[kind]:
            said = f"清除了 {seen.taken[kind]} 条内容，清除记录登记的是 {seen.accounted[kind]} 条"
            yield Difference(0, "", f"body/{kind}", said)


def _row(row: Row[*tuple[Any, ...]], seen: Walk) -> Iterator[Difference]:
    seq, digest = int(row.seq), bytes(row.digest)
    if seq != seen.seq + 1:
        missing = f"{seen.seq + 1}" if seq == seen.seq + 2 else f"{seen.seq + 1}–{seq - 1}"
        yield Difference(seen.seq + 1, "", "seq", f"缺少事件 {missing}")
    if row.body is None:
        seen.taken[row.kind] += 1
    elif hashlib.sha256(str(row.body).encode()).digest() != digest:
        yield Difference(seq, row.order_id, "body", "内容与摘要不符：内容或摘要被改动")
    elif row.kind == Kind.PURGE:
        seen.accounted.update(_accounted(orjson.loads(row.body)))
    facts = (seq, row.order_id, row.kind, row.at, row.actor)
    if seq == seen.seq + 1 and link(seen.hash, facts, digest) != bytes(row.hash):
        yield Difference(seq, row.order_id, "hash", "哈希不符：本行或前一行的字段被改动")
    seen.events, seen.seq, seen.hash = seen.events + 1, seq, bytes(row.hash)


def _accounted(body: Mapping[str, object]) -> dict[str, int]:
    """Return how many bodies of each kind a purge says that it took away."""
    found = body.get("bodies")
    return {str(kind): int(n) for kind, n in found.items()} if isinstance(found, dict) else {}
