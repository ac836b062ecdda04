"""The office of a service, as each of its workers opens it once `preparing` has been there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serving.engine import Provider
from serving.routes.current import current_engine
from serving.settings import StoreSettings
from serving.shared_failures import SharedFailures
from triage.desk.clocks import PolicyClocks
from triage.desk.office import Office
from triage.desk.opening import City, OfficeFiles, load_city, open_office
from triage.desk.reports import Reports, open_reports
from triage.outgoing.setting_up import Background, background_of
from triage.request import CitizenRequest, Prediction
from triage.store.database import Database
from triage.store.key_file import load_keys


@dataclass(frozen=True, slots=True)
class Opened:
    """What a worker has of its store."""

    database: Database
    city: City
    office: Office
    failures: SharedFailures
    background: Background

    @property
    def reports(self) -> Reports:
        """What scorecards are computed with."""
        clocks = PolicyClocks(self.city.policy, self.city.calendar)
        return open_reports(self.database, self.city.catalogue, clocks)


def open_store(
    settings: StoreSettings, provider: Provider, *, catalogue: Path | None, steps: Path | None
) -> Opened:
    """Open the office of this worker, whose requests the current model triages.

    Raises
    ------
    TriageError
        A file that cannot be used.
    """
    policy, calendar = (Path(one) if one else None for one in (settings.policy, settings.calendar))
    city = load_city(OfficeFiles(catalogue, policy, calendar, steps))
    database = Database(settings.url)
    keys = load_keys(Path(settings.vault_keys), os.environ)
    office = open_office(database, keys, [Triaging(provider)], city)
    background = background_of(
        office,
        keys,
        notices=settings.notices,
        allow_private=settings.webhooks_allow_private,
        environment=os.environ,
    )
    return Opened(database, city, office, SharedFailures(database, keys), background)


@dataclass(frozen=True, slots=True)
class Triaging:
    """Triage by the model of the moment; fails while there is none, so that the rules judge."""

    provider: Provider

    def __call__(self, requests: Sequence[CitizenRequest]) -> Sequence[Prediction]:
        """Return one prediction for each request.

        Raises
        ------
        Problem
            not_ready.
        """
        return current_engine(self.provider).triage(requests)
