"""Which engine a service loads: the real pipeline, or the one without weights."""

from __future__ import annotations

from serving.debug import DebugPipeline
from serving.engine import Engine
from serving.settings import ServeSettings
from triage.explain import ExplainingPipeline


def load_engine(settings: ServeSettings) -> Engine:
    """Load the published model.

    Raises
    ------
    TriageError
        Where the model or the code lists are missing or damaged.
    """
    if settings.debug_engine:
        return DebugPipeline.load(settings.models_dir)
    return ExplainingPipeline.load(
        settings.models_dir,
        catalogue_dir=settings.catalogue_dir,
        settings_file=settings.settings_file,
    )
