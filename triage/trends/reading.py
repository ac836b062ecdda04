"""Read counts: added up over any of the keys, by day or by hour, zeros left out.

`area` and `township` stand on the latest boundaries, so that a series goes on through a change of
districts; `district` is what it was on the day. `l1` and `board` are the levels above a topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from triage.catalogue import Catalogue
from triage.errors import InvalidRequest, UnusableFile
from triage.trends.cells import AREA, MEASURES, added_up
from triage.trends.codes import areas_of, levels_of
from triage.trends.folder import CountsFolder, Manifest

ABOVE: Final = ("l1", "board")
BY: Final = ("topic", *ABOVE, "area", "district", "township", "channel")


class Counts:
    """The counts of a folder, by the code lists of a city."""

    def __init__(self, folder: CountsFolder, catalogue: Catalogue) -> None:
        self.folder, self._catalogue = folder, catalogue

    def manifest(self) -> Manifest:
        """Return what the folder says of itself.

        Raises
        ------
        UnusableFile
            Nothing was built yet, or it is damaged.
        """
        found = self.folder.manifest()
        if found is None:
            raise UnusableFile(f"{self.folder.root} 还没有统计；请先运行 triage trends build")
        return found

    def ends(self) -> tuple[date, date] | None:
        """Return the first and the last day with a request; None without any."""
        frame = self.folder.scan("daily").select(first=pl.col("day").min(), last=pl.max("day"))
        first, last = frame.collect().row(0)
        return None if first is None else (first, last)

    def daily(
        self, by: Sequence[str], first: date | None = None, last: date | None = None
    ) -> pl.DataFrame:
        """Return rows `day, *by, requests, events`, sorted; days without requests have no row.

        Raises
        ------
        InvalidRequest
            by_unknown: not one of `BY`.
        """
        grain = "hourly" if "township" in by else "daily"
        return self._read(grain, ("day", *_known(by)), first, last)

    def hourly(
        self, by: Sequence[str], first: date | None = None, last: date | None = None
    ) -> pl.DataFrame:
        """Return rows `day, hour, *by, requests, events`, sorted; as `daily` else.

        Raises
        ------
        InvalidRequest
            by_unknown.
        """
        return self._read("hourly", ("day", "hour", *_known(by)), first, last)

    def _read(
        self, grain: str, keys: tuple[str, ...], first: date | None, last: date | None
    ) -> pl.DataFrame:
        frame = self.folder.scan(grain, first, last)
        if grain == "hourly" and AREA in keys:
            pairs = frame.select("district", "township").unique().collect()
            areas = areas_of(self._catalogue, pairs).lazy()
            frame = frame.join(areas, on=["district", "township"], how="left")
        if set(ABOVE) & set(keys):
            levels = levels_of(self._catalogue).lazy()
            frame = frame.join(levels, on="topic", how="left")
            frame = frame.with_columns(pl.col(ABOVE).fill_null(""))
        found = added_up(frame, *keys).sort(keys)  # categories sort as their texts do, faster
        texts = found.with_columns(pl.col(pl.Categorical).cast(pl.String))
        return texts.select(*keys, *MEASURES).collect(engine="streaming")


def _known(by: Sequence[str]) -> Sequence[str]:
    for name in by:
        if name not in BY:
            raise InvalidRequest(
                "by_unknown", f"不能按 {name!r} 统计；可用：{'、'.join(BY)}", field="by"
            )
    return by
