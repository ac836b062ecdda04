"""The largest series of a forecast as a static picture (SVG), or as JSON for a page to draw.

Both hold the same: what was counted, the median, the intervals, by name of topic and place. The
SVG needs no library and no font of its own; whoever shows it brings the Chinese glyphs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from training.forecast.making import Made
from training.forecast.small_multiples import svg_of
from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.request import Json
from triage.trends.panel import ALL, DAILY

MOST: Final = 12
"""Series in one picture, the largest first; a series that equals one before it is left out."""
_BEFORE: Final = {DAILY: 56}
"""Steps of history that are drawn; a week of hours where it is not days."""


@dataclass(frozen=True, slots=True)
class Plotted:
    """One series: its name in Chinese, labels of the steps, counts, and rows of the forecast."""

    name: str
    series: Mapping[str, str]
    labels: tuple[str, ...]
    counts: tuple[float, ...]
    steps: tuple[Mapping[str, Json], ...]
    model: str

    def to_json(self) -> dict[str, Json]:
        """Return it as a page reads it; `history` and `steps` are named as in GET /v1/forecast."""
        known = zip(self.labels, self.counts, strict=True)
        return {
            "name": self.name,
            "series": {**self.series},
            "model": self.model,
            "history": [{"date": label, "requests": int(count)} for label, count in known],
            "steps": [{**step} for step in self.steps],
        }


def write_picture(path: Path, made: Made, catalogue: Catalogue) -> None:
    """Draw the largest series of a forecast.

    Raises
    ------
    UnusableFile
        The name ends neither in .svg nor in .json, or the place cannot be written to.
    """
    plotted = largest_of(made, catalogue)
    facts = made.facts
    match path.suffix.lower():
        case ".svg":
            unit = "天" if facts.grain == DAILY else "小时"
            head = f"{facts.known_until} 之后 {facts.horizon} {unit}的诉求量预测"
            text = svg_of(plotted, facts.levels, head, shades_rest_days=facts.grain == DAILY)
        case ".json":
            whole = {
                "grain": facts.grain,
                "known_until": facts.known_until,
                "made_at": facts.made_at,
                "levels": list(facts.levels),
                "notes": list(facts.notes),
                "items": [one.to_json() for one in plotted],
            }
            text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
        case _:
            raise UnusableFile(f"--plot {path} 应以 .svg 或 .json 结尾")
    with atomic_write(path) as file:
        file.write(text.encode())


def largest_of(made: Made, catalogue: Catalogue) -> tuple[Plotted, ...]:
    """Return the largest series of a forecast, at most `MOST`."""
    panel, horizon = made.panel, made.facts.horizon
    before = min(_BEFORE.get(panel.grain, 168), panel.steps)
    order = np.argsort(-panel.counts[:, -before:].sum(axis=1), kind="stable").tolist()
    found: list[Plotted] = []
    seen: set[bytes] = set()
    for index in order:
        if len(found) == MOST:
            break
        if panel.counts[index].tobytes() in seen:
            continue
        seen.add(panel.counts[index].tobytes())
        rows = made.rows.slice(index * horizon, horizon)
        series = dict(zip(panel.columns, panel.ids[index], strict=True))
        found.append(
            Plotted(
                name_of(series, catalogue),
                series,
                tuple(panel.label(step) for step in range(panel.steps - before, panel.steps)),
                tuple(panel.counts[index, -before:].tolist()),
                tuple(rows.drop("level", "model", *panel.columns).to_dicts()),
                str(rows["model"][0]),
            )
        )
    return tuple(found)


def name_of(series: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the name of a series as a reader knows it: 物业服务与收费 · 渝中区."""
    places = {one.code: one.name for one in catalogue.places.regions}
    places |= {one.code: one.name for one in catalogue.places.townships}
    topics = {code: entry.name for code, entry in catalogue.topics.items()}
    channels = {code: entry.name for code, entry in catalogue.channels.items()}
    names = [
        (topics | places | channels).get(value, value or "未写明")
        for value in series.values()
        if value != ALL
    ]
    return " · ".join(names) or "合计"
