"""What is wrong with a folder of code lists: one value for each finding, by file and row.

The message is for the person who keeps the list. Rows count as a spreadsheet does: the header is
row 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.errors import CatalogueError
from triage.request import Json

SHOWN = 10
"""Problems quoted in an error message; the command `triage catalogue check` prints all."""
VALUE_LENGTH = 40
"""Characters of a value that are quoted: enough to find it, too few to carry a message's text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `row` and `field` are None where the whole file is meant."""

    file: str
    row: int | None
    field: str | None
    value: str
    message: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        value = f"“{shorten(self.value)}”" if self.value else ""
        return " ".join(part for part in (place, self.field, value, self.message) if part)

    def to_json(self) -> dict[str, Json]:
        """Return the finding as a JSON object."""
        return {
            "file": self.file,
            "row": self.row,
            "field": self.field,
            "value": shorten(self.value),
            "message": self.message,
        }


def shorten(value: str) -> str:
    """Return `value` fit for one line of a message: control characters out, at most 40 long."""
    line = "".join(char if char.isprintable() else "�" for char in value)
    return line if len(line) <= VALUE_LENGTH else f"{line[: VALUE_LENGTH - 1]}…"


def refuse(title: str, problems: Sequence[Problem]) -> CatalogueError:
    """Return the error that lists the first problems and says how many there are."""
    lines = [str(problem) for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"……另有 {len(problems) - SHOWN} 处，用 triage catalogue check 查看全部")
    return CatalogueError("\n  ".join([f"{title}有 {len(problems)} 处问题：", *lines]))
