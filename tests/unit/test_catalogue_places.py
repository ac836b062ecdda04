from __future__ import annotations

from datetime import date

import pytest

from triage.catalogue import Catalogue
from triage.errors import UnknownLabel

BEFORE, CHANGE, LATER = date(2025, 11, 5), date(2025, 11, 6), date(2026, 3, 1)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def name_of(catalogue: Catalogue, township: str, as_of: date, **more: date | str) -> str | None:
    region = catalogue.district_of(township, as_of=as_of, **more)  # type: ignore[arg-type]
    return region.name if region else None


@pytest.mark.parametrize(
    ("township", "before", "after"),
    [
        ("统景镇", "渝北区", "北碚区"),
        ("大湾镇", "渝北区", "北碚区"),
        ("茨竹镇", "渝北区", "北碚区"),
        ("水土街道", "北碚区", "两江新区"),
        ("施家梁镇", "北碚区", "两江新区"),
        ("观音桥街道", "江北区", "两江新区"),
        ("两路街道", "渝北区", "两江新区"),
        ("洛碛镇", "渝北区", "两江新区"),
        ("歇马街道", "北碚区", "北碚区"),
        ("解放碑街道", "渝中区", "渝中区"),
    ],
)
def test_a_township_lies_where_the_change_of_2025_put_it(
    catalogue: Catalogue, township: str, before: str, after: str
) -> None:
    assert name_of(catalogue, township, BEFORE) == before
    assert name_of(catalogue, township, CHANGE) == after


def test_thirty_eight_districts_become_thirty_seven(catalogue: Catalogue) -> None:
    before = {region.name for region in catalogue.districts(BEFORE)}
    after = {region.name for region in catalogue.districts(CHANGE)}

    assert (len(before), len(after)) == (38, 37)
    assert before - after == {"江北区", "渝北区"}
    assert after - before == {"两江新区"}


def test_after_the_change_there_are_25_districts_8_counties_4_autonomous(
    catalogue: Catalogue,
) -> None:
    kinds = [region.kind for region in catalogue.districts(LATER)]

    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "district": 25,
        "county": 8,
        "autonomous_county": 4,
    }


@pytest.mark.parametrize(
    ("district", "sub_districts", "towns"),
    [("两江新区", 31, 11), ("北碚区", 6, 11)],  # the city's announcement of 2025-11-06
)
def test_the_new_districts_have_as_many_townships_as_announced(
    catalogue: Catalogue, district: str, sub_districts: int, towns: int
) -> None:
    region = catalogue.places.region(district, CHANGE)
    assert region is not None
    names = [t.name for t in catalogue.places.townships_on(CHANGE) if t.district == region.code]

    assert sum(name.endswith("街道") for name in names) == sub_districts
    assert sum(name.endswith("镇") for name in names) == towns


def test_the_record_of_the_day_before_knows_nothing_of_the_change(catalogue: Catalogue) -> None:
    assert name_of(catalogue, "统景镇", LATER, known_on=BEFORE) == "渝北区"
    assert name_of(catalogue, "统景镇", LATER, known_on=CHANGE) == "北碚区"
    assert len(catalogue.places.districts(LATER, known_on=BEFORE)) == 38


def test_a_township_keeps_its_code_when_its_district_changes(catalogue: Catalogue) -> None:
    assert [t.code for t in catalogue.townships_named("统景镇", BEFORE)] == ["500112133"]
    assert name_of(catalogue, "500112133", CHANGE) == "北碚区"


def test_the_new_district_has_no_national_code_yet(catalogue: Catalogue) -> None:
    region = catalogue.places.region("两江新区", CHANGE)

    assert region is not None
    assert (region.code, region.kind, region.national_code) == ("CQ-LJXQ", "district", None)


def test_before_the_change_liangjiang_is_a_zone_and_no_district(catalogue: Catalogue) -> None:
    region = catalogue.places.region("两江新区", BEFORE)

    assert region is not None
    assert (region.kind, region.is_district) == ("zone", False)


@pytest.mark.parametrize("zone", ["万盛经开区", "重庆高新区"])
def test_functional_zones_are_places_but_not_districts(catalogue: Catalogue, zone: str) -> None:
    region = catalogue.places.region(zone, LATER)

    assert region is not None
    assert region not in catalogue.districts(LATER)


def test_townships_of_one_name_are_all_offered(catalogue: Catalogue) -> None:
    found = catalogue.townships_named("兴隆镇", CHANGE)

    # 渝北's (now 北碚's), 南川's, 奉节's, 酉阳's
    assert [t.district for t in found] == ["500109", "500119", "500236", "500242"]


def test_an_ambiguous_township_without_a_hint_is_refused_by_name(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownLabel, match="北碚区、南川区、奉节县、酉阳土家族苗族自治县"):
        catalogue.district_of("兴隆镇", as_of=CHANGE)


@pytest.mark.parametrize("hint", ["渝北区", "北碚区", "500112", "渝北"])
def test_the_old_or_new_district_decides_between_townships_of_one_name(
    catalogue: Catalogue, hint: str
) -> None:
    assert name_of(catalogue, "兴隆镇", CHANGE, district=hint) == "北碚区"


def test_a_hint_that_decides_nothing_leaves_the_question_open(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownLabel, match="4 处"):
        catalogue.district_of("兴隆镇", as_of=CHANGE, district="万州区")


def test_the_current_district_counts_before_the_former_one(catalogue: Catalogue) -> None:
    # 复兴街道 stands in 城口 and in 北碚, which gave it to 两江新区
    assert name_of(catalogue, "复兴街道", CHANGE, district="两江新区") == "两江新区"
    assert name_of(catalogue, "复兴街道", CHANGE, district="北碚区") == "两江新区"
    assert name_of(catalogue, "复兴街道", CHANGE, district="城口县") == "城口县"


def test_two_townships_of_one_short_name_in_one_district_are_no_doubt(
    catalogue: Catalogue,
) -> None:
    assert len(catalogue.townships_named("南坪", LATER)) == 2  # 南坪街道 and 南坪镇
    assert name_of(catalogue, "南坪", LATER) == "南岸区"


def test_a_name_without_its_suffix_is_found(catalogue: Catalogue) -> None:
    assert name_of(catalogue, "观音桥", LATER) == "两江新区"
    assert name_of(catalogue, "后坪苗族土家族乡", LATER) == "武隆区"
    # the township's everyday name, also borne by 酉阳's 后坪乡
    assert name_of(catalogue, "后坪乡", LATER, district="武隆区") == "武隆区"


def test_an_unknown_township_has_no_district(catalogue: Catalogue) -> None:
    assert catalogue.district_of("不存在镇", as_of=LATER) is None
    assert catalogue.district_of("", as_of=LATER) is None


@pytest.mark.parametrize(
    ("district", "township", "as_of", "expected"),
    [
        ("江北区", None, LATER, "两江新区"),
        ("江北区", None, BEFORE, "江北区"),
        ("渝北区", None, LATER, "两江新区"),
        ("渝北区", "统景镇", LATER, "北碚区"),
        ("渝北区", "统景镇", BEFORE, "渝北区"),
        ("渝北区", "不存在镇", LATER, "两江新区"),
        ("北碚区", "水土街道", LATER, "两江新区"),
        ("北碚区", None, LATER, "北碚区"),
        ("两江新区", None, BEFORE, "两江新区"),
        ("500112", None, LATER, "两江新区"),
        ("石柱县", None, LATER, "石柱土家族自治县"),
        ("忠县", None, LATER, "忠县"),
    ],
)
def test_an_old_district_is_mapped_through_the_change(
    catalogue: Catalogue, district: str, township: str | None, as_of: date, expected: str
) -> None:
    region = catalogue.successor(district, as_of, township=township)

    assert region is not None
    assert region.name == expected


def test_a_region_that_never_was_has_no_successor(catalogue: Catalogue) -> None:
    assert catalogue.successor("天府新区", LATER) is None


def test_place_names_carry_their_kind_and_come_once(catalogue: Catalogue) -> None:
    names = list(catalogue.place_names())

    assert len(names) == len(set(names))
    assert {
        ("district", "渝北区"),
        ("district_short", "渝北"),
        ("district", "两江新区"),
        ("zone", "两江新区"),
        ("zone", "万盛"),
        ("city", "重庆市"),
        ("township", "统景镇"),
        ("township_short", "统景"),
        ("district", "酉阳县"),
    } <= set(names)
    assert ("district_short", "忠") not in names
    assert ("district_short", "两江新") not in names
