"""The seam between HTTP and the domain: what the service asks of a pipeline, and who holds it.

`triage.explain.ExplainingPipeline` is such an engine; `serving.debug.DebugPipeline` is one without
weights. The routes ask the provider for the current engine at every request, which is how a model
changes without a dropped request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.explain import Explanation
from triage.request import CitizenRequest, Json, Prediction, Versions


class CodeLists(Protocol):
    """The code lists of an engine."""

    def to_json(self) -> dict[str, Json]:
        """Return all lists as published by `GET /v1/catalogue`."""


class Engine(Protocol):
    """A loaded pipeline. Thread-safe; it never changes once made."""

    @property
    def versions(self) -> Versions:
        """Model, code lists and rules."""

    @property
    def catalogue(self) -> CodeLists:
        """The code lists that the engine answers in."""

    def triage(self, requests: Sequence[CitizenRequest]) -> Sequence[Prediction]:
        """Return one prediction for each request, in order."""

    def explain(self, request: CitizenRequest) -> Explanation:
        """Return why one request is decided as it is; slow, so called in a thread."""


class Provider(Protocol):
    """Who knows the engine of this moment; None while there is none."""

    @property
    def pipeline(self) -> Engine | None:
        """The engine that answers from now on."""


Load = Callable[[], Engine]
"""Loads the published model anew.

Raises
------
TriageError
    Where the model or the code lists are missing or damaged.
"""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A provider whose engine never changes."""

    pipeline: Engine | None
