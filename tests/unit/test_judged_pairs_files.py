"""The judged pairs kept in the project: ids and labels, no text, nothing fitted on and measured."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from evaluation.judged_pairs import COLUMNS, members, once, read_judged_pairs

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "datasets/judged_pairs"
SHARED = ROOT.parent / "shared/data"
IDS = {
    "letters.csv": re.compile(r"(train:[\w-]+|topics7:\d+|messages4:\d+)"),
    "fresh.csv": re.compile(r"\d+"),
}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", IDS)
def test_ids_and_labels_alone_are_kept_each_pair_once(name: str) -> None:
    rows = _rows(name)
    ids = {row[side] for row in rows for side in ("query_id", "candidate_id")}
    assert all(IDS[name].fullmatch(one) for one in ids)
    assert set(rows[0]) - {"round"} == set(COLUMNS)
    pairs = read_judged_pairs(FOLDER / name, ids)  # labels and components are checked
    assert len(once(pairs)) == len(pairs) == len(rows)
    events = list(members(pairs).values())
    assert sum(map(len, events)) == len(frozenset[str]().union(*events))


def test_no_message_that_is_measured_is_among_the_letters() -> None:
    letters = {row[side] for row in _rows("letters.csv") for side in ("query_id", "candidate_id")}
    known = {one.rpartition("-")[2] for one in letters if "tipdm3-" in one}
    fresh = {row[side] for row in _rows("fresh.csv") for side in ("query_id", "candidate_id")}
    assert known
    assert not fresh & known


def test_no_message_that_is_measured_is_one_of_the_judged_pool() -> None:
    judged = SHARED / "labelled/dup_dev.csv"
    if not judged.is_file():
        pytest.skip("needs ../shared/data")
    with judged.open(encoding="utf-8-sig", newline="") as file:
        known = {row[side] for row in csv.DictReader(file) for side in ("query_id", "candidate_id")}
    fresh = {row[side] for row in _rows("fresh.csv") for side in ("query_id", "candidate_id")}
    assert not fresh & known
