"""Carry an exported cross-encoder into a same-event artefact."""

from __future__ import annotations

import shutil
from pathlib import Path

from triage.same_event.cross_encoder import FILES, CrossConfig, CrossEncoder, read_config


def take_cross(source: Path, draft: Path) -> CrossConfig:
    """Copy what runs of a cross-encoder into an artefact's draft, open it, and return its config.

    Raises
    ------
    ArtifactError
        It is no exported cross-encoder, or a file of it is missing or changed.
    """
    CrossEncoder.load(source)
    for name in FILES:
        shutil.copyfile(source / name, draft / name)
    return read_config(draft)
