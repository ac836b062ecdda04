"""The checker of the dispatch catalogue: every fault is named by file, row and field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.catalogue import Catalogue, check_folder
from triage.catalogue.folder import shipped_folder
from triage.catalogue.schema import DISPATCH_LISTS

HEAD = (
    "code,topics,when,unless,region,level,lead,support,excluded,power,holder,basis,clause,status,"
    "valid_from,valid_to,note\n"
)
GOOD = "A,SR03,油烟,,,DISTRICT,URBAN_MGMT,ECOLOGY,TOWNSHIP,ENFORCEMENT,,某法,条款,verified,,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_folder(), tmp_path / "city"))


def faults(folder: Path, *rows: str, head: str = HEAD) -> list[tuple[int | None, str | None]]:
    (folder / "duties.csv").write_text(head + "".join(rows), "utf-8")
    return [(p.row, p.field) for p in check_folder(folder) if p.file == "duties.csv"]


def test_a_sound_entry_has_no_faults(folder: Path) -> None:
    assert faults(folder, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("SR03", "SR99", "topics"),
        ("SR03", "XX*", "topics"),
        ("油烟", "@NOTHING", "when"),
        ("URBAN_MGMT", "CITY_MGMT", "lead"),
        ("ECOLOGY", "URBAN_MGMT", "support"),
        (",TOWNSHIP,", ",URBAN_MGMT,", "excluded"),
        ("DISTRICT", "STREET", "level"),
        ("某法", "", "basis"),
        ("verified", "sure", "status"),
        ("ENFORCEMENT,", ",POLICE", "holder"),
    ],
)
def test_a_spoiled_entry_names_the_field(folder: Path, old: str, new: str, field: str) -> None:
    assert (2, field) in faults(folder, GOOD.replace(old, new, 1))


def test_a_township_never_leads_what_needs_power(folder: Path) -> None:
    row = GOOD.replace("URBAN_MGMT", "TOWNSHIP").replace(",TOWNSHIP,ENF", ",,ENF")
    assert faults(folder, row) == [(2, "lead")]


def test_two_entries_of_one_condition_may_not_name_two_leads(folder: Path) -> None:
    other = GOOD.replace("A,", "B,", 1).replace("URBAN_MGMT", "MARKET")
    assert faults(folder, GOOD, other) == [(3, "lead")]


def test_the_same_entries_one_after_the_other_do_not_contradict(folder: Path) -> None:
    first = GOOD.replace("verified,,", "verified,,2026-01-01")
    other = GOOD.replace("A,", "B,", 1).replace("URBAN_MGMT", "MARKET")
    assert faults(folder, first, other.replace("verified,", "verified,2026-01-01")) == []


def test_boundaries_and_bodies_are_checked_too(folder: Path) -> None:
    with (folder / "boundaries.csv").open("a", encoding="utf-8") as stream:
        stream.write("X1,某桥,bridge,某桥,500103,,true,verified,,,\n")
    with (folder / "bodies.csv").open("a", encoding="utf-8") as stream:
        stream.write("X2,FIRE,DISTRICT,999999,vertical,,{where}支队,verified,,,\n")
    found = {(p.file, p.field) for p in check_folder(folder)}
    assert {("boundaries.csv", "sides"), ("bodies.csv", "region"), ("bodies.csv", "name")} <= found


def test_a_folder_without_a_dispatch_catalogue_is_sound(folder: Path) -> None:
    for name in DISPATCH_LISTS:
        (folder / f"{name}.csv").unlink()
    assert check_folder(folder) == []
    assert Catalogue.load(folder).duties.entries == ()


def test_every_topic_has_a_default_and_every_clause_is_worded() -> None:
    catalogue = Catalogue.load()
    defaults = {t for duty in catalogue.duties.entries if duty.is_default for t in duty.topics}
    assert defaults == set(catalogue.topics)
    assert all(duty.clause for duty in catalogue.duties.entries)


def test_defaults_are_the_topic_list_s_own() -> None:
    catalogue = Catalogue.load()
    for duty in catalogue.duties.entries:
        if duty.is_default:
            topic = catalogue.topics[duty.topics[0]]
            assert (duty.lead, duty.support) == (topic.lead, topic.support)


@pytest.mark.parametrize(("sides", "found"), [("500103;500108", []), ("500103", ["sides"])])
def test_a_border_needs_no_words_but_two_sides(folder: Path, sides: str, found: list[str]) -> None:
    path = folder / "boundaries.csv"
    with path.open("a", encoding="utf-8") as rows:
        rows.write(f"B1,邻区,border,,{sides},,true,to_be_confirmed,,,\n")
    assert [p.field for p in check_folder(folder)] == found
