from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from serving.doors import index_of_orders
from serving.following import Following
from serving.office import Opened
from serving.settings import POINTER, StoreSettings
from serving.watch import mark_of
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight
from triage.errors import ArtifactError
from triage.store.database import Database


class Noting:
    """Notes what it is told to see with, and how often it looked at the ledger."""

    def __init__(self) -> None:
        self.taken: list[Sight] = []
        self.looks = 0

    def take(self, sight: Sight) -> None:
        """Note a sight."""
        self.taken.append(sight)

    def follow(self) -> int:
        """Note a look."""
        self.looks += 1
        return 0


def test_a_newly_published_model_is_handed_on_once(tmp_path: Path) -> None:
    pointer, newer = tmp_path / "current.json", cast(Sight, object())
    pointer.write_text("old")
    noting = Noting()
    following = Following(cast(Neighbours, noting), pointer, lambda: newer, mark_of(pointer))
    following.look()
    assert noting.taken == []
    pointer.write_text("newer")
    following.look()
    following.look()
    assert noting.taken == [newer]
    assert noting.looks == 3


def test_a_model_that_cannot_be_loaded_is_logged_and_the_ledger_still_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def load() -> Sight:
        raise ArtifactError("模型缺文件")

    pointer, noting = tmp_path / "current.json", Noting()
    following = Following(cast(Neighbours, noting), pointer, load)
    pointer.write_text("newer")
    with caplog.at_level(logging.ERROR):
        following.look()
        following.look()
    assert caplog.text.count("the old one stays: 模型缺文件") == 1
    assert (noting.taken, noting.looks) == ([], 2)


def test_a_model_published_while_the_first_one_loads_is_loaded_next(
    database: Database,
    tmp_path: Path,
    plain_sight: Callable[..., Sight],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pointer = tmp_path / "same_event" / POINTER
    pointer.parent.mkdir()
    pointer.write_text("older")
    older, newer = plain_sight(), plain_sight()
    loaded = iter([older, newer])

    def load(models_dir: Path) -> Sight:
        pointer.write_text("a newer one")
        return next(loaded)

    monkeypatch.setattr("serving.doors.load_sight", load)
    opened = cast(Opened, SimpleNamespace(database=database, office=SimpleNamespace(identity=None)))
    store = StoreSettings("", "", index_dir=str(tmp_path / "ix"))
    found = index_of_orders(store, opened, tmp_path)
    assert found is not None
    _, following = found
    neighbours = following._neighbours
    assert neighbours.sight is older
    following.look()
    assert neighbours.sight is newer
