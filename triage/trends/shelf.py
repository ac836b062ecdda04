"""What a service keeps open of trends: the latest stored forecast, and the counts behind it.

A forecast is read once and again when a newer one is stored. Safe to share between threads: a
value is replaced, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from triage.catalogue import Catalogue
from triage.request import Json
from triage.trends.cells import AREA
from triage.trends.folder import CountsFolder
from triage.trends.forecasts import StoredForecast, read_forecast
from triage.trends.panel import ALL, DAILY
from triage.trends.reading import ABOVE, Counts


@dataclass(frozen=True, slots=True)
class _Kept:
    changed_ns: int
    forecast: StoredForecast


class Shelf:
    """The trends of one folder, by the code lists of a city."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder, self._catalogue = folder, catalogue
        self._counts = Counts(CountsFolder(folder), catalogue)
        self._kept: Mapping[str, _Kept] = {}

    def forecast(self, grain: str) -> StoredForecast:
        """Return the latest stored forecast of a grain.

        Raises
        ------
        NoForecast, ArtifactError
        """
        path = self.folder / "forecasts" / f"{grain}.json"
        changed = path.stat().st_mtime_ns if path.exists() else -1
        kept = self._kept.get(grain)
        if kept is None or kept.changed_ns != changed:
            kept = _Kept(changed, read_forecast(self.folder, grain))
            self._kept = {**self._kept, grain: kept}
        return kept.forecast

    def document(self, grain: str, series: Mapping[str, str], *, history: int) -> dict[str, Json]:
        """Return a series' forecast, and the counts of its last `history` days, as JSON.

        Raises
        ------
        NoForecast, ArtifactError
        """
        stored = self.forecast(grain)
        rows = stored.of(series)
        facts = stored.facts
        return {
            "grain": grain,
            "series": {name: series.get(name, ALL) for name in facts.columns},
            "known_until": facts.known_until,
            "made_at": facts.made_at,
            "levels": list(facts.levels),
            "model": rows["model"][0],
            "notes": list(facts.notes),
            "steps": rows.drop("level", "model", *facts.columns).to_dicts(),
            "history": self._history(grain, series, facts.known_until, history),
        }

    def _history(self, grain: str, series: Mapping[str, str], until: str, days: int) -> list[Json]:
        """Return the counts behind a forecast, none before the first day that was counted.

        Days without requests are 0; [] without counts.
        """
        asked = {name: value for name, value in series.items() if value != ALL}
        if not days or grain != DAILY or self._counts.folder.manifest() is None:
            return []
        ends = self._counts.ends()
        if ends is None:
            return []
        last = datetime.fromisoformat(until).date()
        first = max(last - timedelta(days=days - 1), ends[0])
        by = [self._column(name, value) for name, value in asked.items()]
        frame = self._counts.daily(by, first, last)
        for name, value in zip(by, asked.values(), strict=True):
            frame = frame.filter(frame[name] == value)
        found = dict(zip(frame["day"].to_list(), frame["requests"].to_list(), strict=True))
        days_of = (first + timedelta(days=step) for step in range((last - first).days + 1))
        return [_point(day, found.get(day, 0)) for day in days_of]

    def _column(self, name: str, value: str) -> str:
        """Return the key of counts that a value of a forecast's column stands in."""
        if name == "topic" and value not in self._catalogue.topics:
            return ABOVE[0]
        districts = {region.code for region in self._catalogue.places.regions}
        return AREA if name == "township" and value in districts else name


def _point(day: date, requests: int) -> Json:
    return {"date": day.isoformat(), "requests": int(requests)}
