"""Heads side by side in one table: maxima, sums and softmax of every head's columns at once.

A head at a time costs a handful of small array operations each; laid side by side all heads cost
one handful. What the columns mean is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.model.calibration import Array


class Spans:
    """Spans of columns that share out a table in order, one a head.

    `starts` int64 (spans,) are their first columns, `widths` their numbers of columns, `owner`
    int64 (columns,) the span that each column belongs to.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = np.array(widths, np.int64)
        self.starts = np.cumsum(self.widths) - self.widths
        self.owner = np.repeat(np.arange(len(widths)), self.widths)

    def most(self, rows: Array) -> Array:
        """Return the largest value of each span of rows (n, columns), (n, spans)."""
        largest: Array = np.maximum.reduceat(rows, self.starts, axis=1)
        return largest

    def sums(self, rows: Array) -> Array:
        """Return the sum of each span of rows (n, columns), (n, spans)."""
        summed: Array = np.add.reduceat(rows, self.starts, axis=1)
        return summed

    def spread(self, values: Array) -> Array:
        """Repeat values (n, spans) over the columns of their spans, (n, columns)."""
        repeated: Array = values.take(self.owner, axis=1)
        return repeated

    def cut(self, rows: Array) -> list[Array]:
        """Return each span of rows (n, columns) by itself: views (n, width)."""
        ends = (self.starts + self.widths).tolist()
        return [rows[:, start:end] for start, end in zip(self.starts.tolist(), ends, strict=True)]

    def softmax(self, logits: Array) -> Array:
        """Return the softmax of each span of logits (n, columns), of the same shape."""
        raised = logits - self.spread(self.most(logits))
        np.exp(raised, out=raised)
        raised /= self.spread(self.sums(raised))
        return raised
