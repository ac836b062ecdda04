"""Whether the parts of a model fit together, asked once when it is loaded.

Hashes say that files are what was published; this says that what was published can be used. A
mistake raises ValueError, which `Model.load` turns into a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triage.model.calibration import SHAPES, Calibration
from triage.model.features import BUCKET_BITS, Document, Field

if TYPE_CHECKING:
    from triage.model.model import Head

MULTICLASS, ORDINAL, MULTILABEL = "multiclass", "ordinal", "multilabel"
MAX_ORDER = 8
"""Longest n-gram; salts of two fields would meet from 16 on."""

Tensors = Mapping[str, NDArray[np.generic]]


def check_fields(fields: Sequence[Field]) -> None:
    """Check that fields are parts of a document, the text among them."""
    names = [field.name for field in fields]
    _require("text" in names and len(set(names)) == len(names), "fields")
    _require(set(names) <= set(Document.__slots__), "fields")
    for field in fields:
        orders = [type(order) is int and 1 <= order <= MAX_ORDER for order in field.orders]
        _require(bool(orders) and all(orders), "orders")


def check_table(tensors: Tensors, *, fields: int) -> None:
    """Check the weight table and what stands beside its rows and columns."""
    table, bucket, start = tensors["table"], tensors["bucket"], tensors["field_start"]
    rows, columns = len(bucket), table.shape[1]
    _require(table.dtype == np.int8, "table")
    slot = tensors["slot"].astype(np.int64)
    _require(bucket.shape == tensors["idf"].shape == slot.shape == (rows,), "rows")
    _require(np.array_equal(np.sort(slot[slot != -1]), np.arange(len(table))), "slot")
    _require(tensors["scale"].shape == tensors["bias"].shape == (columns,), "columns")
    _require(start.shape == (fields + 1,), "fields")
    edges = start.astype(np.int64)
    _require(edges[0] == 0 and edges[-1] == rows and bool((np.diff(edges) >= 0).all()), "fields")
    known = bucket.astype(np.int64)
    _require(bool(((known >= 0) & (known < 1 << BUCKET_BITS)).all()), "bucket")
    _require(bool((tensors["idf"].astype(np.float32) > 0).all()), "idf")
    for name in ("idf", "scale", "bias"):
        _require(bool(np.isfinite(tensors[name].astype(np.float32)).all()), name)


def check_dense(tensors: Tensors, *, dimensions: int) -> None:
    """Check the weights of an encoder's vectors: a row a dimension, a column a table's column."""
    dense = tensors["dense"]
    _require(dense.shape == (dimensions, len(tensors["bias"])), "dense")
    _require(dense.dtype == np.float32 and bool(np.isfinite(dense).all()), "dense")


def check_heads(heads: Sequence[Head], *, columns: int) -> None:
    """Check that heads share out all columns in order, and that calibrations fit them."""
    by_name = {head.name: head for head in heads}
    _require(len(by_name) == len(heads), "head names")
    edges = [0, *(head.columns.stop for head in heads)]
    _require([head.columns.start for head in heads] == edges[:-1], "columns")
    _require(edges[-1] == columns and len(heads) > 0, "columns")
    for head in heads:
        k = head.columns.stop - head.columns.start
        _require(head.kind in (MULTICLASS, ORDINAL, MULTILABEL), head.kind)
        _require(k == len(head.labels) - (head.kind == ORDINAL) and k > 0, head.name)
        _require(len(set(head.labels)) == len(head.labels), head.name)
        if head.first is not None:
            _check_calibration(head.first, k)
        _check_calibration(head.final, k)
        for link in head.final.links:
            source = by_name.get(link.source)
            _require(source is not None and source.first is not None, f"link {link.source}")
            assert source is not None  # required above
            _require(link.table.shape == (len(source.labels), k), f"link {link.source}")


def _check_calibration(calibration: Calibration, k: int) -> None:
    _require(calibration.weights.shape == (SHAPES + len(calibration.links), k), "calibration")
    _require(calibration.offset.shape == (k,), "calibration")
    finite = np.isfinite(calibration.weights).all() and np.isfinite(calibration.offset).all()
    _require(bool(finite), "calibration")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
