"""The duty step: which entry governs, what it bars, how it moves the lead; who is accused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.catalogue.folder import shipped_folder
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Prediction, Ranked
from triage.steps.accused import Accusations

Ask = Callable[..., Prediction]

HEAD = (
    "code,topics,when,unless,region,level,lead,support,excluded,power,holder,basis,clause,status,"
    "valid_from,valid_to,note\n"
)
DEFAULT = "D,SR03,,,,DISTRICT,URBAN_MGMT,ECOLOGY,,ENFORCEMENT,,某法,默认,verified,,,\n"
LICENCE = (
    "L,SR03,无证,,,DISTRICT,POLICE,LABOR,URBAN_MGMT,LICENSING,,某法,无证,verified,"
    "{since},{until},\n"
)
SECOND = "S,SR*,无证 & 餐馆,,,DISTRICT,LABOR,,,,,某法,两个条件,verified,,,\n"


@pytest.fixture
def ask(tmp_path: Path, tiny_model: Path) -> Ask:
    def ask(
        text: str, *rows: str, day: str = "2026-03-01", district: str | None = None
    ) -> Prediction:
        folder = tmp_path / "city"
        shutil.copytree(shipped_folder(), folder, dirs_exist_ok=True)
        (folder / "duties.csv").write_text(HEAD + "".join(rows), "utf-8")
        pipeline = Pipeline.from_model(tiny_model, catalogue_dir=folder)
        moment = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
        request = CitizenRequest("1", text, received_at=moment, district=district)
        return pipeline.triage([request])[0]

    return ask


def always(row: str) -> str:
    return row.format(since="", until="")


def test_a_default_says_its_clause_and_leaves_the_lead(ask: Ask) -> None:
    said = ask("楼下油烟很大", DEFAULT)
    assert (said.duty.code, said.duty.is_default, said.duty.decided) == ("D", True, False)
    assert said.duty.holder == "URBAN_MGMT"
    assert said.units[0].code == "URBAN_MGMT"


def test_an_excluded_unit_is_never_suggested_however_sure_the_model_is(ask: Ask) -> None:
    said = ask("楼下油烟很大，店家无证", DEFAULT, always(LICENCE))
    assert said.duty.code == "L"
    assert said.duty.decided is True
    assert "URBAN_MGMT" not in {unit.code for unit in said.units}
    assert "URBAN_MGMT" not in {unit.code for unit in said.support}
    assert said.units[0].code == "POLICE"
    assert sum(unit.confidence for unit in said.units) == pytest.approx(1, abs=0.01)


def test_a_township_does_not_lead_what_needs_power(ask: Ask) -> None:
    assert ask("楼下油烟很大", DEFAULT).duty.excluded == ("TOWNSHIP",)


def test_the_more_specific_condition_governs(ask: Ask) -> None:
    rows = (DEFAULT, always(LICENCE), SECOND)
    assert ask("这家餐馆无证，油烟大", *rows).duty.code == "S"
    assert ask("这家无证，油烟大", *rows).duty.code == "L"


def test_an_entry_governs_from_its_first_day_to_the_one_before_its_last(ask: Ask) -> None:
    row = LICENCE.format(since="2026-01-01", until="2026-02-01")
    codes = [
        ask("油烟大，无证", DEFAULT, row, day=day).duty.code
        for day in ("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01")
    ]
    assert codes == ["D", "L", "L", "D"]


def test_an_entry_with_a_row_for_each_period_says_the_clause_of_its_day(
    tmp_path: Path, tiny_model: Path
) -> None:
    before = LICENCE.format(since="", until="2026-02-01")
    after = LICENCE.format(since="2026-02-01", until="").replace("POLICE,LABOR", "LABOR,POLICE")
    folder = tmp_path / "city"
    shutil.copytree(shipped_folder(), folder)
    (folder / "duties.csv").write_text(HEAD + before + after, "utf-8")
    pipeline = Pipeline.from_model(tiny_model, catalogue_dir=folder)
    days = (datetime(2026, month, 1, 4, tzinfo=UTC) for month in (1, 3))
    requests = [CitizenRequest("1", "油烟大，无证", received_at=day) for day in days]
    first, second = pipeline.triage(requests)
    assert (first.duty.lead, first.units[0].code) == ("POLICE", "POLICE")
    assert (second.duty.lead, second.units[0].code) == ("LABOR", "LABOR")


def test_the_day_is_beijing_s(ask: Ask) -> None:
    assert ask("楼下油烟很大", DEFAULT).area.as_of == "2026-03-01"


def test_an_entry_of_one_district_governs_there_only(ask: Ask) -> None:
    row = always(LICENCE).replace("无证,,,", "无证,,500103,")
    assert ask("油烟大，无证", DEFAULT, row, district="渝中区").duty.code == "L"
    assert ask("油烟大，无证", DEFAULT, row, district="万州区").duty.code == "D"
    assert ask("油烟大，无证", DEFAULT, row).duty.code == "D"


def test_a_topic_that_the_model_does_not_see_brings_no_entry(ask: Ask) -> None:
    assert ask("路灯不亮，无证", DEFAULT, always(LICENCE)).duty is None


def test_the_words_of_the_condition_are_evidence(ask: Ask) -> None:
    said = ask("油烟大，无证", always(LICENCE))
    assert [(e.start, e.text) for e in said.evidence if e.step == "units"] == [(4, "无证")]


REPORT = Ranked("REPORT", 0.9)
WORDS = Accusations({"URBAN_MGMT": ("城管",), "POLICE": ("派出所", "民警")})


@pytest.mark.parametrize(
    ("text", "accused"),
    [
        ("举报城管队员收黑钱", ("URBAN_MGMT",)),
        ("派出所民警充当保护伞", ("POLICE",)),
        ("有人开黑厂，城管来了也不管", ()),
        ("我向派出所举报过赌场", ()),
        ("举报到派出所也没得用", ()),
    ],
)
def test_only_the_unit_that_a_report_accuses_is_marked(text: str, accused: tuple[str, ...]) -> None:
    assert WORDS.accused(REPORT, text) == accused


def test_a_complaint_accuses_nobody() -> None:
    assert WORDS.accused(Ranked("COMPLAINT", 0.9), "举报城管队员收黑钱") == ()
    assert WORDS.accused(None, "举报城管队员收黑钱") == ()
