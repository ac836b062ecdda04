"""Typed access to one TOML table of a rule file; a wrong field is an error that names it.

Every field is taken once; what is left over at the end is an unknown field, most often a slip.
"""

from __future__ import annotations

from triage.errors import CatalogueError
from triage.steps.rule_notation import Notation, Pattern

Table = dict[str, object]


class Fields:
    """One table and where it stands; `finish` refuses what nobody asked for."""

    def __init__(self, table: Table, place: str) -> None:
        self._rest = dict(table)
        self._place = f"{place} {table.get('id', '')}".rstrip()

    def has(self, name: str) -> bool:
        """Say whether the table gives a field that was not taken yet."""
        return name in self._rest

    def text(self, name: str) -> str:
        """Take a non-empty text."""
        value = self._rest.pop(name, None)
        if not isinstance(value, str) or not value:
            raise self.error(f"{name} 应是非空文字")
        return value

    def optional(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """Take a text that is one of `allowed`, or None where the field is absent."""
        if name not in self._rest:
            return None
        value = self.text(name)
        if value not in allowed:
            raise self.error(f"{name} 是 {value}，应是 {'、'.join(allowed)} 之一")
        return value

    def share(self, name: str) -> float:
        """Take a number in [0, 1]."""
        value = self._rest.pop(name, None)
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self.error(f"{name} 应是 0 到 1 的数")
        return float(value)

    def count(self, name: str, default: int = 0) -> int:
        """Take a whole number from 0 up."""
        value = self._rest.pop(name, default)
        if not isinstance(value, int) or value < 0:
            raise self.error(f"{name} 应是非负整数")
        return value

    def limit(self, name: str) -> int | None:
        """Take a whole number from 0 up, or None where the field is absent."""
        return self.count(name) if self.has(name) else None

    def points(self, name: str) -> int:
        """Take a whole number that is not 0."""
        value = self._rest.pop(name, None)
        if not isinstance(value, int) or value == 0:
            raise self.error(f"{name} 应是非零整数")
        return value

    def flag(self, name: str) -> bool:
        """Take true or false; an absent field is false."""
        value = self._rest.pop(name, False)
        if not isinstance(value, bool):
            raise self.error(f"{name} 应是 true 或 false")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """Take a list of texts; an absent field is empty."""
        value = self._rest.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"{name} 应是文字列表")
        return tuple(value)

    def groups(self, name: str, notation: Notation) -> tuple[Pattern, ...]:
        """Take a list of term lists, each as one pattern; an empty list is dropped."""
        value = self._rest.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, list) for item in value):
            raise self.error(f"{name} 应是列表的列表")
        patterns = [notation.pattern(item) for item in value]
        return tuple(pattern for pattern in patterns if pattern is not None)

    def tables(self, name: str) -> tuple[Fields, ...]:
        """Take a list of sub-tables; an absent field is empty."""
        value = self._rest.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(f"{name} 应是表的列表")
        return tuple(Fields(item, f"{self._place} [[{name}]]") for item in value)

    def finish(self) -> None:
        """Refuse fields that were not taken."""
        if self._rest:
            raise self.error(f"{'、'.join(self._rest)} 是未知字段，请检查拼写")

    def error(self, what: str) -> CatalogueError:
        """Return an error that names the table."""
        return CatalogueError(f"{self._place}: {what}")
