"""The engine that answers, and the watch on `current.json`: a newly published model takes over.

It is loaded and tried in a thread while the old one answers, then one reference changes; requests
under way keep the engine that they began with. A model that does not load is refused and the old
one stays. Touch `current.json` to have it tried again.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from pathlib import Path

from serving.engine import Engine, Load
from serving.metrics import Metrics
from serving.settings import POINTER
from serving.watch import mark_of
from triage.errors import TriageError
from triage.request import CitizenRequest

_TRIAL = CitizenRequest(id="trial", text="小区门口的路灯坏了三天，晚上看不清路，请尽快维修。")

logger = logging.getLogger(__name__)


class ModelWatch:
    """A provider whose engine follows the published model.

    Raises
    ------
    TriageError
        Where there is no sound model to begin with.
    """

    def __init__(self, models_dir: Path, load: Load, *, metrics: Metrics) -> None:
        self._pointer = models_dir / POINTER
        self._load = load
        self._metrics = metrics
        self._mark = mark_of(self._pointer)  # before loading, so that no change is missed
        self._engine = self._loaded()
        metrics.model_taken(self._engine.versions)

    @property
    def pipeline(self) -> Engine:
        """The engine that answers from now on."""
        return self._engine

    async def poll(self) -> None:
        """Take over the published model where the pointer changed."""
        mark = mark_of(self._pointer)
        if mark == self._mark:
            return
        self._mark = mark
        before = self._engine.versions
        try:
            engine = await asyncio.to_thread(self._loaded)
        except Exception as error:
            self._metrics.model_refused()
            words = error.message if isinstance(error, TriageError) else type(error).__name__
            logger.error("published model refused, %s stays: %s", before.model, words)
            return
        self._engine = engine
        self._metrics.model_taken(engine.versions, before=before)
        logger.info("model %s took over from %s", engine.versions.model, before.model)

    def _loaded(self) -> Engine:
        """Load and try; what was loaded is kept out of the collector's rounds (p99)."""
        engine = self._load()
        engine.triage([_TRIAL])
        gc.collect()
        gc.freeze()
        return engine
