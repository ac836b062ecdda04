"""What a worker opens beside its office where it was asked for: jobs, Open311, similar orders."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from serving.finder import Finder
from serving.following import Builder, Following
from serving.office import Opened
from serving.settings import OPEN311_OFF, OPEN311_TEXT, POINTER, ServeSettings, StoreSettings
from serving.watch import mark_of
from triage.catalogue import Catalogue
from triage.desk.job_kinds import JobPlace
from triage.desk.jobs import JobRoom
from triage.desk.neighbours import Neighbours
from triage.desk.open311 import Listing, services_of
from triage.desk.sight import load_sight
from triage.errors import ArtifactError, MissingExtraError
from triage.index import Snapshots
from triage.same_event.model import FOLDER as SAME_EVENT
from triage.trends.shelf import Shelf

logger = logging.getLogger(__name__)


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


def shelf_of_trends(settings: ServeSettings) -> Shelf | None:
    """Return what forecasts are read from."""
    if settings.trends_dir is None:
        return None
    return Shelf(settings.trends_dir, Catalogue.load(settings.catalogue_dir))


def index_of_orders(
    store: StoreSettings, opened: Opened, models_dir: Path
) -> tuple[Finder, Following] | None:
    """Return who finds similar orders and who follows the ledger; None without an index.

    A folder of models without a same-event model is no reason not to start.
    """
    if store.index_dir is None:
        return None
    pointer = models_dir / SAME_EVENT / POINTER
    mark = mark_of(pointer)  # before: a model published while this one loads is loaded next
    try:
        sight = load_sight(models_dir)
    except (ArtifactError, MissingExtraError) as error:
        logger.warning("no similar orders: %s", error.message)
        return None
    root = Path(store.index_dir)
    snapshots = Snapshots(root, sight.version, sight.dimensions)
    builder = Builder(store.url, root, models_dir)
    neighbours = Neighbours(opened.database, snapshots, sight, builder.ask)
    following = Following(neighbours, pointer, partial(load_sight, models_dir), mark)
    return Finder(neighbours, opened.office.identity), following
