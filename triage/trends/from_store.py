"""Count the work orders of the store; afterwards only days that an event has touched since.

The ledger says which orders changed after the last build (received late, merged, split, judged
again): their days are counted again from the orders as they stand. Texts are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from triage.errors import UnusableFile
from triage.store.database import Database
from triage.store.tables import ledger, ledger_head, work_order
from triage.trends.building import Built
from triage.trends.cells import KEYS
from triage.trends.codes import Codes
from triage.trends.folder import CountsFolder, Manifest
from triage.trends.recounting import replace_days, rewrite_areas
from triage.workorder.events import Kind
from triage.workorder.working_calendar import shanghai_day, start_of_day

_BATCH: Final = 5_000
_SCHEMA: Final = {
    "moment": pl.Datetime("us", "UTC"),
    **dict.fromkeys(KEYS, pl.String()),
    "alone": pl.Boolean(),
}


def build_from_store(
    folder: CountsFolder,
    database: Database,
    codes: Codes,
    *,
    now: datetime,
    progress: Callable[[int], object] = lambda _: None,
) -> Built:
    """Bring the counts to where the ledger is.

    Raises
    ------
    UnusableFile
        The folder holds counts of files.
    CountsBusy, StoreUnavailable
    """
    with folder.locked(), database.snapshot() as connection:
        old = folder.manifest() or Manifest()
        if old.sources:
            raise UnusableFile(f"{folder.root} 里是从文件统计的；从库里统计请换一个 --folder")
        if old.ledger_seq is not None and old.catalogue != codes.catalogue.version:
            rewrite_areas(folder, codes)
        seq = connection.execute(select(ledger_head.c.seq)).scalar_one()
        days = _touched(connection, old.ledger_seq)
        rows = 0
        for _, month in groupby(days, lambda day: (day.year, day.month)):
            wanted = list(month)
            cells = _counted(connection, wanted)
            replace_days(folder, wanted, cells, codes)
            rows += (done := int(cells["requests"].sum()))
            progress(done)
        folder.write_manifest(
            Manifest(
                catalogue=codes.catalogue.version,
                ledger_seq=int(seq),
                built_at=now.astimezone(UTC).isoformat(timespec="seconds"),
                unknown={**old.unknown, **codes.unknown},
            )
        )
    return Built(0, rows, 0, len(days))


def _touched(connection: Connection, seq: int | None) -> list[date]:
    """Return the days of orders that have changed after `seq`; None: of all orders."""
    query = select(work_order.c.received_at)
    if seq is None:
        first, last = connection.execute(
            select(func.min(work_order.c.received_at), func.max(work_order.c.received_at))
        ).one()
        if first is None:
            return []
        start, end = shanghai_day(first), shanghai_day(last)
        return [start + timedelta(days=n) for n in range((end - start).days + 1)]
    changed = select(ledger.c.order_id).where(
        ledger.c.seq > seq, ledger.c.order_id != "", ledger.c.kind != Kind.READ.value
    )
    query = query.where(work_order.c.id.in_(changed))
    return sorted({shanghai_day(moment) for moment in connection.execute(query).scalars()})


def _counted(connection: Connection, days: Sequence[date]) -> pl.DataFrame:
    """Return hourly cells of these days, labels as they stand on the orders."""
    begins, ends = start_of_day(days[0]), start_of_day(days[-1] + timedelta(days=1))
    query = select(work_order.c.received_at, work_order.c.topic, work_order.c.document).where(
        work_order.c.received_at >= begins, work_order.c.received_at < ends
    )
    parts = [pl.DataFrame(part, _SCHEMA, orient="row") for part in _batches(connection, query)]
    rows = pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)
    local = pl.col("moment").dt.replace_time_zone(None) + pl.duration(hours=8)
    return (
        rows.with_columns(day=local.dt.date(), hour=local.dt.hour().cast(pl.UInt8))
        .filter(pl.col("day").is_in(list(days)))
        .group_by("day", "hour", *KEYS)
        .agg(requests=pl.len().cast(pl.UInt32), events=pl.col("alone").sum().cast(pl.UInt32))
    )


def _batches(connection: Connection, query) -> Iterator[list[tuple[object, ...]]]:  # type: ignore[no-untyped-def]  # noqa: ANN001  a Select of three columns
    with connection.execution_options(yield_per=_BATCH).execute(query) as found:
        for part in found.partitions():
            yield [_row(*row) for row in part]


def _row(moment: datetime, topic: str, document: str | bytes) -> tuple[object, ...]:
    order = orjson.loads(document)
    place = (order.get("district") or order.get("region") or "", order.get("township") or "")
    return (moment, topic, *place, order.get("channel") or "", not order.get("merged_into"))
