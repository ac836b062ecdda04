"""Files of requests (Parquet, CSV, JSONL) as one lazy frame of moments and labels.

Moments with an offset are taken as they are, those without are Chinese time, as everywhere in
intake. What cannot be read as a moment is left null: the caller counts it as refused. Labels are
not judged here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from triage.errors import UnusableFile

MOMENT: Final = "received_at"
COLUMNS: Final = ("topic", "district", "township", "channel")
OPTIONAL: Final = (*COLUMNS, "id", "merged_into")
LOCAL: Final = pl.duration(hours=8)
"""Asia/Shanghai: +08:00 and no other since 1991."""
_OFFSET = r"\d:?\d{2}.*(Z|z|[+-]\d{2}:?\d{2})$"
_NAIVE = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y/%m/%dT%H:%M:%S", "%Y/%m/%dT%H:%M")
_OWN = {"topic2": "topic", "agent_topic": "topic"}
"""Other names under which files of this project carry a column."""


def scanned(path: Path) -> pl.LazyFrame:
    """Return the columns `received_at` (µs, UTC, or null) and `OPTIONAL` (text, or null).

    Raises
    ------
    UnusableFile
        It is not there, of another type, damaged, or has no `received_at`.
    """
    frame = _opened(path)
    try:
        schema = frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableFile(f"无法读取 {path}：不是完好的 {path.suffix[1:]} 文件") from error
    if MOMENT not in schema:
        raise UnusableFile(
            f"{path} 没有列 {MOMENT}（受理时间）；现有：{'、'.join(list(schema)[:12])}",
            field=MOMENT,
        )
    named = {new: old for old, new in _OWN.items() if old in schema and new not in schema}
    return frame.select(
        _moment(schema[MOMENT], path).alias(MOMENT),
        *(_text(named.get(name, name), schema).alias(name) for name in OPTIONAL),
    )


def has_ids(path: Path) -> bool:
    """Say whether the file has a column of ids, by which a row sent twice counts once."""
    return "id" in _opened(path).collect_schema()


def _opened(path: Path) -> pl.LazyFrame:
    if not path.is_file():
        raise UnusableFile(f"没有文件 {path}；请检查路径")
    try:
        match path.suffix.lower():
            case ".parquet":
                return pl.scan_parquet(path)
            case ".csv":
                return pl.scan_csv(path, infer_schema=False)
            case ".jsonl" | ".ndjson":
                return pl.scan_ndjson(path, infer_schema_length=1000)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableFile(f"无法读取 {path}：文件为空或已损坏") from error
    raise UnusableFile(f"{path}：只能数 .parquet、.csv、.jsonl 文件")


def _moment(kind: pl.DataType, path: Path) -> pl.Expr:
    column = pl.col(MOMENT)
    if isinstance(kind, pl.Datetime):
        moment = column.cast(pl.Datetime("us", kind.time_zone))
        if kind.time_zone is None:
            return (moment - LOCAL).dt.replace_time_zone("UTC")
        return moment.dt.convert_time_zone("UTC")
    if kind == pl.String():
        return _from_text(column)
    if kind == pl.Date():
        return (column.cast(pl.Datetime("us")) - LOCAL).dt.replace_time_zone("UTC")
    raise UnusableFile(
        f"{path} 的 {MOMENT} 是 {kind}，不是时间；请写成 2026-10-01T08:00+08:00", field=MOMENT
    )


def _from_text(column: pl.Expr) -> pl.Expr:
    text = column.str.strip_chars().str.replace(" ", "T", literal=True)
    shifted = text.str.replace(r"[Zz]$", "+00:00")
    with_offset = pl.coalesce(
        shifted.str.to_datetime(form, strict=False, time_zone="UTC", time_unit="us")
        for form in ("%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z")
    )
    naive = pl.coalesce(
        *(text.str.to_datetime(form, strict=False, time_unit="us") for form in _NAIVE),
        text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")),
    )
    local = (naive - LOCAL).dt.replace_time_zone("UTC")
    return pl.when(text.str.contains(_OFFSET)).then(with_offset).otherwise(local)


def _text(name: str, schema: pl.Schema) -> pl.Expr:
    if name not in schema:
        return pl.lit(None, pl.String)
    kind = schema[name]
    if isinstance(kind, pl.List):
        return pl.col(name).list.first().cast(pl.String)
    return pl.col(name).cast(pl.String)
