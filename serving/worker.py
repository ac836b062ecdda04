"""One worker process: its settings from the environment, its engine, its application.

uvicorn calls `application` in every process that the supervisor starts.
"""

from __future__ import annotations

import logging
import sys
from functools import partial

from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from serving.app import create_app
from serving.hotswap import ModelWatch
from serving.keyring import KeyRing
from serving.loading import load_engine
from serving.metrics import Metrics
from serving.settings import ServeSettings
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
        keys = KeyRing(settings.keys_file) if settings.keys_file else None
    except TriageError as error:
        # The supervisor says it in full; two workers need not say it twice.
        logger.debug("cannot start: %s", error.message)
        raise SystemExit(STARTUP_FAILURE) from None
    watchers: list[Watcher] = [models] if keys is None else [models, keys]
    return create_app(
        models,
        limits=settings.limits,
        keys=keys,
        metrics=metrics,
        watchers=watchers,
        poll_seconds=settings.poll_seconds,
        noop_route=settings.noop_route,
    )
