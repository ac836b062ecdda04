"""From a functional line to the organisation of a place, as of a day."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.catalogue import check_folder
from triage.catalogue.folder import shipped_folder
from triage.pipeline import Pipeline
from triage.request import CitizenRequest


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> Pipeline:
    return Pipeline.from_model(tiny_model)


def body(
    pipeline: Pipeline, district: str | None, day: str = "2026-03-01", text: str = "油烟"
) -> str:
    moment = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
    request = CitizenRequest("1", f"楼下{text}很大", received_at=moment, district=district)
    first = pipeline.triage([request])[0].units[0]
    return first.body.name if first.body else ""


def test_a_regular_name_is_made_from_the_region(pipeline: Pipeline) -> None:
    assert body(pipeline, "渝中区") == "重庆市渝中区城市管理局"


def test_a_district_that_ended_has_its_body_before_and_the_new_one_s_after(
    pipeline: Pipeline,
) -> None:
    assert body(pipeline, "渝北区", "2025-11-05") == "重庆市渝北区城市管理局"
    assert body(pipeline, "渝北区", "2025-11-06") == "重庆市两江新区城市管理局"


def test_a_functional_zone_has_its_own_row(pipeline: Pipeline) -> None:
    assert body(pipeline, "万盛经开区").startswith("重庆市万盛经济技术开发区管理委员会")


def test_a_row_with_a_condition_needs_every_group_of_it(tmp_path: Path, tiny_model: Path) -> None:
    city = Path(shutil.copytree(shipped_folder(), tmp_path / "city"))
    row = 'X,URBAN_MGMT,DISTRICT,500103,department,"油{烟,污} & 烧烤",油烟办,to_be_confirmed,,,\n'
    with (city / "bodies.csv").open("a", encoding="utf-8") as bodies:
        bodies.write(row)
    pipeline = Pipeline.from_model(tiny_model, catalogue_dir=city)
    assert body(pipeline, "渝中区", text="烧烤油烟") == "油烟办"
    assert body(pipeline, "渝中区", text="油烟") == "重庆市渝中区城市管理局"


def test_a_condition_that_cannot_be_read_is_named_by_file_line_value_and_remedy(
    tmp_path: Path,
) -> None:
    city = Path(shutil.copytree(shipped_folder(), tmp_path / "city"))
    row = "X,URBAN_MGMT,DISTRICT,500103,department,油烟 & | 烧烤,油烟办,to_be_confirmed,,,\n"
    with (city / "bodies.csv").open("a", encoding="utf-8") as bodies:
        bodies.write(row)
    [problem] = check_folder(city)
    lines = (city / "bodies.csv").read_text("utf-8").splitlines()
    assert (problem.file, problem.row, problem.field) == ("bodies.csv", len(lines), "when")
    assert problem.value == "油烟 & | 烧烤"
    assert "请检查 | 和 & 的两边" in problem.message


def test_without_a_place_the_city_s_body_is_named(pipeline: Pipeline) -> None:
    assert body(pipeline, None) == "重庆市城市管理局"


def test_a_utility_is_first_class(pipeline: Pipeline) -> None:
    assert body(pipeline, "南岸区", text="停水，水压") == "重庆市自来水有限公司"
