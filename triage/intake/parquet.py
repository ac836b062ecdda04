"""Rows of a Parquet file, a slice at a time, by polars. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from triage.intake.sheets import Damaged, SheetStart

_SLICE = 20_000  # rows; about 20 MB of texts


def parquet_sheet(path: Path, columns: Sequence[str]) -> Iterator[SheetStart | list[object]]:
    """Yield the start, the names of the columns as the first row, then the rows.

    Parameters
    ----------
    columns
        The columns to read; for none, only the names are yielded.

    Raises
    ------
    Damaged
        For a file that cannot be read.
    """
    try:
        frame = pl.scan_parquet(path)
        height = frame.select(pl.len()).collect().item()
        yield SheetStart(None, height + 1)
        yield list(columns or frame.collect_schema().names())
        for start in range(0, height if columns else 0, _SLICE):
            rows = frame.select(columns).slice(start, _SLICE).collect()
            for cells in rows.iter_rows():
                yield list(cells)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise Damaged from error
