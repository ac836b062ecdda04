from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from triage.index import IndexRefused, Mark, OrderIndex, Printed, Snapshots
from triage.index.growing import Growing
from triage.index.manifest import FILES, MANIFEST, read_manifest
from triage.index.pairs import Rarity, pairs_of
from triage.index.segment import Segment

WIDTH = 32
HERE = Mark(7, "aa")


def printed(ids: Sequence[str], seed: int = 0) -> Printed:
    """Return orders with random unit vectors and pairs; the same ids and seed give the same."""
    rng = np.random.default_rng([seed, len(ids)])
    vectors = rng.standard_normal((len(ids), WIDTH), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = tuple(np.unique(rng.integers(0, 1 << 20, 30).astype(np.uint32)) for _ in ids)
    return Printed(tuple(ids), vectors, pairs)


def named(first: int, count: int) -> list[str]:
    return [f"20260302-{number:06d}" for number in range(first, first + count)]


def snapshots(folder: Path, encoder: str = "e1") -> Snapshots:
    return Snapshots(folder, encoder, WIDTH)


def written(
    into: Snapshots, *batches: Printed, before: Segment | None = None, gone: Sequence[str] = ()
) -> Path:
    def fill(growing: Growing) -> Mark:
        for batch in batches:
            growing.add(batch)
        growing.remove(gone)
        return HERE

    path = into.write(before, fill)
    assert path is not None
    return path


def opened(from_: Snapshots) -> Segment:
    segment = from_.open(lambda mark: mark == HERE)
    assert segment is not None
    return segment


def nearest(index: OrderIndex, batch: Printed, row: int) -> str:
    return index.search(batch.vectors[row], batch.pairs[row], 3)[0].id


def test_an_empty_index_finds_nothing() -> None:
    one = printed(["a"])
    assert OrderIndex(None, WIDTH).search(one.vectors[0], one.pairs[0], 10) == []


def test_an_order_is_found_when_add_has_returned_and_not_when_remove_has() -> None:
    index, batch = OrderIndex(None, WIDTH), printed(named(0, 50))
    index.add(batch)
    assert nearest(index, batch, 7) == batch.ids[7]
    index.remove([batch.ids[7], "unknown"])
    assert batch.ids[7] not in {
        hit.id for hit in index.search(batch.vectors[7], batch.pairs[7], 50)
    }
    assert len(index) == 49


@pytest.mark.parametrize("count", [3, 300])
def test_a_snapshot_answers_as_what_was_added(tmp_path: Path, count: int) -> None:
    batch = printed(named(0, count))
    written(snapshots(tmp_path), batch)
    index = OrderIndex(opened(snapshots(tmp_path)), WIDTH)
    assert len(index) == count
    assert [nearest(index, batch, row) for row in range(3)] == list(batch.ids[:3])
    assert index.mark == HERE


def test_what_is_replaced_or_removed_since_the_snapshot_is_not_found_as_it_was(
    tmp_path: Path,
) -> None:
    old, new = printed(named(0, 300)), printed(named(5, 1), seed=1)
    written(snapshots(tmp_path), old)
    index = OrderIndex(opened(snapshots(tmp_path)), WIDTH)
    index.add(new)
    index.remove([old.ids[9]])
    assert nearest(index, new, 0) == old.ids[5]
    assert nearest(index, old, 5) != old.ids[5]
    assert nearest(index, old, 9) != old.ids[9]
    assert len(index) == 299


def test_of_one_id_twice_in_a_batch_the_last_stands(tmp_path: Path) -> None:
    both = printed(["a", "b", "a"])
    index = OrderIndex(None, WIDTH)
    index.add(both)
    assert (nearest(index, both, 2), len(index)) == ("a", 2)
    assert index.search(both.vectors[0], both.pairs[0], 1)[0].cosine < 0.9
    written(snapshots(tmp_path), both)
    assert len(opened(snapshots(tmp_path))) == 2


def test_a_snapshot_upon_another_has_all_that_is_not_gone(tmp_path: Path) -> None:
    old, new = printed(named(0, 300)), printed(named(300, 100), seed=1)
    changed = printed([old.ids[3]], seed=2)
    written(snapshots(tmp_path), old)
    before = opened(snapshots(tmp_path))
    written(snapshots(tmp_path), new, changed, before=before, gone=[old.ids[8], new.ids[9]])
    after = opened(snapshots(tmp_path))
    assert (len(after), after.facts.trained_on) == (398, 300)  # 300 + 100 - 2, lists as they were
    index = OrderIndex(after, WIDTH)
    assert nearest(index, old, 299) == old.ids[299]
    assert nearest(index, new, 0) == new.ids[0]
    assert nearest(index, changed, 0) == old.ids[3]
    assert nearest(index, old, 3) != old.ids[3]
    assert nearest(index, old, 8) != old.ids[8]
    assert nearest(index, new, 9) != new.ids[9]


def test_lists_are_trained_anew_once_the_orders_have_doubled(tmp_path: Path) -> None:
    old, new = printed(named(0, 100)), printed(named(100, 101), seed=1)
    written(snapshots(tmp_path), old)
    written(snapshots(tmp_path), new, before=opened(snapshots(tmp_path)))
    after = opened(snapshots(tmp_path))
    assert after.facts.trained_on == 201
    index = OrderIndex(after, WIDTH)
    assert (nearest(index, old, 5), nearest(index, new, 5)) == (old.ids[5], new.ids[5])


def test_rare_pairs_find_what_the_vector_does_not() -> None:
    index, batch = OrderIndex(None, WIDTH), printed(named(0, 200))
    index.add(batch)
    far = -batch.vectors[3]
    hit = next(one for one in index.search(far, batch.pairs[3], 20) if one.id == batch.ids[3])
    assert hit.shared > 0


def test_a_common_pair_weighs_less_than_a_rare_one() -> None:
    rarity = Rarity()
    for text in ("路灯不亮", "路灯坏了", "路灯闪烁", "蓝湖郡"):
        rarity.count(pairs_of(text))
    light, lake = pairs_of("路灯"), pairs_of("蓝湖")
    assert rarity.weights(light)[0] < rarity.weights(lake)[0]
    both = np.concatenate([light, lake])
    assert rarity.rarest(both, 1).tolist() == lake.tolist()


@pytest.mark.parametrize("text", ["", "水", " \n"])
def test_a_text_without_two_characters_has_no_pairs(text: str) -> None:
    assert len(pairs_of(text)) == 0


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = written(snapshots(tmp_path), printed(named(0, 40))) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IndexRefused, match=name) as refused:
        opened(snapshots(tmp_path))
    assert refused.value.code == "index_damaged"
    assert "triage index build" in refused.value.message


def test_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = written(snapshots(tmp_path), printed(named(0, 40))) / "vectors.faiss"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexRefused, match="sha256"):
        opened(snapshots(tmp_path))


def test_an_index_of_another_encoder_is_refused(tmp_path: Path) -> None:
    written(snapshots(tmp_path, "e1"), printed(named(0, 40)))
    (tmp_path / "e1").rename(tmp_path / "e2")
    with pytest.raises(IndexRefused, match="e1") as refused:
        opened(snapshots(tmp_path, "e2"))
    assert refused.value.code == "index_other_encoder"


def test_an_index_of_another_version_is_refused(tmp_path: Path) -> None:
    path = written(snapshots(tmp_path), printed(named(0, 40))) / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    with pytest.raises(IndexRefused, match="99") as refused:
        opened(snapshots(tmp_path))
    assert refused.value.code == "index_other_version"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 1}', '{"schema": 1, "files": 3}'])
def test_a_manifest_that_says_nothing_is_refused(tmp_path: Path, content: str) -> None:
    path = written(snapshots(tmp_path), printed(named(0, 40)))
    (path / MANIFEST).write_text(content)
    with pytest.raises(IndexRefused):
        read_manifest(path)


def test_an_index_of_another_ledger_is_refused(tmp_path: Path) -> None:
    written(snapshots(tmp_path), printed(named(0, 40)))
    with pytest.raises(IndexRefused) as refused:
        snapshots(tmp_path).open(lambda mark: mark == Mark(7, "bb"))
    assert refused.value.code == "index_other_ledger"


def test_of_a_damaged_and_a_sound_snapshot_the_sound_one_is_opened(tmp_path: Path) -> None:
    written(snapshots(tmp_path), printed(named(0, 40)))
    newest = written(snapshots(tmp_path), printed(named(0, 41)))
    (newest / "ids.npy").unlink()
    assert len(opened(snapshots(tmp_path))) == 40


def test_encoders_stand_side_by_side(tmp_path: Path) -> None:
    written(snapshots(tmp_path, "old"), printed(named(0, 40)))
    written(snapshots(tmp_path, "new"), printed(named(0, 41), seed=1))
    assert len(opened(snapshots(tmp_path, "old"))) == 40
    assert len(opened(snapshots(tmp_path, "new"))) == 41


def test_an_unfinished_snapshot_is_never_seen_and_is_cleared_away(tmp_path: Path) -> None:
    into = snapshots(tmp_path)

    def fail(growing: Growing) -> Mark:
        raise KeyboardInterrupt

    for count in (40, 41, 42):
        written(into, printed(named(0, count)))
    (into.folder / ".new-killed").mkdir()
    with pytest.raises(KeyboardInterrupt):
        into.write(None, fail)
    into.clear()
    assert [len(Segment.open(one, encoder="e1", dimensions=WIDTH)) for one in into.found()] == [
        42,
        41,
    ]
    assert not list(into.folder.glob(".new-*"))


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with snapshots(tmp_path).writing() as first, snapshots(tmp_path).writing() as second:
        assert (first, second) == (True, False)
    with snapshots(tmp_path).writing() as again:
        assert again


def test_no_snapshot_of_too_few_orders(tmp_path: Path) -> None:
    into = snapshots(tmp_path)
    assert into.write(None, lambda growing: HERE, least=1) is None
    assert into.found() == []


def test_a_snapshot_of_another_ledger_never_stands_before_a_later_one(tmp_path: Path) -> None:
    """A restored database begins its ledger anew: its place is lower, its snapshot is newer."""
    one, batch = snapshots(tmp_path), printed(named(0, 20))

    def fill(position: int, growing: Growing) -> Mark:
        growing.add(batch)
        return Mark(position, "aa")

    for position in (120_000, 130_000, 9_000):
        one.write(None, partial(fill, position))
    (one.folder / "notes.txt").write_text("not a snapshot", "utf-8")
    assert [folder.name for folder in one.found()] == [
        "000000009000-000003",
        "000000130000-000002",
        "000000120000-000001",
    ]
    one.clear()
    assert [folder.name[:12] for folder in one.found()] == ["000000009000", "000000130000"]


@pytest.mark.parametrize("least", [1, 40])
def test_no_snapshot_where_every_order_was_taken_out(tmp_path: Path, least: int) -> None:
    into, batch = snapshots(tmp_path), printed(named(0, 40))
    first = written(into, batch)

    def empty(growing: Growing) -> Mark:
        growing.remove(batch.ids)
        return HERE

    assert into.write(opened(into), empty, least=least) is None
    assert into.found() == [first]
