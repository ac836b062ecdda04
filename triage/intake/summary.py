"""What an import did: counts by file and by reason, for people's eyes elsewhere and for scripts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from triage.intake.clean import clean
from triage.intake.rows import Table
from triage.request import Json


@dataclass(slots=True)
class FileSummary:
    """How one file was read and what became of its rows; counts grow as the rows pass."""

    table: Table
    records: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        """Return the number of refused rows."""
        return self.reasons.total()

    @property
    def rows(self) -> int:
        """Return the number of rows with anything in them."""
        return self.records + self.rejected

    def to_json(self) -> dict[str, Json]:
        """Return the summary for scripts."""
        table = self.table
        return {
            "file": clean(str(table.path)),
            "type": table.type.value,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "sheet": table.sheet,
            "columns": dict(table.columns),
            "unused": list(table.unused),
            "rows": self.rows,
            "records": self.records,
            "rejected": self.rejected,
            "reasons": dict(sorted(self.reasons.items())),
        }


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did, and where it put the results."""

    out: Path
    rejects: Path
    files: tuple[FileSummary, ...]

    @property
    def records(self) -> int:
        """Return the number of records written."""
        return sum(file.records for file in self.files)

    @property
    def rejected(self) -> int:
        """Return the number of refused rows."""
        return sum(file.rejected for file in self.files)

    @property
    def reasons(self) -> Counter[str]:
        """Return the number of refused rows by code."""
        return sum((file.reasons for file in self.files), Counter())

    def to_json(self) -> dict[str, Json]:
        """Return the summary for scripts."""
        return {
            "out": clean(str(self.out)),
            "rejects": clean(str(self.rejects)),
            "rows": self.records + self.rejected,
            "records": self.records,
            "rejected": self.rejected,
            "reasons": dict(sorted(self.reasons.items())),
            "files": [file.to_json() for file in self.files],
        }
