"""Counts of the store: orders as they stand, and after every event only the days it touched."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from triage.catalogue import Catalogue
from triage.desk.moves import Wish
from triage.errors import UnusableFile
from triage.trends import Counts, CountsFolder
from triage.trends.building import Built, build_from_files
from triage.trends.codes import Codes
from triage.trends.from_store import build_from_store

if TYPE_CHECKING:
    from desks import Desk

CATALOGUE = Catalogue.load()
FIRST = date(2026, 3, 2)


def built(desk: Desk, folder: CountsFolder) -> Built:
    return build_from_store(folder, desk.office.database, Codes(CATALOGUE), now=desk.now)


def requests(folder: CountsFolder) -> list[tuple[object, ...]]:
    return Counts(folder, CATALOGUE).daily(["topic"]).rows()


def test_orders_are_counted_and_only_touched_days_again(desk: Desk, tmp_path: Path) -> None:
    folder = CountsFolder(tmp_path / "trends")
    main = desk.taken("楼下烧烤店油烟太大", key="a")
    other = desk.taken("烧烤店的油烟熏得睡不着", key="b")
    desk.wait(days=1)
    desk.taken("夜市油烟扰民", key="c")
    assert built(desk, folder).days == 2
    second = FIRST + timedelta(days=1)
    assert requests(folder) == [(FIRST, "SR03", 2, 2), (second, "SR03", 1, 1)]

    assert built(desk, folder).days == 0
    desk.go(other.id, Wish("MERGED", into=main.id))
    done = built(desk, folder)
    assert (done.days, done.rows) == (1, 2)
    assert requests(folder) == [(FIRST, "SR03", 2, 1), (second, "SR03", 1, 1)]


def test_a_folder_counts_files_or_the_store_never_both(desk: Desk, tmp_path: Path) -> None:
    folder = CountsFolder(tmp_path / "trends")
    desk.taken()
    built(desk, folder)
    path = tmp_path / "a.csv"
    path.write_text("received_at,topic\n2026-03-01,ZF01\n", "utf-8")
    with pytest.raises(UnusableFile, match="从库里统计"):
        build_from_files(folder, [path], Codes(CATALOGUE), now=desk.now)


def test_a_store_without_orders_is_counted_as_nothing(desk: Desk, tmp_path: Path) -> None:
    folder = CountsFolder(tmp_path / "trends")
    assert built(desk, folder).days == 0
    assert Counts(folder, CATALOGUE).ends() is None
