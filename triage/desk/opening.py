"""Open the office of one process: database, vault, policy, calendar, catalogue, and who triages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from triage.catalogue import Catalogue
from triage.desk.accusing import Accusing
from triage.desk.clocks import PolicyClocks
from triage.desk.codes import codes_of
from triage.desk.holders import Holders
from triage.desk.identity import Identity
from triage.desk.notices import letter_of
from triage.desk.office import Office, Triage
from triage.model.nothing import no_model
from triage.pipeline import Pipeline, default_steps, known_places
from triage.request import CitizenRequest, Prediction
from triage.settings import Settings, load_settings
from triage.store.database import Database
from triage.store.key_file import VaultKeys
from triage.store.orders import Books
from triage.store.queue import Ranks
from triage.store.vault import Vault
from triage.workorder.calendar_file import load_calendar
from triage.workorder.order import WorkOrder
from triage.workorder.policy import Policy
from triage.workorder.policy_file import load_policy
from triage.workorder.ranking import rank_key
from triage.workorder.working_calendar import WorkingCalendar, shanghai_day


@dataclass(frozen=True, slots=True)
class OfficeFiles:
    """Where a city's own files lie; None takes what comes with the package."""

    catalogue: Path | None = None
    policy: Path | None = None
    calendar: Path | None = None
    settings: Path | None = None


@dataclass(frozen=True, slots=True)
class City:
    """What a city has laid down, read once: code lists, policy, calendar, and its rules at work."""

    catalogue: Catalogue
    policy: Policy
    calendar: WorkingCalendar
    rules: Triage


def load_city(files: OfficeFiles) -> City:
    """Read a city's files.

    Raises
    ------
    TriageError
        A file that cannot be used; the message says what to do.
    """
    catalogue = Catalogue.load(files.catalogue)
    return City(
        catalogue,
        load_policy(files.policy),
        load_calendar(files.calendar),
        RulesAlone(catalogue, load_settings(files.settings)),
    )


def open_office(
    database: Database, keys: VaultKeys, triages: Sequence[Triage], city: City
) -> Office:
    """Return the office; the rules alone are added to those who triage, as the last resort."""
    clocks = PolicyClocks(city.policy, city.calendar)
    return Office(
        database=database,
        vault=Vault(keys),
        identity=Identity(keys),
        clocks=clocks,
        triages=(*triages, city.rules),
        units=city.catalogue.units,
        holder_of=Holders(city.catalogue, lambda: shanghai_day(_now())),
        books=Books(Ranking(city.policy), clocks.task, letter_of),
        weights=lambda mode: city.policy.queue.weights[mode],
        now=_now,
        codes=codes_of(city.catalogue, shanghai_day(_now())),
        accused_by=Accusing(city.catalogue.unit_words),
    )


class RulesAlone:
    """Triage by rules, without a model; put together when it is first needed, which is seldom."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self._catalogue = catalogue
        self._settings = settings

    def __call__(self, requests: Sequence[CitizenRequest]) -> Sequence[Prediction]:
        """Return one prediction per request, in order."""
        return self._pipeline.triage(requests)

    @cached_property
    def _pipeline(self) -> Pipeline:
        model, places = no_model(), known_places(self._catalogue)
        steps = default_steps(model, self._catalogue, self._settings, places=places)
        return Pipeline(model, self._catalogue, self._settings, steps, places=places)


class Ranking:
    """The rank keys of an order under a policy's weights."""

    def __init__(self, policy: Policy) -> None:
        self._weights = policy.queue.weights

    def __call__(self, order: WorkOrder, told: int = 1) -> Ranks:
        """Return the keys of both modes; `told` is how many orders are in its event."""
        normal, emergency = (
            rank_key(order, self._weights[mode], told=told) for mode in ("NORMAL", "EMERGENCY")
        )
        return Ranks(normal, emergency)


def _now() -> datetime:
    return datetime.now(UTC)
