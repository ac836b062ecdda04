from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from triage.same_event.entry import Entry
from triage.same_event.mentions import Mentions, clashing_numbers, clashing_places, numbers
from triage.same_event.overlap import COLUMNS, overlap
from triage.same_event.pair_features import NAMES, SIGNS, Preparer, pair_features
from triage.same_event.profile import profile
from triage.same_event.static_encoder import StaticEncoder
from triage.same_event.statistics import Rarity, quantised

RARITY = Rarity.uniform()
PREPARER = Preparer(RARITY, StaticEncoder.untrained(dimensions=64), None)


def _column(one: Entry, other: Entry, name: str) -> float:
    found = overlap(profile(one, RARITY), [profile(other, RARITY)])
    return float(found[0, COLUMNS.index(name)])


def test_a_text_shares_everything_with_itself() -> None:
    entry = Entry("1", "青禾苑门口积水", "青禾苑大门口一下雨就积水。")
    for name in COLUMNS:
        if "cosine" in name or "in_other" in name or "peak" in name:
            assert _column(entry, entry, name) == pytest.approx(1, abs=1e-5), name
        if "missed" in name:
            assert _column(entry, entry, name) == 0, name


def test_texts_without_a_common_character_share_nothing() -> None:
    one, other = Entry("1", "青禾苑积水", "雨"), Entry("2", "补办社保卡", "问")
    found = overlap(profile(one, RARITY), [profile(other, RARITY)])[0]
    assert all(found[i] == 0 for i, name in enumerate(COLUMNS) if "missed" not in name)


def test_features_do_not_depend_on_who_asks_for_whom() -> None:
    one = PREPARER.prepare(Entry("1", "青禾苑积水", "青禾苑门口积水三天", None, "甲", "东区", "T1"))
    other = PREPARER.prepare(Entry("2", "东门积水", "青禾苑东门积水", None, "乙", "东区", "T2"))
    there, back = pair_features(one, [other]), pair_features(other, [one])
    assert np.allclose(there, back, atol=2e-3, equal_nan=True)


def test_features_of_one_candidate_do_not_depend_on_the_others() -> None:
    entries = [Entry(str(n), f"青禾苑{n}号楼漏水", f"楼顶漏水{n}天") for n in range(5)]
    query, *others = [PREPARER.prepare(entry) for entry in entries]
    together = pair_features(query, others)
    alone = np.concatenate([pair_features(query, [other]) for other in others])
    assert np.allclose(together, alone, atol=1e-6, equal_nan=True)


def test_no_candidates_give_no_rows() -> None:
    assert pair_features(PREPARER.prepare(Entry("1", "", "水")), []).shape == (0, len(NAMES))


def test_every_feature_has_a_direction() -> None:
    assert len(SIGNS) == len(NAMES)
    assert set(SIGNS) <= {-1, 0, 1}


@pytest.mark.parametrize("detail", ["水", "", " ", "😀", "水" * 100_000])
def test_short_empty_and_huge_texts_are_compared(detail: str) -> None:
    entry = PREPARER.prepare(Entry("1", "", detail))
    other = PREPARER.prepare(Entry("2", "", "路灯不亮"))
    found = pair_features(entry, [other, entry])
    known = [i for i, name in enumerate(NAMES) if not name.startswith(("days", "same_"))]
    assert np.isfinite(found[:, known]).all()


def test_days_and_requester_are_unknown_where_one_of_them_is() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    one = PREPARER.prepare(Entry("1", "", "积水", moment, "甲"))
    other = PREPARER.prepare(Entry("2", "", "积水"))
    row = dict(zip(NAMES, pair_features(one, [other, one])[0], strict=True))
    assert np.isnan(row["days_apart"])
    assert np.isnan(row["same_requester"])


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("轨道三号线", "号线", "3"),
        ("3号线", "号线", "3"),
        ("二十八中", "中", "28"),
        ("28中学", "中", "28"),
        ("一〇二路公交", "路", "102"),
        ("十五路", "路", "15"),
        ("一百零二路", "路", "102"),
        ("听雨轩3幢", "栋", "3"),
        ("K2路车", "路", "k2"),
    ],
)
def test_numbers_are_read_alike_however_they_are_written(text: str, unit: str, value: str) -> None:
    assert (unit, value) in numbers(text)


def test_numbers_of_one_unit_clash_only_where_none_is_shared() -> None:
    three, five = Mentions(numbers=numbers("3号线")), Mentions(numbers=numbers("五号线"))
    both = Mentions(numbers=numbers("3号线和5号线"))
    assert clashing_numbers(three, five) == [("3号线", "5号线")]
    assert clashing_numbers(three, both) == []
    assert clashing_numbers(three, Mentions(numbers=numbers("5栋"))) == []


def test_places_clash_only_within_a_kind() -> None:
    estate, other = Mentions((("estate", "青禾苑"),)), Mentions((("estate", "百合园"),))
    assert clashing_places(estate, other) == [("青禾苑", "百合园")]
    assert clashing_places(estate, Mentions((("estate", "青禾苑小区"),))) == []
    assert clashing_places(estate, Mentions((("road", "文昌路"),))) == []


def test_rarity_falls_with_the_number_of_documents() -> None:
    # ln(101 / 1) = 4.615 and ln(101 / 101) = 0, kept to a sixteenth
    table = quantised(np.array([0, 100]), 100)
    assert Rarity(table).idf(np.array([0, 1, 2], np.int32)).tolist() == pytest.approx(
        [4.625, 0.0, 4.625]
    )
