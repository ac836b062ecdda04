from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from triage.desk.actor import Actor
from triage.desk.amend import override
from triage.desk.indexing import build
from triage.desk.moves import Wish
from triage.desk.neighbours import IndexNotReady, Neighbours
from triage.desk.sight import Sight
from triage.desk.similar import Similar, asked, similar_json, similar_to
from triage.index import OrderIndex, Snapshots
from triage.request import CitizenRequest, Ranked
from triage.same_event.entry import Entry
from triage.store.ledger import head_of
from triage.store.policy import load_policy
from triage.store.retention import retain

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
AGENT = Actor("a", frozenset({"agent"}))
TEXT = "金竹苑三栋楼下的水管爆裂，水漫到马路上，已经停水两个小时"
OTHER = "育才路小学门口的红绿灯一直不亮，孩子过马路危险"
AGAIN = "金竹苑三栋门口水管爆了，马路上全是水，停水两小时了"


@dataclass
class Index:
    """The index of one process over a desk, and how often it asked for a new snapshot."""

    desk: Desk
    folder: Path
    sight: Sight
    asks: list[None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.snapshots = Snapshots(self.folder, self.sight.version, self.sight.dimensions)
        self.neighbours = self.again()

    def again(self, most_fresh: int = 20_000) -> Neighbours:
        """Return the index of another process."""
        return Neighbours(
            self.desk.office.database,
            self.snapshots,
            self.sight,
            lambda: self.asks.append(None),
            most_fresh=most_fresh,
        )

    def build(self, *, anew: bool = False) -> Path:
        """Write a snapshot, however few orders there are."""
        database = self.desk.office.database
        path = build(database, self.snapshots, self.sight, anew=anew, least=1)
        assert path is not None
        return path

    def find(self, text: str = AGAIN, actor: Actor = AGENT) -> list[Similar]:
        """Return what is similar to a text, all news read."""
        self.neighbours.follow()
        return similar_to(self.neighbours, Entry("", "", text), actor)

    def ids(self, text: str = AGAIN, actor: Actor = AGENT) -> list[str]:
        """Return the ids of the same."""
        return [one.order.id for one in self.find(text, actor)]


@pytest.fixture
def index(desk: Desk, tmp_path: Path, plain_sight: Callable[..., Sight]) -> Index:
    return Index(desk, tmp_path / "index", plain_sight())


def opened(neighbours: Neighbours) -> OrderIndex:
    assert neighbours.index is not None
    return neighbours.index


def test_an_order_is_found_by_another_telling_as_soon_as_the_ledger_is_followed(
    index: Index,
) -> None:
    pipe, _ = index.desk.taken(TEXT), index.desk.taken(OTHER)
    assert index.ids()[0] == pipe.id


def test_before_the_ledger_was_read_nobody_is_answered(index: Index) -> None:
    with pytest.raises(IndexNotReady):
        similar_to(index.neighbours, Entry("", "", TEXT), AGENT)


def test_an_empty_database_is_answered_with_nothing_and_then_with_its_first_order(
    index: Index,
) -> None:
    assert index.find() == []
    order = index.desk.taken(TEXT)
    assert index.ids() == [order.id]


def test_the_order_itself_is_not_among_those_similar_to_it(index: Index) -> None:
    order = index.desk.taken(TEXT)
    index.neighbours.follow()
    assert similar_to(index.neighbours, Entry(order.id, "", TEXT), AGENT) == []


def test_closed_and_merged_orders_are_found(index: Index) -> None:
    main, merged, done = (index.desk.taken(TEXT) for _ in range(3))
    index.desk.go(merged.id, Wish("MERGED", into=main.id))
    index.desk.go(
        done.id,
        Wish("DISPATCHED", unit="URBAN_MGMT"),
        Wish("HANDLING"),
        Wish("REPLIED", note="已经派抢修队更换水管，当日恢复供水"),
        Wish("FOLLOWED_UP", reason="SATISFIED"),
        Wish("CLOSED"),
    )
    found = {one.order.id: similar_json(one) for one in index.find()}
    assert found.keys() == {main.id, merged.id, done.id}
    assert (found[merged.id]["merged_into"], found[done.id]["state"]) == (main.id, "CLOSED")


def test_nothing_out_of_reach_is_named(index: Index) -> None:
    sent, only_suggested = index.desk.taken(TEXT), index.desk.taken(TEXT)
    index.desk.go(sent.id, Wish("DISPATCHED", unit="URBAN_MGMT"))
    handler = Actor("h", frozenset({"handler"}), units=frozenset({"URBAN_MGMT"}))
    elsewhere = Actor("r", frozenset({"agent"}), regions=frozenset({"500242"}))
    assert index.ids(actor=handler) == [sent.id]
    assert index.ids(actor=elsewhere) == []
    assert set(index.ids()) == {sent.id, only_suggested.id}


def test_a_report_is_never_shown_to_the_unit_that_it_accuses(index: Index) -> None:
    said = index.desk.said
    assert said is not None
    index.desk.said = replace(said, request_type=Ranked("REPORT", 0.9), accused=("URBAN_MGMT",))
    report = index.desk.taken(TEXT)
    index.desk.go(report.id, Wish("DISPATCHED", unit="ECOLOGY"))
    accused = Actor("h", frozenset({"handler"}), units=frozenset({"URBAN_MGMT", "ECOLOGY"}))
    assert index.ids(actor=accused) == []
    assert index.ids() == [report.id]


def test_what_an_order_becomes_is_shown_as_it_stands_now(index: Index) -> None:
    order = index.desk.taken(TEXT)
    assert index.ids() == [order.id]
    override(
        index.desk.office, order.id, {"topic": "SZ01"}, reason="看错", version=None, actor=CHIEF
    )
    assert similar_json(index.find()[0])["topic"] == "SZ01"


def test_asking_stores_nothing(index: Index) -> None:
    index.desk.taken(TEXT)
    with index.desk.office.database.read() as connection:
        before = head_of(connection)
    index.find("我叫陶小满，电话13800138000，" + AGAIN)
    with index.desk.office.database.read() as connection:
        assert head_of(connection) == before


def test_personal_data_of_the_text_is_masked_before_anything_reads_it(index: Index) -> None:
    request = CitizenRequest("1", "电话13800138000，水管爆了", title="请回13800138000")
    (prediction,) = index.desk.office.triages[-1]([request])
    entry = asked(request, prediction)
    assert "13800138000" not in entry.title + entry.detail


def test_texts_that_retention_takes_away_are_not_found_again(index: Index) -> None:
    order = index.desk.taken(TEXT)
    into = index.desk.taken(OTHER)
    index.desk.go(order.id, Wish("MERGED", into=into.id))
    assert order.id in index.ids()
    late = index.desk.now + timedelta(days=5_000)
    list(retain(index.desk.office.database, load_policy(), late))
    assert index.ids() == [into.id]
    assert len(opened(index.neighbours)) == 1
    index.build()
    other = index.again()
    other.follow()
    assert len(opened(other)) == 1


def test_a_restart_goes_on_from_the_snapshot_and_misses_nothing(index: Index) -> None:
    before = [index.desk.taken(f"{TEXT}，第{n}次反映").id for n in range(5)]
    index.build()
    after = [index.desk.taken(f"{TEXT}，又一次{n}").id for n in range(3)]
    other = index.again()
    assert other.follow() == 0  # what came since is read while it opens
    found = opened(other)
    assert (len(found), found.fresh) == (8, 3)
    index.neighbours = other
    assert set(index.ids()) == {*before, *after}


def test_a_new_snapshot_takes_over_while_the_process_runs(index: Index) -> None:
    orders = [index.desk.taken(f"{TEXT}，第{n}次反映").id for n in range(5)]
    assert set(index.ids()) == set(orders)
    index.build()
    orders.append(index.desk.taken(f"{TEXT}，最新").id)
    assert set(index.ids()) == set(orders)
    assert opened(index.neighbours).fresh == 1


def test_too_many_orders_in_memory_ask_for_a_snapshot(index: Index) -> None:
    neighbours = index.again(most_fresh=2)
    index.desk.taken(TEXT)
    neighbours.follow()
    assert index.asks == []
    index.desk.taken(OTHER)
    neighbours.follow()
    assert len(index.asks) == 1


def test_a_damaged_snapshot_is_not_used_a_new_one_asked_for_and_nothing_lost(
    index: Index,
) -> None:
    order = index.desk.taken(TEXT)
    path = index.build() / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:-100])
    assert index.ids() == [order.id]
    assert len(index.asks) == 1
    index.build()
    index.neighbours.follow()
    assert opened(index.neighbours).segment is not None


def test_a_snapshot_of_another_database_is_not_used(index: Index) -> None:
    order = index.desk.taken(TEXT)
    path = index.build()
    manifest = path / "manifest.json"
    content = manifest.read_text()
    mark = content.split('"hash": "')[1][:4]
    manifest.write_text(content.replace(f'"hash": "{mark}', '"hash": "0000'))
    assert index.ids() == [order.id]
    assert opened(index.neighbours).segment is None


def test_another_encoder_has_its_own_index_beside_the_old_one(
    index: Index, plain_sight: Callable[..., Sight]
) -> None:
    order = index.desk.taken(TEXT)
    index.build()
    other = Index(index.desk, index.folder, plain_sight("plain-2", seed=1))
    other.build()
    assert (index.ids(), other.ids()) == ([order.id], [order.id])
    assert sorted(one.name for one in index.folder.iterdir()) == ["plain-1", "plain-2"]


@pytest.mark.parametrize("text", ["水", "？", " ", "水" * 100_000])
def test_texts_of_any_length_are_answered(index: Index, text: str) -> None:
    index.desk.taken(TEXT)
    assert len(index.ids(text)) == 1


def test_a_thousand_identical_texts_are_ten_of_one_kind(index: Index) -> None:
    for _ in range(30):
        index.desk.taken(TEXT)
    found = index.find(TEXT)
    assert len(found) == 10
    assert {one.judgement.label.value for one in found} == {"SAME_EVENT"}


def test_what_is_shown_has_every_key(index: Index) -> None:
    index.desk.taken(TEXT, title="水管爆裂")
    shown: dict[str, Any] = {**similar_json(index.find()[0])}
    assert shown["title"] == "水管爆裂"
    assert shown["evidence"][0].keys() == {"kind", "text", "query_span", "candidate_span"}
