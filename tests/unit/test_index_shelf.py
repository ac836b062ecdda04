from __future__ import annotations

import logging
from pathlib import Path

import pytest

from triage.index.manifest import Mark
from triage.index.packing import Packing, clear
from triage.index.shelf import RECORDS, Shelf, open_shelf, packs_in


def _packed(folder: Path, records: dict[str, bytes], position: int = 1) -> Path:
    packing = Packing(folder)
    for one, record in records.items():
        packing.add(one.encode(), record)
    path = packing.finish(Mark(position, "ab"))
    packing.close()
    return path


def test_records_are_found_by_id_in_whatever_order_they_came(tmp_path: Path) -> None:
    _packed(tmp_path, {"B2": b"two", "A1": b"one", "C": b""})
    shelf = open_shelf(tmp_path)
    assert shelf.find(["A1", "nobody", "B2", "C", "B"]) == [b"one", None, b"two", b"", None]
    assert (len(shelf), shelf.mark) == (3, Mark(1, "ab"))


def test_the_newest_record_of_an_id_counts(tmp_path: Path) -> None:
    _packed(tmp_path, {"a": b"old", "b": b"kept"})
    _packed(tmp_path, {"a": b"new", "longer-id": b"x"}, 2)
    assert open_shelf(tmp_path).find(["a", "b", "longer-id"]) == [b"new", b"kept", b"x"]


def test_a_pack_takes_in_an_older_one_but_not_who_is_gone(tmp_path: Path) -> None:
    old = _packed(tmp_path, {"a": b"old", "b": b"kept", "c": b"gone"})
    packing = Packing(tmp_path)
    packing.add(b"a", b"new")
    packing.take_in(open_shelf(tmp_path).packs[0], {b"c"})
    packing.finish(Mark(2, "cd"))
    packing.close()
    clear(tmp_path, [old])
    shelf = open_shelf(tmp_path)
    assert shelf.find(["a", "b", "c"]) == [b"new", b"kept", None]
    assert len(shelf.packs) == 1


@pytest.mark.parametrize("name", ["ids.npy", "places.npy", "manifest.json", RECORDS])
def test_a_damaged_pack_is_left_out_and_the_others_are_read(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad = _packed(tmp_path, {"a": b"one"})
    _packed(tmp_path, {"b": b"two"}, 2)
    (bad / name).write_bytes((bad / name).read_bytes()[:-3])
    with caplog.at_level(logging.ERROR):
        assert open_shelf(tmp_path).find(["a", "b"]) == [None, b"two"]
    assert "pack refused" in caplog.text


def test_a_record_that_was_changed_is_not_found(tmp_path: Path) -> None:
    records = _packed(tmp_path, {"a": b"one", "b": b"two"}) / RECORDS
    content = bytearray(records.read_bytes())
    content[5] ^= 1
    records.write_bytes(content)
    assert open_shelf(tmp_path).find(["a", "b"]) == [None, b"two"]


def test_what_a_killed_writer_left_is_no_pack_and_is_taken_away(tmp_path: Path) -> None:
    packing = Packing(tmp_path)
    packing.add(b"a", b"one")
    assert packs_in(tmp_path) == []
    clear(tmp_path, [])
    assert list(tmp_path.iterdir()) == []
    packing.close()


def test_an_open_shelf_outlives_its_files(tmp_path: Path) -> None:
    path = _packed(tmp_path, {"a": b"one"})
    shelf = open_shelf(tmp_path)
    clear(tmp_path, [path])
    assert shelf.find(["a"]) == [b"one"]
    assert open_shelf(tmp_path).find(["a"]) == [None]


def test_no_shelf_holds_nothing(tmp_path: Path) -> None:
    assert open_shelf(tmp_path / "none").find(["a"]) == [None]
    assert Shelf(()).mark == Mark()


def test_a_pack_from_which_all_went_holds_nothing(tmp_path: Path) -> None:
    _packed(tmp_path, {})
    shelf = open_shelf(tmp_path)
    assert (len(shelf), shelf.find(["a"]), shelf.mark) == (0, [None], Mark(1, "ab"))
