"""Series that go on under another name: those that are told, and those that look like it.

A topic that was renamed, or a district that was merged into another, is added up with what it is
called now. Where nobody said so, two series of which one falls silent as the other begins are named
to the reader; they are not joined by guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from triage.errors import InvalidRequest
from triage.trends.panel import Panel

_NEAR: Final = 7
"""Steps between the last of one and the first of the other."""
_SILENT: Final = 28
"""Steps without any, before a beginning or after an end: four weeks."""
_LEAST: Final = 20
"""Requests that both have had: fewer end and begin by chance."""
_TOLD: Final = 5


def merged(panel: Panel, moved: Mapping[int, Mapping[str, str]]) -> Panel:
    """Return the panel with values replaced, column by column, and series that are one added up."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, key in enumerate(panel.ids):
        now = tuple(moved.get(place, {}).get(value, value) for place, value in enumerate(key))
        groups.setdefault(now, []).append(index)
    return Panel(
        panel.grain,
        panel.columns,
        tuple(groups),
        panel.first,
        np.stack([panel.counts[rows].sum(axis=0) for rows in groups.values()]),
        np.array([panel.start[rows].min() for rows in groups.values()]),
        panel.covariates,
    )


def renamed(panel: Panel, names: Sequence[str]) -> Panel:
    """Return the panel with values renamed, each name as `old=new`, in whatever column it stands.

    Raises
    ------
    InvalidRequest
        rename_invalid: no `=`, a value that no series has, an old name that is there twice, or a
        new name that is itself renamed.
    """
    if not names:
        return panel
    pairs: dict[str, str] = {}
    for one in names:
        old, new = _pair(one)
        if old in pairs:
            raise _invalid(one, f"{old!r} 已改名为 {pairs[old]!r}；一个旧名只能写一次")
        pairs[old] = new
    for old, new in pairs.items():
        if new in pairs:
            raise _invalid(f"{old}={new}", f"{new!r} 自己也要改名；请直接写最后的名字")
    known = {value for key in panel.ids for value in key}
    for old in pairs:
        if old not in known:
            raise _invalid(f"{old}=…", f"数据里没有 {old!r}")
    return merged(panel, dict.fromkeys(range(len(panel.columns)), pairs))


def suspected(panel: Panel) -> tuple[str, ...]:
    """Return a note for each pair of series that looks like one under two names, in Chinese."""
    notes = [
        f"序列 {'×'.join(panel.ids[old])} 到 {panel.label(end)} 为止，"
        f"{'×'.join(panel.ids[new])} 从 {panel.label(begin)} 开始：若是改名，请加 --rename 旧=新"
        for old, new, end, begin in _pairs(panel)
    ]
    more = (f"另有 {len(notes) - _TOLD} 对也像是改名",) if len(notes) > _TOLD else ()
    return (*notes[:_TOLD], *more)


def _pairs(panel: Panel) -> Iterator[tuple[int, int, int, int]]:
    """Yield the series that ended, the one that began then, and both steps."""
    enough = np.flatnonzero(panel.counts.sum(axis=1) >= _LEAST)
    some = panel.counts[enough] > 0
    first, last = some.argmax(axis=1), panel.steps - 1 - some[:, ::-1].argmax(axis=1)
    begun = [i for i, step in enumerate(first) if step >= _SILENT]
    for i in np.flatnonzero(last < panel.steps - _SILENT).tolist():
        old = int(enough[i])
        for j in begun:
            new = int(enough[j])
            apart = sum(a != b for a, b in zip(panel.ids[old], panel.ids[new], strict=True))
            if apart == 1 and 0 < first[j] - last[i] <= _NEAR:
                yield old, new, int(last[i]), int(first[j])
                break


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (sign and old and new):
        raise _invalid(text, "应写成 旧=新")
    return old, new


def _invalid(text: str, what: str) -> InvalidRequest:
    return InvalidRequest("rename_invalid", f"--rename {text}：{what}", field="rename")
