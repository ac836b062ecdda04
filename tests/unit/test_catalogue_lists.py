from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from triage.catalogue import Catalogue
from triage.catalogue.folder import shipped_folder

TODAY = date(2026, 3, 1)
SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def test_the_shipped_lists_have_their_sizes(catalogue: Catalogue) -> None:
    sizes = {name: len(rows) for name, rows in catalogue.histories.items()}

    assert sizes == {
        "boards": 6,
        "units": 45,
        "topics": 127,
        "request_types": 6,
        "urgency_levels": 5,
        "flags": 7,
        "risk_flags": 3,
        "reject_reasons": 6,
        "channels": 16,
        "acceptance": 14,
    }
    assert len({topic.l1 for topic in catalogue.topics.values()}) == 23


def test_a_topic_knows_its_board_and_its_units(catalogue: Catalogue) -> None:
    topic = catalogue.topics["SR03"]

    assert (topic.name, topic.l1, topic.board) == ("餐饮油烟", "市容环卫", "生态景观")
    assert (topic.lead, topic.support) == ("URBAN_MGMT", ("ECOLOGY", "MARKET"))


def test_every_topic_maps_to_one_of_six_boards(catalogue: Catalogue) -> None:
    boards = {board.name for board in catalogue.boards.values()}

    assert len(boards) == 6
    assert {topic.board for topic in catalogue.topics.values()} == boards


def test_only_acceptance_and_the_emergency_hand_off_are_automatic(catalogue: Catalogue) -> None:
    decisions = [entry for entry in catalogue.acceptance.values() if entry.kind == "decision"]

    assert {entry.code for entry in decisions if entry.automatic} == {"ACCEPT", "EMERGENCY_HANDOFF"}
    assert len(decisions) == 5


def test_urgency_is_keyed_by_level(catalogue: Catalogue) -> None:
    assert list(catalogue.urgency_levels) == [0, 1, 2, 3, 4]
    assert catalogue.urgency_levels[0].identifier == "HANDOFF"


def test_the_version_names_edition_and_content(catalogue: Catalogue) -> None:
    assert re.fullmatch(r"chongqing-2026\.1\+[0-9a-f]{8}", catalogue.version)
    assert Catalogue.load().version == catalogue.version


def test_a_catalogue_is_frozen(catalogue: Catalogue) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalogue.digest = "0"  # type: ignore[misc]
    with pytest.raises(TypeError):
        catalogue.topics["X"] = catalogue.topics["ZF01"]  # type: ignore[index]


def test_a_retired_entry_is_known_but_not_in_force(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped_folder(), tmp_path / "city"))
    with (folder / "flags.csv").open("a", encoding="utf-8") as stream:
        stream.write("NEW,旧称,,,2026-01-01\nNEW,新称,,2026-01-01,2026-06-01\n")
    catalogue = Catalogue.load(folder)

    def names(day: date) -> set[str]:
        return {e.name for e in catalogue.in_force("flags", day) if e.code == "NEW"}

    assert names(date(2025, 12, 31)) == {"旧称"}
    assert names(date(2026, 1, 1)) == {"新称"}
    assert names(date(2026, 6, 1)) == set()
    assert catalogue.flags["NEW"].name == "新称"


def test_json_holds_every_list_and_no_python(catalogue: Catalogue) -> None:
    document = json.loads(json.dumps(catalogue.to_json(), ensure_ascii=False, allow_nan=False))

    assert document["version"] == catalogue.version
    assert document["topics"][0] == {
        "code": "ZF01",
        "l1": "住房房产",
        "l2": "物业服务与收费",
        "scope": "",
        "board": "生产生活服务",
        "lead": "HOUSING",
        "support": ["TOWNSHIP"],
        "valid_from": None,
        "valid_to": None,
    }
    assert len(document["regions"]) == 46  # 38 districts + city + 3 zones + 4 revisions
    assert len(document["townships"]) == 1125


def test_a_sound_record_has_no_unknown_codes(catalogue: Catalogue) -> None:
    record = {
        "district": "渝北区",
        "township": "500112133",
        "channel": "电话",
        "topic": "SR03",
        "topic2": "",
        "request_type": "COMPLAINT",
        "urgency": 3,
        "lead_unit": "URBAN_MGMT",
        "support_units": "ECOLOGY;MARKET",
        "flags": ["REPEAT", "群体诉求"],
        "text": "never looked at",
    }

    assert catalogue.unknown_codes(record) == []
    assert catalogue.unknown_codes({}) == []
    assert catalogue.unknown_codes({"district": None, "flags": []}) == []


def test_every_unknown_value_is_named_with_its_field(catalogue: Catalogue) -> None:
    record = {
        "district": "天府新区",
        "township": "不存在镇",
        "channel": "飞鸽",
        "topic": "XX99",
        "urgency": 9,
        "lead_unit": {"code": "HOUSING"},
        "support_units": ["ECOLOGY", "MARS"],
        "flags": "REPEAT;BAD",
    }

    assert [(item.field, item.value) for item in catalogue.unknown_codes(record)] == [
        ("district", "天府新区"),
        ("township", "不存在镇"),
        ("channel", "飞鸽"),
        ("topic", "XX99"),
        ("urgency", "9"),
        ("lead_unit", "{'code': 'HOUSING'}"),
        ("support_units", "MARS"),
        ("flags", "BAD"),
    ]


def test_a_quarantine_reason_names_field_value_and_list(catalogue: Catalogue) -> None:
    (item,) = catalogue.unknown_codes({"channel": "飞鸽"})

    assert item.reason == ("channel 的值“飞鸽”不在代码表 channels.csv 中；请改正，或先登记代码")


def test_a_foreign_label_set_is_checked_only_where_asked(catalogue: Catalogue) -> None:
    record = {"topic": "城乡建设", "channel": "飞鸽"}

    assert [item.field for item in catalogue.unknown_codes(record, ("channel",))] == ["channel"]


def test_names_are_read_as_codes(catalogue: Catalogue) -> None:
    assert catalogue.code_for("channel", " 电话 ") == "PHONE"
    assert catalogue.code_for("topic", "餐饮油烟") == "SR03"
    assert catalogue.code_for("request_type", "REPORT") == "REPORT"
    assert catalogue.code_for("channel", "飞鸽") is None
    with pytest.raises(ValueError, match="district"):
        catalogue.code_for("district", "渝北区")


def test_loading_takes_less_than_three_million_additions() -> None:
    # some 100 ms on an ordinary core; processor time in an interpreter of its own, beside a
    # reference in the same run: coverage, busy neighbours and slow machines do not count
    code = """
from time import process_time
from triage.catalogue import Catalogue
def seconds(work) -> float:
    start = process_time()
    work()
    return process_time() - start
def add() -> None:
    total = 0
    for number in range(3_000_000):
        total += number
pairs = [(seconds(Catalogue.load), seconds(add)) for _ in range(5)]
print(min(load for load, _ in pairs) / min(added for _, added in pairs))
"""
    env = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )

    assert float(done.stdout) < 1


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_the_lists_hold_all_reference_topics_units_and_places(catalogue: Catalogue) -> None:
    def codes(path: str) -> list[str]:
        with (SHARED / path).open(encoding="utf-8-sig", newline="") as stream:
            return [row["code"] for row in csv.DictReader(stream)]

    assert list(catalogue.topics) == codes("reference/topics.csv")
    assert list(catalogue.units) == codes("reference/units.csv")
    before = date(2023, 12, 31)
    assert [d.code for d in catalogue.districts(before)] == codes("data/places/chongqing_areas.csv")
    streets = codes("data/places/chongqing_streets.csv")
    assert [t.code for t in catalogue.places.townships_on(before)] == streets
    assert sorted(t.code for t in catalogue.places.townships_on(TODAY)) == sorted(streets)
