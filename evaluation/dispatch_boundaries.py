"""Measure jurisdiction on written cases at the lines: candidates, interim lead, joint inspection.

Districts are compared by name, as the cases were written. Odd numbers may be read, even ones not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.case_lines import list_of, read_lines
from evaluation.dispatch import day_of, is_odd
from evaluation.rounding import rounded
from triage.pipeline import Pipeline
from triage.request import Area, CitizenRequest, Json


@dataclass(frozen=True, slots=True)
class LineCase:
    """A written case: whose area it may be, who leads for now, whether they look together."""

    id: str
    kind: str
    request: CitizenRequest
    candidates: tuple[str, ...]
    interim: str | None
    joint: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about a case."""

    case: LineCase
    area: Area

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names of the candidates."""
        return tuple(place.name for place in self.area.candidates)

    @property
    def interim(self) -> str | None:
        """The name of the one that leads for now."""
        return self.area.interim_lead.name if self.area.interim_lead else None

    @property
    def is_exact(self) -> bool:
        """Whether the candidates are those of the case, in whatever order."""
        return set(self.candidates) == set(self.case.candidates)


def read_line_cases(path: Path) -> tuple[LineCase, ...]:
    """Read the cases; see `case_lines.read_lines`."""
    names = '"kind", "text", "as_of", "district", "township", "candidates", "interim_lead"'
    return read_lines(path, _case, f'{{"id", {names}, "joint_inspection"}}')


def ask_lines(pipeline: Pipeline, cases: Sequence[LineCase]) -> tuple[Answer, ...]:
    """Ask a pipeline about every case; its jurisdiction step must be on."""
    said = pipeline.triage([case.request for case in cases])
    return tuple(
        Answer(case, one.area or Area("unknown", "")) for case, one in zip(cases, said, strict=True)
    )


def boundary_report(answers: Sequence[Answer]) -> dict[str, Json]:
    """Return the figures: all, by half, by kind."""
    kinds = sorted({answer.case.kind for answer in answers})
    return {
        "all": _figures(answers, lambda case: True),
        "odd_read": _figures(answers, lambda case: is_odd(case.id)),
        "even_unseen": _figures(answers, lambda case: not is_odd(case.id)),
        "by_kind": {
            kind: _figures(answers, lambda case, kind=kind: case.kind == kind)  # type: ignore[misc]
            for kind in kinds
        },
        "wrong_odd": [a.case.id for a in answers if is_odd(a.case.id) and not _is_right(a)],
    }


def _figures(answers: Sequence[Answer], chosen: Callable[[LineCase], bool]) -> dict[str, Json]:
    some = [answer for answer in answers if chosen(answer.case)]
    wanted = sum(len(answer.case.candidates) for answer in some)
    found = sum(len(set(a.candidates) & set(a.case.candidates)) for a in some)
    return {
        "n": len(some),
        "candidates_exact": _share(answer.is_exact for answer in some),
        "candidates_recall": rounded(found / wanted) if wanted else None,
        "interim_accuracy": _share(answer.interim == answer.case.interim for answer in some),
        "joint_accuracy": _share(a.area.joint_inspection == a.case.joint for a in some),
    }


def _is_right(answer: Answer) -> bool:
    return (
        answer.is_exact
        and answer.interim == answer.case.interim
        and answer.area.joint_inspection == answer.case.joint
    )


def _case(row: Mapping[str, Json]) -> LineCase:
    return LineCase(
        id=str(row["id"]),
        kind=str(row["kind"]),
        request=CitizenRequest(
            str(row["id"]),
            str(row["text"]),
            received_at=day_of(row["as_of"]),
            district=str(row["district"]) if row["district"] else None,
            township=str(row["township"]) if row["township"] else None,
        ),
        candidates=tuple(map(str, list_of(row, "candidates"))),
        interim=str(row["interim_lead"]) if row["interim_lead"] else None,
        joint=bool(row["joint_inspection"]),
    )


def _share(hits: Iterable[bool]) -> float | None:
    values = list(hits)
    return rounded(sum(values) / len(values)) if values else None
