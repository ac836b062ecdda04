"""An alarm and its life: opened, seen again, acknowledged, merged, closed with an outcome.

Values and the moves allowed between states; who may make them and what is written where is
`triage.desk.alarms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from triage.alarms.findings import AlarmKind
from triage.errors import TriageError
from triage.request import Json


class AlarmState(StrEnum):
    """Where an alarm stands; the last two end it."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MERGED = "MERGED"
    CLOSED = "CLOSED"


LIVE = (AlarmState.OPEN, AlarmState.ACKNOWLEDGED)


class Outcome(StrEnum):
    """What an alarm turned out to be; precision counts TRUE and KNOWN against FALSE."""

    TRUE = "TRUE"
    KNOWN = "KNOWN"
    FALSE = "FALSE"
    UNCLEAR = "UNCLEAR"


class Step(StrEnum):
    """What can happen to an alarm."""

    OPENED = "opened"
    SEEN = "seen"
    CALMED = "calmed"
    ACKNOWLEDGED = "acknowledged"
    MERGED = "merged"
    CLOSED = "closed"


class AlarmRefused(TriageError):
    """A deed that an alarm's state does not allow, or that lacks something; `code` says which."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


@dataclass(frozen=True, slots=True)
class Done:
    """One step of a life; `note` is masked."""

    step: Step
    at: datetime
    actor: str
    note: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return it for the document."""
        at = self.at.isoformat()
        return {"step": self.step.value, "at": at, "actor": self.actor, "note": self.note}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `evidence` is what it stands on now, `recipients` the roles that it is for.

    `version` counts its steps: who changes an alarm may say which one was seen.
    """

    id: str
    kind: AlarmKind
    series: str
    area: str
    state: AlarmState
    opened_at: datetime
    seen_at: datetime
    evidence: Mapping[str, Json]
    steps: tuple[Done, ...]
    recipients: tuple[str, ...] = ()
    outcome: str = ""
    closed_at: datetime | None = None
    merged_into: str = ""

    @property
    def version(self) -> int:
        """How many steps its life has."""
        return len(self.steps)

    @property
    def is_live(self) -> bool:
        """Nobody has ended it."""
        return self.state in LIVE

    @property
    def is_calm(self) -> bool:
        """Its series was not out of line again of late: it may be closed."""
        return bool(self.steps) and self.steps[-1].step is Step.CALMED

    def seen(self, evidence: Mapping[str, Json], done: Done) -> Alarm:
        """Return the alarm after its series was out of line once more."""
        return replace(self._after(done), evidence=evidence, seen_at=done.at)

    def calmed(self, done: Done) -> Alarm:
        """Return the alarm after its series has been quiet for some days."""
        return self._after(done)

    def acknowledged(self, done: Done) -> Alarm:
        """Return the alarm after somebody took it on.

        Raises
        ------
        AlarmRefused
            alarm_ended.
        """
        self._check_live()
        return replace(self._after(done), state=AlarmState.ACKNOWLEDGED)

    def merged(self, into: Alarm, done: Done) -> Alarm:
        """Return the alarm after it was made part of another.

        Raises
        ------
        AlarmRefused
            alarm_ended, alarm_merge_itself, alarm_merge_ended.
        """
        self._check_live()
        if into.id == self.id:
            raise AlarmRefused("alarm_merge_itself", f"预警 {self.id} 不能并入自己", field="into")
        if not into.is_live:
            raise AlarmRefused(
                "alarm_merge_ended",
                f"预警 {into.id} 已是 {into.state}：请并入一条还没有办结的",
                field="into",
            )
        return replace(
            self._after(done), state=AlarmState.MERGED, merged_into=into.id, closed_at=done.at
        )

    def closed(self, outcome: str, done: Done) -> Alarm:
        """Return the alarm after it was closed with what it turned out to be.

        Raises
        ------
        AlarmRefused
            alarm_ended, alarm_outcome_unknown.
        """
        self._check_live()
        if outcome not in list(Outcome):
            known = "、".join(Outcome)
            raise AlarmRefused(
                "alarm_outcome_unknown",
                f"outcome={outcome!r:.40} 不存在：可用 {known}",
                field="outcome",
            )
        return replace(
            self._after(done), state=AlarmState.CLOSED, outcome=outcome, closed_at=done.at
        )

    def _check_live(self) -> None:
        if not self.is_live:
            raise AlarmRefused("alarm_ended", f"预警 {self.id} 已是 {self.state}，不能再改")

    def _after(self, done: Done) -> Alarm:
        return replace(self, steps=(*self.steps, done))
