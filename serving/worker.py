"""One worker process: its settings from the environment, its engine, its application.

uvicorn calls `application` in every process that the supervisor starts.
"""

from __future__ import annotations

import logging
import sys
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from serving.app import create_app
from serving.doors import index_of_orders, job_room, open311_listing, shelf_of_trends
from serving.hotswap import ModelWatch
from serving.jwks import FileKeys, RemoteKeys, SigningKeys
from serving.keyring import KeyRing
from serving.loading import load_engine
from serving.metrics import Metrics
from serving.office import Opened, open_store
from serving.oidc import TokenRules
from serving.regions import shipped_or
from serving.settings import ServeSettings
from serving.tokens import Tokens
from serving.watch import Watcher
from triage.errors import TriageError

# Seconds. A batch's thread then holds the interpreter for at most this long while a single
# request waits; Python's default is 0.005.
SWITCH_SECONDS = 0.001

logger = logging.getLogger(__name__)


def application() -> FastAPI:
    """Return this worker's application; end the process where there is no sound model."""
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = ServeSettings.from_env()
    metrics = Metrics()
    try:
        models = ModelWatch(settings.models_dir, partial(load_engine, settings), metrics=metrics)
        spread = shipped_or(settings.catalogue_dir)
        keys = KeyRing(settings.keys_file, spread=spread) if settings.keys_file else None
        signing = _signing_keys(settings.tokens) if settings.tokens else None
        opened = _opened(settings, models)
    except TriageError as error:
        # The supervisor says it in full; two workers need not say it twice.
        logger.debug("cannot start: %s", error.message)
        raise SystemExit(STARTUP_FAILURE) from None
    tokens = (
        Tokens(settings.tokens, signing, spread=spread) if settings.tokens and signing else None
    )
    store = settings.store
    index = index_of_orders(store, opened, settings.models_dir) if opened and store else None
    following = [index[1]] if index else []
    watchers: list[Watcher] = [one for one in (models, keys, signing) if one is not None]
    return create_app(
        models,
        limits=settings.limits,
        keys=keys,
        tokens=tokens,
        is_own_host_only=keys is None and tokens is None,
        metrics=metrics,
        watchers=watchers,
        poll_seconds=settings.poll_seconds,
        noop_route=settings.noop_route,
        opendata=settings.opendata_dir,
        trends=shelf_of_trends(settings),
        reports=opened.reports if opened else None,
        office=opened.office if opened else None,
        outgoing=opened.background.outgoing if opened else None,
        finder=index[0] if index else None,
        background=[*opened.background.works, *following] if opened else (),
        failures=opened.failures if opened else None,
        jobs=job_room(store, opened, settings.models_dir) if opened and store else None,
        open311=open311_listing(store, opened) if opened and store else None,
    )


def _opened(settings: ServeSettings, models: ModelWatch) -> Opened | None:
    if settings.store is None:
        return None
    return open_store(
        settings.store, models, catalogue=settings.catalogue_dir, steps=settings.settings_file
    )


def _signing_keys(rules: TokenRules) -> SigningKeys:
    return RemoteKeys(rules.keys) if rules.is_remote else FileKeys(Path(rules.keys))
