"""Real series that no constant of the rules was chosen on: parts of the messages, early 311 years.

The messages of 2019 by the district they name and by the first level of their topic, each a series
of its own and sparse; and the 311 series cut off before the years that were looked at. Texts are
read for the place's name only, and nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from evaluation.forecast import relative_of_sums
from evaluation.rounding import ends, rounded
from training.forecast.backtest import Replay, replay
from training.forecast.measuring import LEVELS, POOLED, REPORTED, figures_of
from training.forecast.regressors import regressors_of
from triage.errors import UnusableFile
from triage.request import Json
from triage.trends.day_kinds import calendar_of
from triage.trends.panel import DAILY, HOURLY, STEP, Panel
from triage.trends.panel_file import read_panel

MESSAGES: Final = ("tipdm2020c/messages3_dev.csv", "tipdm2020c/messages4_dev.csv")
LABELS: Final = "labelled/train.csv"
FLOODING: Final = "series/nyc_street_flooding_daily_2010_2018.csv"
YEAR: Final = 2019
CUT_YEARS: Final = (5, 6, 7)
"""Years taken off the end of the 311 series; up to four were looked at (docs/trends.md)."""
LEAST_MESSAGES: Final = 60
"""Messages a year from which a part is a series: one every six days."""
_PLACE: Final = r"(A\d+[区县市])"
"""How the publisher writes a district of the city that most messages are from."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A group of series that stand for one another, by name; the country of their holidays."""

    name: str
    country: str
    panels: dict[str, Panel]


def groups_of(root: Path) -> Iterator[Unseen]:
    """Yield the groups of the developers' data in `root`.

    Raises
    ------
    UnusableFile
        A file is missing or not what it should be.
    """
    rows = messages(root)
    for name in ("place", "topic"):
        parts = rows.filter(pl.col(name).is_not_null()).partition_by(name, as_dict=True)
        panels = {
            str(key[0]): counted(part, DAILY)
            for key, part in sorted(parts.items())
            if part.height >= LEAST_MESSAGES
        }
        yield Unseen(f"messages by {name}", "CN", panels)
    whole = read_panel(root / FLOODING).panel
    cut = {f"without the last {n} years": whole.upto(whole.steps - 365 * n) for n in CUT_YEARS}
    yield Unseen("311 street flooding, earlier years", "US", cut)


def messages(root: Path) -> pl.DataFrame:
    """Return moment, place and first level of topic of the messages of 2019.

    Raises
    ------
    UnusableFile
    """
    try:
        parts = [pl.read_csv(root / one, columns=["time", "title"], infer_schema=False)
                 for one in MESSAGES]  # fmt: skip
        labels = pl.read_csv(root / LABELS, columns=["title", "topic"], infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableFile(f"{root} 里没有 {'、'.join((*MESSAGES, LABELS))}，或已损坏") from error
    topic = labels.unique("title", keep="first", maintain_order=True)
    return (
        pl.concat(parts)
        .join(topic, on="title", how="left")
        .select(
            moment=pl.col("time").str.replace_all("/", "-").str.to_datetime("%Y-%m-%d %H:%M:%S"),
            place=pl.col("title").str.extract(_PLACE),
            topic=pl.col("topic").str.slice(0, 2),
        )
        .filter(pl.col("moment").dt.year() == YEAR)
    )


def counted(rows: pl.DataFrame, grain: str) -> Panel:
    """Return rows with a `moment` as one series of the whole year."""
    first = datetime(YEAR, 1, 1)
    steps = (datetime(YEAR + 1, 1, 1) - first) // STEP[grain]
    step = (rows["moment"] - first).dt.total_seconds() // int(STEP[grain].total_seconds())
    counts = np.bincount(step.to_numpy(), minlength=steps).astype(np.float32)[None]
    return Panel(grain, (), ((),), first, counts, np.zeros(1, np.int64))


def unseen_report(group: Unseen, *, horizon: int) -> dict[str, Json]:
    """Return the figures of each series of a group, and of all together, origin by origin."""
    found: dict[str, dict[str, Json]] = {name: {} for name in group.panels}
    pooled: dict[str, Json] = {}
    for way, reported, frozen in (("last_12_frozen", REPORTED, True), ("last_40", POOLED, False)):
        past = {name: _replayed(panel, group.country, horizon, reported, frozen=frozen)
                for name, panel in group.panels.items()}  # fmt: skip
        for name, one in past.items():
            found[name][way] = None if one is None else figures_of(one)
        pooled[way] = _pooled([one for one in past.values() if one is not None])
    return {"pooled": pooled, "series": dict(found)}


def _replayed(
    panel: Panel, country: str, horizon: int, reported: int, *, frozen: bool
) -> Replay | None:
    X = regressors_of(panel, horizon, calendar_of(country))
    return replay(
        panel.counts[0], X, horizon=horizon, reported=reported, levels=LEVELS, frozen=frozen
    )


def _pooled(past: Sequence[Replay]) -> dict[str, Json] | None:
    """Return the relative error over all series; series of one length share their origins."""
    if not past:
        return None
    own = [np.abs(one.truth - one.quantiles[0.5]).sum(axis=1) for one in past]
    naive = [np.abs(one.truth - one.naive).sum(axis=1) for one in past]
    if len({len(one) for one in own}) == 1 and len({len(one.history) for one in past}) == 1:
        sums = relative_of_sums(np.sum(own, axis=0), np.sum(naive, axis=0))
    else:
        sums = relative_of_sums(np.concatenate(own), np.concatenate(naive))
    inside = [(one.truth >= one.quantiles[low]) & (one.truth <= one.quantiles[high])
              for low, high in ((0.1, 0.9), (0.025, 0.975)) for one in past]  # fmt: skip
    half = len(past)
    return {
        "series": len(past),
        "origins": len(own[0]),
        "relative_absolute_error": rounded(sums.value),
        "interval": ends(sums),
        "coverage_80": rounded(float(np.concatenate(inside[:half]).mean())),
        "coverage_95": rounded(float(np.concatenate(inside[half:]).mean())),
    }


def hourly_messages(root: Path) -> Panel:
    """Return all messages of 2019 by the hour, as one series.

    Raises
    ------
    UnusableFile
    """
    return counted(messages(root), HOURLY)
