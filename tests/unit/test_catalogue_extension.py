from __future__ import annotations

from pathlib import Path

import pytest

from triage.catalogue import Catalogue, check_folder
from triage.errors import CatalogueError

TOPICS = "code,l1,l2,scope,board,lead,support,valid_from,valid_to\n"
CHANNELS = "code,name,definition,valid_from,valid_to\n"


def district(folder: Path, *, extends: str = "shipped", **lists: str) -> Path:
    """Write a district's folder that extends another."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalogue.toml").write_text(
        f'id = "wulong"\nversion = "1"\ntitle = "武隆区"\neffective = "2026-01-01"\n'
        f'extends = "{extends}"\n',
        "utf-8",
    )
    for name, content in lists.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return folder


def test_a_district_adds_entries_to_the_citys_lists(tmp_path: Path) -> None:
    row = "WL01,文旅,仙女山景区管理,,生产生活服务,CULTURE_TOURISM,TOWNSHIP,2026-01-01,\n"

    catalogue = Catalogue.load(district(tmp_path, topics=TOPICS + row))

    assert len(catalogue.topics) == 128
    assert catalogue.topics["WL01"].l2 == "仙女山景区管理"
    assert len(catalogue.units) == 45
    assert catalogue.version.startswith("wulong-1+")


def test_a_district_cannot_redefine_a_code_of_the_city(tmp_path: Path) -> None:
    row = "ZF01,住房房产,物业,,生产生活服务,HOUSING,,,\n"

    (problem,) = check_folder(district(tmp_path, topics=TOPICS + row))

    assert (problem.file, problem.row, problem.field) == ("topics.csv", 2, "code")
    assert "不能重新定义" in problem.message


def test_an_extension_of_an_extension_holds_all_three(tmp_path: Path) -> None:
    district(tmp_path / "a", channels=CHANNELS + "A1,甲,,,\n")
    district(tmp_path / "b", extends="../a", channels=CHANNELS + "B1,乙,,,\n")

    channels = Catalogue.load(tmp_path / "b").channels

    assert {"A1", "B1", "PHONE"} <= set(channels)


def test_a_ring_of_extensions_is_refused(tmp_path: Path) -> None:
    district(tmp_path / "a", extends="../b")
    district(tmp_path / "b", extends="../a")

    with pytest.raises(CatalogueError, match="扩展成环"):
        Catalogue.load(tmp_path / "a")


def test_a_missing_extended_folder_is_named(tmp_path: Path) -> None:
    problems = check_folder(district(tmp_path / "a", extends="../city"))

    assert [problem.message for problem in problems] == ["没有这个文件夹"]


def test_problems_of_the_extended_folder_carry_its_name(tmp_path: Path) -> None:
    district(tmp_path / "a", channels=CHANNELS + "A1,,,,\n")

    (problem,) = check_folder(district(tmp_path / "b", extends="../a"))

    assert str(problem) == "a/channels.csv:2 name 不能为空"


def test_the_version_changes_with_the_lists_and_those_they_extend(tmp_path: Path) -> None:
    district(tmp_path / "a", channels=CHANNELS + "A1,甲,,,\n")
    below = district(tmp_path / "b", extends="../a")
    first = Catalogue.load(below).version
    district(tmp_path / "a", channels=CHANNELS + "A1,乙,,,\n")

    assert Catalogue.load(below).version != first
    assert Catalogue.load(below).version == Catalogue.load(below).version
