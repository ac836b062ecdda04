"""Map a foreign list of labels to our topics, one row of judgement for each foreign label.

A crosswalk is a CSV with one or more `source_*` columns, then target, relation and note. The
relation is read from the source, as in SKOS: `broader` means that our topic is the wider one. Where
`none` stands, nothing fits and a person decides. https://www.w3.org/TR/skos-reference/#mapping
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from triage.catalogue.folder import CROSSWALKS, Folder, shipped_folder
from triage.catalogue.problems import Problem, refuse
from triage.catalogue.schema import RELATIONS
from triage.catalogue.table import Columns, Row, read_bytes, read_rows
from triage.errors import UnusableFile

SOURCE = "source_"
NO_TARGET = "none"
_COLUMNS = Columns(("target", "relation", "note"), optional=None)


@dataclass(frozen=True, slots=True)
class CrosswalkEntry:
    """What one foreign label becomes; `target` is None where nothing fits."""

    source: tuple[str, ...]
    target: str | None
    relation: str
    note: str


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Foreign labels (tuples over `levels`, such as l1, l2, l3) and what they become."""

    name: str
    levels: tuple[str, ...]
    entries: Mapping[tuple[str, ...], CrosswalkEntry]

    @classmethod
    def load(cls, name: str, *, topics: Container[str], folder: Path | None = None) -> Crosswalk:
        """Load a file, or a crosswalk of that name from `folder` or from the package.

        Raises
        ------
        UnusableFile
            Where there is no such crosswalk.
        CatalogueError
            Where its rows are unsound or name topics that `topics` does not hold.
        """
        path = _find(name, folder)
        problems: list[Problem] = []
        levels, rows = _read(path, path.name, problems)
        problems.extend(_row_problems(rows, levels, topics))
        if problems:
            raise refuse(f"对照表 {path} ", problems)
        found = (_entry(row, levels) for row in rows)
        entries = MappingProxyType({entry.source: entry for entry in found})
        shown = tuple(level.removeprefix(SOURCE) for level in levels)
        return cls(path.stem, shown, entries)

    def find(self, source: Sequence[str]) -> CrosswalkEntry | None:
        """Return the entry of a foreign label, surrounding space aside, or None."""
        return self.entries.get(tuple(part.strip() for part in source))

    def relations(self) -> Mapping[str, int]:
        """Count the entries by relation, the most frequent first."""
        return dict(Counter(entry.relation for entry in self.entries.values()).most_common())

    def targets(self) -> Mapping[str, int]:
        """Count the entries by target topic, the most frequent first."""
        found = (entry.target for entry in self.entries.values() if entry.target)
        return dict(Counter(found).most_common())


def crosswalk_problems(folder: Folder) -> list[Problem]:
    """Return what is wrong with the crosswalks of a folder."""
    topics = {row["code"] for row in folder.tables.get("topics", ())}
    problems: list[Problem] = []
    for path in sorted(folder.path.joinpath(CROSSWALKS).glob("*.csv")):
        levels, rows = _read(path, f"{CROSSWALKS}/{path.name}", problems)
        problems.extend(_row_problems(rows, levels, topics))
    return problems


def _find(name: str, folder: Path | None) -> Path:
    places = [Path(name)]
    if Path(name).name == name:
        places += [home / CROSSWALKS / f"{name}.csv" for home in (folder, shipped_folder()) if home]
    for path in places:
        if path.is_file():
            return path
    known = sorted(path.stem for path in shipped_folder().joinpath(CROSSWALKS).glob("*.csv"))
    raise UnusableFile(f"没有对照表“{name}”；请给出 CSV 文件的路径，或其一：{'、'.join(known)}")


def _read(path: Path, file: str, problems: list[Problem]) -> tuple[tuple[str, ...], list[Row]]:
    before = len(problems)
    content = read_bytes(path, file, problems)
    rows = read_rows(content or b"", file, columns=_COLUMNS, problems=problems)
    levels = tuple(c for c in (rows[0].cells if rows else ()) if c.startswith(SOURCE))
    if not levels and len(problems) == before:
        problems.append(Problem(file, 1, None, "", f"没有数据行，或没有以 {SOURCE} 开头的列"))
    return levels, list(rows)


def _row_problems(
    rows: list[Row], levels: tuple[str, ...], topics: Container[str]
) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        source = tuple(row[level] for level in levels)
        earlier = first.setdefault(source, row.number)
        if earlier != row.number:
            problems.append(row.problem(levels[-1], f"与第 {earlier} 行的来源重复"))
        if row["relation"] not in RELATIONS:
            problems.append(row.problem("relation", f"只能是 {'、'.join(sorted(RELATIONS))}"))
        elif (row["relation"] == NO_TARGET) != (row["target"] == ""):
            problems.append(row.problem("target", "关系为 none 时须为空，否则不能为空"))
        elif row["target"] and row["target"] not in topics:
            problems.append(row.problem("target", "topics.csv 没有这个代码"))
    return problems


def _entry(row: Row, levels: tuple[str, ...]) -> CrosswalkEntry:
    source = tuple(row[level] for level in levels)
    return CrosswalkEntry(source, row["target"] or None, row["relation"], row["note"])
