"""The judges of a model: they settle the probabilities of first labels, once a request.

What one judge computes is `triage.model.trust`; from which trust on an answer may stand without a
check is `triage.model.selection`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from triage.model.calibration import Array, Calibration
from triage.model.reading import Reading
from triage.model.selection import Curve
from triage.model.spans import Spans
from triage.model.trust import TOPIC_L1, Signals, Trust, first_labels, settle


class JudgedHead(Protocol):
    """What is asked of a head here."""

    @property
    def kind(self) -> str:
        """Multiclass heads are judged."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels."""

    @property
    def final(self) -> Calibration:
        """Its calibration, whose links say what other heads expect."""


@dataclass(frozen=True, slots=True)
class Judges:
    """A judge a decision, what they look at, and how often held-out answers of theirs were wrong.

    `groups` are the first levels of topics, in the order of their indices.
    """

    signals: Signals
    groups: tuple[str, ...]
    trusts: Mapping[str, Trust]
    curves: Mapping[str, Curve]
    _spans: Spans = field(init=False, repr=False, compare=False)
    _together: Trust = field(init=False, repr=False, compare=False)
    _stays_first: NDArray[np.bool_] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        trusts = list(self.trusts.values())  # side by side, so that a batch is judged at once
        weights = np.array([trust.weights for trust in trusts], np.float32).T
        offset = np.concatenate([np.zeros(0, np.float32), *(trust.offset for trust in trusts)])
        object.__setattr__(self, "_together", Trust(weights, offset))
        stays_first = np.array([name != TOPIC_L1 for name in self.trusts])
        object.__setattr__(self, "_stays_first", stays_first)
        object.__setattr__(self, "_spans", Spans([len(trust.offset) for trust in trusts]))

    def settle(self, probabilities: dict[str, Array], readings: Sequence[Reading]) -> None:
        """Give each first label the probability its judge does; adds first levels of topics."""
        names, group = tuple(self.trusts), self.signals.group
        if group is not None:
            probabilities[TOPIC_L1] = self.signals.first_levels(probabilities["topic"])
        if not names:
            return
        signals = self.signals.of(
            probabilities,
            [reading.characters for reading in readings],
            [reading.titled for reading in readings],
        )
        first = first_labels(probabilities, names, group)
        columns = self._spans.starts + np.array([first[name] for name in names]).T
        rows = np.concatenate([probabilities[name] for name in names], axis=1)
        trust = self._together.judge(signals, columns)
        settle(rows, self._spans, columns, trust, self._stays_first)
        probabilities |= dict(zip(names, self._spans.cut(rows), strict=True))

    @classmethod
    def of(
        cls, tensors: Mapping[str, Array], described: object, heads: Mapping[str, JudgedHead]
    ) -> Judges | None:
        """Assemble the judges of a model folder; None where it has none.

        Raises
        ------
        KeyError, ValueError
            Something is missing or of the wrong shape.
        """
        if described is None:
            return None
        names = cast(dict[str, list[str]], described)
        groups = tuple(names["groups"])
        group = tensors["judges.group"].astype(np.int64) if groups else None
        signals = Signals(
            tuple(name for name, head in heads.items() if head.kind == "multiclass"),
            group,
            expected_units({name: head.final for name, head in heads.items()}),
        )
        _check_group(group, groups, heads)
        sizes = {name: len(head.labels) for name, head in heads.items()} | {TOPIC_L1: len(groups)}
        trusts, curves = {}, {}
        for name in names["decisions"]:
            trusts[name] = Trust(tensors[f"judge.{name}.weights"], tensors[f"judge.{name}.offset"])
            curves[name] = curve_of(tensors[f"judge.{name}.curve"])
            if (
                trusts[name].weights.shape != (signals.count,)
                or trusts[name].offset.shape != (sizes[name],)
                or not np.isfinite(trusts[name].weights).all()
                or not np.isfinite(trusts[name].offset).all()
            ):
                raise ValueError(f"judge {name}")
        return cls(signals, groups, trusts, curves)


def expected_units(calibrations: Mapping[str, Calibration]) -> Array | None:
    """Return P(unit | topic) float32 (topics, units), as the units' calibration links it."""
    links = calibrations["lead_unit"].links if "lead_unit" in calibrations else ()
    return next((link.table for link in links if link.source == "topic"), None)


def curve_of(tensor: NDArray[np.generic]) -> Curve:
    """Return the curve that is stored as float64 (3, points): threshold, answered, wrong."""
    threshold, answered, wrong = tensor.astype(np.float64)
    if not (np.diff(threshold) <= 0).all() or not (wrong <= answered).all():
        raise ValueError("curve")
    return Curve(threshold, answered.astype(np.int64), wrong.astype(np.int64))


def _check_group(
    group: NDArray[np.int64] | None, groups: Sequence[str], heads: Mapping[str, JudgedHead]
) -> None:
    if group is not None and (
        group.shape != (len(heads["topic"].labels),)
        or set(group.tolist()) != set(range(len(groups)))
    ):
        raise ValueError("groups")
