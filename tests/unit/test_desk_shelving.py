from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from triage.desk.actor import Actor
from triage.desk.indexing import LEAST, build
from triage.desk.moves import Wish
from triage.desk.neighbours import Neighbours
from triage.desk.shelving import shelf_folder, shelve
from triage.desk.sight import Sight
from triage.desk.similar import similar_to
from triage.index import Snapshots
from triage.index.lock import writing
from triage.index.shelf import Shelf, open_shelf
from triage.same_event.decision import Decision
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.same_event.model import SameEventModel
from triage.same_event.pair_features import Prepared
from triage.same_event.static_encoder import StaticEncoder
from triage.same_event.statistics import Rarity
from triage.store.policy import load_policy
from triage.store.retention import retain

if TYPE_CHECKING:
    from desks import Desk

AGENT = Actor("a", frozenset({"agent"}))
TEXT = "金竹苑三栋楼下的水管爆裂，水漫到马路上，已经停水两个小时"
OTHER = "育才路小学门口的红绿灯一直不亮，孩子过马路危险"


class Watched(SameEventModel):
    """Notes how many candidates it was given a record of."""

    read: list[int]

    def best(
        self,
        query: Prepared,
        candidates: Sequence[Entry],
        packed: Sequence[bytes | None],
        most: int,
        reads: int = 0,
    ) -> list[tuple[int, Judgement]]:
        """Judge as the other does."""
        self.read.append(sum(one is not None for one in packed))
        return super().best(query, candidates, packed, most, reads)


def _model(decision: Decision, version: str, seed: int = 0) -> Watched:
    model = Watched(version, StaticEncoder.untrained(dimensions=64, seed=seed), Rarity.uniform(),
                    decision, None)  # fmt: skip
    model.read = []
    return model


def _sight(model: Watched, version: str = "plain-1") -> Sight:
    return Sight(version, model.dimensions, model.encoder, model, model)


@dataclass
class Place:
    """A desk, the index of one process over it, and how often that asked for a build."""

    desk: Desk
    root: Path
    model: Watched
    asks: list[None] = field(default_factory=list)

    def __post_init__(self) -> None:
        sight = _sight(self.model)
        self.database = self.desk.office.database
        self.snapshots = Snapshots(self.root, sight.version, sight.dimensions)
        self.neighbours = Neighbours(
            self.database, self.snapshots, sight, lambda: self.asks.append(None)
        )

    @property
    def folder(self) -> Path:
        """The shelf's folder."""
        return shelf_folder(self.root, self.model)

    def shelve(self, *, anew: bool = False, least: int = 1) -> Path | None:
        """Pack what is new."""
        return shelve(self.database, self.folder, self.model, anew=anew, least=least)

    def found(self) -> list[str]:
        """Return the ids of what is similar, all news read."""
        self.neighbours.follow()
        return [one.order.id for one in similar_to(self.neighbours, Entry("", "", TEXT), AGENT)]


@pytest.fixture
def place(desk: Desk, tmp_path: Path, one_tree: Decision) -> Place:
    return Place(desk, tmp_path / "index", _model(one_tree, "hand-1"))


def _held(place: Place, *ids: str) -> list[bool]:
    return [record is not None for record in open_shelf(place.folder).find(ids)]


def test_orders_are_packed_once_and_read_instead_of_being_prepared(place: Place) -> None:
    one = place.desk.taken(TEXT)
    assert place.found() == [one.id]
    assert place.model.read == [0]
    assert place.shelve() is not None
    assert place.found() == [one.id]
    assert place.model.read == [0, 1]
    assert place.shelve() is None  # nothing new


def test_an_order_that_came_since_is_prepared_then_packed(place: Place) -> None:
    first = place.desk.taken(TEXT)
    place.shelve()
    second = place.desk.taken(TEXT)
    assert set(place.found()) == {first.id, second.id}
    assert place.model.read == [1]
    place.shelve()
    assert len(place.found()) == 2
    assert place.model.read == [1, 2]


def test_packs_grow_together_and_do_not_become_many(place: Place) -> None:
    ids = []
    for _ in range(9):
        ids.append(place.desk.taken(TEXT).id)
        place.shelve()
    assert _held(place, *ids) == [True] * 9
    assert len(open_shelf(place.folder).packs) <= 4  # 8 and 1 by the rule; 2^3 < 9 < 2^4


def test_an_amended_order_is_judged_by_its_new_words(place: Place) -> None:
    order = place.desk.taken(TEXT)
    place.shelve()
    place.neighbours.follow()
    entry = Entry(order.id, "", OTHER)
    query = place.model.prepare_once(Entry("", "", OTHER))
    packed = place.neighbours.view.shelf.find([order.id])
    assert packed != [None]
    ((_, said),) = place.model.best(query, [entry], packed, 1)
    assert said == place.model.judge(Entry("", "", OTHER), [entry])[0]


def test_words_that_retention_takes_away_leave_the_shelf(place: Place) -> None:
    order, into = place.desk.taken(TEXT), place.desk.taken(OTHER)
    place.desk.go(order.id, Wish("MERGED", into=into.id))
    place.shelve()
    assert _held(place, order.id, into.id) == [True, True]
    list(retain(place.database, load_policy(), place.desk.now + timedelta(days=5_000)))
    old = open_shelf(place.folder).packs[0].folder
    assert place.shelve() is not None
    assert _held(place, order.id, into.id) == [False, True]
    assert not old.exists()


def test_what_a_killed_writer_left_goes_even_where_nothing_is_packed(place: Place) -> None:
    left = place.folder / ".new-killed"
    left.mkdir(parents=True)
    with writing(place.folder):
        assert place.shelve() is None  # another process packs
        assert left.exists()
    assert place.shelve() is None
    assert not left.exists()


def test_few_orders_have_no_shelf(place: Place) -> None:
    place.desk.taken(TEXT)
    assert place.shelve(least=1_000) is None
    assert open_shelf(place.folder).packs == ()


def test_a_shelf_of_another_ledger_is_begun_again(place: Place) -> None:
    order = place.desk.taken(TEXT)
    path = place.shelve()
    assert path is not None
    manifest = path / "manifest.json"
    content = manifest.read_text()
    mark = content.split('"hash": "')[1][:4]
    manifest.write_text(content.replace(f'"hash": "{mark}', '"hash": "zzzz'))
    assert place.shelve() is not None
    assert len(open_shelf(place.folder).packs) == 1
    assert _held(place, order.id) == [True]


def test_a_new_judge_takes_over_at_once_and_asks_for_its_records(
    place: Place, one_tree: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.desk.neighbours.LEAST", 1)
    order = place.desk.taken(TEXT)
    build(place.database, place.snapshots, _sight(place.model), least=1)
    place.shelve()
    assert place.found() == [order.id]
    assert place.asks == []
    newer = _model(one_tree, "hand-2")
    place.neighbours.take(_sight(newer))
    assert place.found() == [order.id]
    assert (newer.read, len(place.asks)) == ([0], 1)


def test_no_build_is_asked_for_a_shelf_that_it_would_not_begin(place: Place) -> None:
    place.desk.taken(TEXT)
    build(place.database, place.snapshots, _sight(place.model), least=1)
    assert place.shelve(least=LEAST) is None  # as `triage index build` does
    for _ in range(3):
        place.neighbours.follow()
    assert place.neighbours.view.index.segment is not None
    assert place.asks == []


def test_a_new_encoder_answers_once_its_index_is_there(
    place: Place, one_tree: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.desk.neighbours.MOST_REPLAYED", 0)  # so that it is built elsewhere
    order = place.desk.taken(TEXT)
    build(place.database, place.snapshots, _sight(place.model), least=1)
    assert place.found() == [order.id]
    newer = _model(one_tree, "hand-2", seed=9)
    sight = _sight(newer, "plain-2")
    place.neighbours.take(sight)
    assert place.found() == [order.id]
    assert newer.read == []  # the one before answers meanwhile
    assert place.asks
    build(place.database, Snapshots(place.root, "plain-2", sight.dimensions), sight, least=1)
    assert place.found() == [order.id]
    assert newer.read == [0]


def test_an_empty_index_prepares_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place.model, "prepare_once", None)  # whoever called it would fail
    assert not place.neighbours.is_empty
    assert place.found() == []
    assert place.neighbours.is_empty
    assert Shelf(()).find(["a"]) == [None]
