"""Counts of requests over time, and stored forecasts: what charts, alarms and routes read.

Pure reading and adding up, by Polars. Nothing is fitted here: `training.forecast` fits and stores,
this package and the service read. Days are those of Shanghai.
"""

from triage.trends.building import build_from_files
from triage.trends.cells import KEYS, UNKNOWN
from triage.trends.folder import CountsFolder, default_trends_dir
from triage.trends.reading import Counts

__all__ = [
    "KEYS",
    "UNKNOWN",
    "Counts",
    "CountsFolder",
    "build_from_files",
    "default_trends_dir",
]
