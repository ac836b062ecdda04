"""A purge takes words out of memory too: what the judge keeps to be faster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from triage.catalogue import Catalogue
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.moves import Wish
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight, entry_of
from triage.hot.heat import load_heat
from triage.hot.storm import Storm
from triage.index import Snapshots
from triage.same_event.decision import Decision
from triage.same_event.entry import Entry
from triage.same_event.model import SameEventModel
from triage.same_event.second import SecondEncoder
from triage.same_event.static_encoder import StaticEncoder
from triage.same_event.statistics import Rarity
from triage.store.policy import load_policy
from triage.store.retention import retain
from triage.text.elements import ElementExtractor

if TYPE_CHECKING:
    from desks import Desk

TEXT, OTHER = "金竹苑三栋楼下的水管爆裂，已经停水两个小时", "育才路小学门口的红绿灯一直不亮"


class _Counting:
    """An encoder that counts the texts that it was asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self._encoder = StaticEncoder.untrained(dimensions=64)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += len(texts)
        return self._encoder.encode(texts)


def _model(decision: Decision, second: _Counting) -> SameEventModel:
    first = StaticEncoder.untrained(dimensions=64)
    return SameEventModel("t", first, Rarity.uniform(), decision, None, SecondEncoder(second))


@pytest.mark.parametrize("who", ["index", "events"])
def test_a_purge_of_words_empties_what_the_judge_keeps(
    desk: Desk, tmp_path: Path, one_tree: Decision, who: str
) -> None:
    second = _Counting()
    model = _model(one_tree, second)
    sight = Sight("plain-1", model.dimensions, model.encoder, model, model)
    database = desk.office.database
    order, into = desk.taken(TEXT), desk.taken(OTHER)
    desk.go(order.id, Wish("MERGED", into=into.id))
    if who == "index":
        snapshots = Snapshots(tmp_path / "index", sight.version, sight.dimensions)
        neighbours = Neighbours(database, snapshots, sight, lambda: None)
        after = 0

        def look(at: int) -> int:
            return neighbours.follow()
    else:
        extractor = ElementExtractor(Catalogue.load().place_names())
        storm = Storm(model.encoder, model, threshold=0.5)
        events = EventDesk(
            database, storm, extractor, load_heat(), "t", lambda: desk.now,
            desk.office.books.ranks, sight.forget,
        )  # fmt: skip
        after = open_events(events)

        def look(at: int) -> int:
            return follow(events, at)

    after = look(after)
    model.judge(Entry("q", "", TEXT), [entry_of(order), entry_of(into)])
    model.judge(Entry("q", "", TEXT), [entry_of(order)])
    kept = second.asked
    model.judge(Entry("q", "", TEXT), [entry_of(order)])
    assert second.asked == kept
    assert model.prepare.cache_info().currsize
    list(retain(database, load_policy(), desk.now + timedelta(days=5_000)))
    look(after)
    assert model.prepare.cache_info().currsize == 0
    model.judge(Entry("q", "", TEXT), [entry_of(into)])
    assert second.asked > kept
