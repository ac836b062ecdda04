"""The application with every route that a service can have, for its document: it serves nobody."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from fastapi import FastAPI

from serving.app import create_app
from serving.engine import Fixed
from serving.finder import Finder
from triage.desk.jobs import JobRoom
from triage.desk.office import Office
from triage.desk.open311 import Listing
from triage.desk.reports import Reports
from triage.outgoing.hooks import Outgoing
from triage.trends.shelf import Shelf


def documented_app() -> FastAPI:
    """Return the application; its parts are empty, so that no request can be answered."""
    nothing = object()
    return create_app(
        Fixed(None),
        office=cast(Office, nothing),
        finder=cast(Finder, nothing),
        outgoing=cast(Outgoing, nothing),
        jobs=cast(JobRoom, nothing),
        open311=cast(Listing, nothing),
        reports=cast(Reports, nothing),
        opendata=Path(),
        trends=cast(Shelf, nothing),
        noop_route=True,
    )
