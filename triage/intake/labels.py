"""Labels of a row: what the desk decided about it, where the table says so.

A label whose column is absent is absent; a label whose cell is empty is null, or an empty list: the
desk looked, and there was none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from triage.intake.cells import cell_text
from triage.intake.codes import CODED_FIELDS, STRICT_FIELDS, CodeLists
from triage.intake.headers import LABEL_FIELDS
from triage.intake.reasons import refusal, shown, too_long
from triage.intake.record import MAX_WORD
from triage.request import Json

_LISTS = frozenset({"support_units", "flags"})
_SEPARATORS = re.compile(r"[;；,，、|\n]")


def read_labels(
    cells: Mapping[str, object],
    codes: CodeLists,
    *,
    mask_text: Callable[[str], str],
    is_strict: bool,
) -> dict[str, Json]:
    """Return the labels of a row in the order of `LABEL_FIELDS`.

    Parameters
    ----------
    mask_text
        Applied to labels that no list vouches for: a unit's cell may name its clerk.
    is_strict
        Whether topics and units must be of the code lists too.

    Raises
    ------
    InvalidRequest
        `unknown_code`, `field_type` or `field_too_long`.
    """
    checked = (*CODED_FIELDS, *STRICT_FIELDS) if is_strict else CODED_FIELDS

    def value(field: str, text: str) -> str:
        if len(text) > MAX_WORD:
            raise too_long(field, len(text), limit=MAX_WORD)
        return known_code(field, text, codes) if field in checked else mask_text(text)

    return {field: _label(field, cells[field], value) for field in LABEL_FIELDS if field in cells}


def known_code(field: str, value: str, codes: CodeLists) -> str:
    """Return the code of a code or a name.

    Raises
    ------
    InvalidRequest
        `unknown_code`: the record waits for a person, or for the lists to grow.
    """
    code = codes.resolve(field, value)
    if code is None:
        raise refusal(
            "unknown_code",
            f"字段 {field} 的值“{shown(value)}”不在代码表中",
            "请改正，或把它加入代码表（--catalogue）",
            field=field,
        )
    return code


def _label(field: str, cell: object, value: Callable[[str, str], str]) -> Json:
    if field in _LISTS:
        return [value(field, text) for text in _values(field, cell)]
    text = cell_text(field, cell)
    if text is None:
        return None
    return int(value(field, text)) if field == "urgency" else value(field, text)


def _values(field: str, cell: object) -> list[str]:
    """Return the distinct values of a list cell, in order."""
    parts: Sequence[object]
    if isinstance(cell, list | tuple):
        parts = cell
    else:
        parts = _SEPARATORS.split(cell_text(field, cell) or "")
    texts = (cell_text(field, part) for part in parts)
    return list(dict.fromkeys(text for text in texts if text))
