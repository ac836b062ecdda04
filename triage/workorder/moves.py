"""The table of moves: from which state to which, its name, who may make it, what it needs.

Data, not code: `data/moves.csv`. Whether the caller sits in the right unit is `access`'s business.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from triage.errors import TriageError
from triage.workorder.events import Kind
from triage.workorder.states import State


class IllegalMove(TriageError):
    """A move that the table does not hold; `allowed` are the states one may go to."""

    code = "move_illegal"

    def __init__(self, state: State, to: str, allowed: tuple[State, ...]) -> None:
        names = "、".join(allowed) or "无"
        super().__init__(f"工单现为 {state}，不能转为 {to}；可以转为：{names}")
        self.state, self.to, self.allowed = state, to, allowed


class IncompleteMove(TriageError):
    """A move without something that it needs; `field` is what is missing or wrong."""

    code = "move_incomplete"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)


@dataclass(frozen=True, slots=True)
class Move:
    """One row: `by` are roles, `needs` are fields, `reasons` are the only codes where any are."""

    source: State
    to: State
    kind: Kind
    by: frozenset[str]
    needs: tuple[str, ...]
    reasons: frozenset[str]
    name: str

    def check(self, given: dict[str, str | None]) -> None:
        """Check the fields that the move needs.

        Raises
        ------
        IncompleteMove
            The first field that is missing, or a reason that is not among the codes.
        """
        for field in self.needs:
            if not given.get(field):
                raise IncompleteMove(field, f"{self.name}需要填写 {field}")
        reason = given.get("reason")
        if self.reasons and reason not in self.reasons:
            codes = "、".join(sorted(self.reasons))
            raise IncompleteMove(
                "reason", f"{self.name}的原因 {reason!r} 不在代码表中；可用：{codes}"
            )


@dataclass(frozen=True, slots=True)
class MoveTable:
    """All moves, in the order of the file."""

    moves: tuple[Move, ...]

    def allowed(self, state: State) -> tuple[State, ...]:
        """Return the states that one may go to, each once, in the order of the table."""
        return tuple(dict.fromkeys(move.to for move in self.moves if move.source is state))

    def find(self, state: State, to: str, reason: str | None = None) -> Move:
        """Return the move; where two lead there, the one whose codes hold the reason, or the first.

        Raises
        ------
        IllegalMove
            There is none.
        """
        found = [move for move in self.moves if move.source is state and move.to == to]
        if not found:
            raise IllegalMove(state, to, self.allowed(state))
        return next((move for move in found if reason in move.reasons), found[0])


@cache
def move_table() -> MoveTable:
    """Return the shipped table."""
    text = files("triage.workorder").joinpath("data/moves.csv").read_text("utf-8")
    return MoveTable(tuple(_move(row) for row in csv.DictReader(text.splitlines())))


def _move(row: dict[str, str]) -> Move:
    return Move(
        State(row["from"]),
        State(row["to"]),
        Kind(row["kind"]),
        frozenset(row["by"].split()),
        tuple(row["needs"].split()),
        frozenset(row["reasons"].split()),
        row["zh"],
    )
