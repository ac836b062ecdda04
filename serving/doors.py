"""What a worker opens beside its office where it was asked for: the room of jobs, and Open311."""

from __future__ import annotations

from pathlib import Path

from serving.office import Opened
from serving.settings import OPEN311_OFF, OPEN311_TEXT, StoreSettings
from triage.desk.job_kinds import JobPlace
from triage.desk.jobs import JobRoom
from triage.desk.open311 import Listing, services_of


def job_room(store: StoreSettings, opened: Opened, models_dir: Path) -> JobRoom | None:
    """Return where jobs are queued."""
    if store.jobs_dir is None:
        return None
    place = JobPlace(Path(store.jobs_dir), models_dir, store.url)
    return JobRoom(opened.database, place, opened.office.now)


def open311_listing(store: StoreSettings, opened: Opened) -> Listing | None:
    """Return what Open311 shows."""
    if store.open311 == OPEN311_OFF:
        return None
    services = services_of(opened.city.catalogue)
    return Listing(opened.office, services, with_text=store.open311 == OPEN311_TEXT)
