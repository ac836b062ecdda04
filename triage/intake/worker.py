"""The child process that reads Excel and Parquet: `python -m triage.intake.worker TYPE FILE`.

The Rust readers abort the whole process where a damaged or hostile file asks for too much memory
(https://github.com/tafia/calamine/issues/693). Here that ends a child, under a memory limit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from triage.intake.sheets import LOCKED, Damaged, Locked, SheetStart, to_line
from triage.intake.sources import FileType

MAX_MEMORY = 2 * 1024**3
"""Bytes of address space; a workbook of a million rows of requests needs about half of it."""
MAX_SECONDS = 600
"""Of processor time; 100,000 rows take about three."""


def main(arguments: Sequence[str]) -> int:
    """Write the file's sheets to standard output; 0 when all was read."""
    _limit_resources()
    kind, path, *columns = arguments
    out = sys.stdout.buffer
    try:
        for item in _items(FileType(kind), Path(path), columns):
            out.write(to_line(item))
    except Locked:
        out.write(to_line(LOCKED))
    except Damaged:
        out.flush()
        return 1
    out.flush()
    return 0


def _items(
    kind: FileType, path: Path, columns: Sequence[str]
) -> Iterator[SheetStart | list[object]]:
    if kind is FileType.PARQUET:
        # polars takes 0.1 s and 35 MB to load, and no other format needs it.
        from triage.intake.parquet import parquet_sheet

        return parquet_sheet(path, columns)
    from triage.intake.excel import excel_sheets

    return excel_sheets(path)


def _limit_resources() -> None:
    """Bound memory and time, and leave no core file, which would hold requests unmasked."""
    if sys.platform != "win32":
        import resource

        for kind, limit in (
            (resource.RLIMIT_AS, MAX_MEMORY),
            (resource.RLIMIT_CPU, MAX_SECONDS),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(kind)
            if hard == resource.RLIM_INFINITY or hard >= limit:
                resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
