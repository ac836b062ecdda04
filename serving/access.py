"""Which role may use which endpoint: one table, data, read from `data/access.csv`.

What is not in the table nobody may use. What one may do to one order is `triage.desk`'s business:
here only method, path and role are known. An ordinary path is found by one look into a dictionary;
patterns are tried only where that finds nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from serving.rights import PUBLIC, ROLES

COLUMNS = (*ROLES, PUBLIC)
YES = "yes"

_PLACEHOLDER = re.compile(r"\{(\w+)(:path)?\}")
# No control characters: the router ends a path at `$`, which a newline may follow.
_SEGMENT, _REST = r"[^/\x00-\x1f\x7f]+", r"[^\x00-\x1f\x7f]+"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row; `path` is a pattern in the router's notation: `{id}`, `{path:path}`."""

    method: str
    path: str
    roles: frozenset[str]
    is_public: bool
    note: str


class AccessTable:
    """All rows.

    Raises
    ------
    ValueError
        Where two rows are of one method and path.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._exact: dict[tuple[str, str], Rule] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Rule]] = []
        for rule in self.rules:
            if (rule.method, rule.path) in self._exact:
                raise ValueError(f"listed twice: {rule.method} {rule.path}")
            self._exact[rule.method, rule.path] = rule
            if "{" in rule.path:
                self._patterns.append((rule.method, _compiled(rule.path), rule))
        for rule in self.rules:
            if rule.method == "GET":  # HEAD is GET without the body
                self._exact.setdefault(("HEAD", rule.path), rule)

    def find(self, method: str, path: str) -> Rule | None:
        """Return the row of a request, or None: then nobody may.

        A route's own pattern is found as well: `/v1/requests/{id}` fits itself.
        """
        found = self._exact.get((method, path))
        if found is not None:
            return found
        wanted = "GET" if method == "HEAD" else method
        for listed, pattern, rule in self._patterns:
            if listed == wanted and pattern.fullmatch(path):
                return rule
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """Return the methods that a path is listed with; () for a path that is not listed."""
        listed = dict.fromkeys(rule.method for rule in self.rules)
        return tuple(method for method in listed if self.find(method, path))


@cache
def access_table() -> AccessTable:
    """Return the shipped table."""
    text = files("serving").joinpath("data/access.csv").read_text("utf-8")
    return AccessTable(map(_rule, csv.DictReader(text.splitlines())))


def _rule(row: Mapping[str, str]) -> Rule:
    wrong = [name for name in COLUMNS if row[name] not in ("", YES)]
    if wrong:
        raise ValueError(f"{row['method']} {row['path']}: {wrong} must be yes or empty")
    roles = frozenset(name for name in COLUMNS if row[name])
    return Rule(row["method"], row["path"], roles, PUBLIC in roles, row["note"])


def _compiled(path: str) -> re.Pattern[str]:
    parts, end = [], 0
    for found in _PLACEHOLDER.finditer(path):
        parts += [re.escape(path[end : found.start()]), _REST if found[2] else _SEGMENT]
        end = found.end()
    return re.compile("".join([*parts, re.escape(path[end:])]))
