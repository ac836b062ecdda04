"""Whose area, as of a day: lines, namesakes, functional zones, and the change of 2025-11-06."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from triage.catalogue import Catalogue
from triage.catalogue.jurisdiction import Jurisdiction, Jurisdictions, Whereabouts

Ask = Callable[..., Jurisdiction]
BEFORE, AFTER = date(2025, 11, 5), date(2025, 11, 6)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def ask(catalogue: Catalogue) -> Ask:
    jurisdictions = Jurisdictions(catalogue.places, catalogue.boundaries)

    def ask(as_of: date, *lines: str, **told: Any) -> Jurisdiction:  # noqa: ANN401
        found = tuple(line for line in catalogue.boundaries if line.name in lines)
        return jurisdictions.ask(Whereabouts(lines=found, **told), as_of)

    return ask


def names(found: Jurisdiction) -> list[str]:
    return [region.name for region in found.candidates]


def test_a_bridge_has_both_banks_and_the_first_receiver_leads(ask: Ask) -> None:
    found = ask(BEFORE, "黄花园大桥", district="江北区")
    assert (found.kind, names(found)) == ("boundary", ["渝中区", "江北区"])
    assert (found.interim.name, found.joint) == ("江北区", True)


def test_after_the_change_the_bank_is_the_new_district_s(ask: Ask) -> None:
    found = ask(AFTER, "黄花园大桥", district="江北区")
    assert names(found) == ["渝中区", "两江新区"]
    assert found.interim.name == "两江新区"


def test_a_line_between_two_districts_that_became_one_is_none(ask: Ask) -> None:
    assert names(ask(BEFORE, "盘溪河")) == ["江北区", "渝北区"]
    assert ask(AFTER, "盘溪河").kind == "unknown"


def test_a_namesake_without_a_district_has_no_interim_lead(ask: Ask) -> None:
    found = ask(AFTER, township="三汇镇")
    assert (found.kind, found.interim, found.joint) == ("ambiguous_township", None, False)
    assert set(names(found)) == {"合川区", "忠县"}
    assert ask(AFTER, township="三汇镇", district="忠县").kind == "settled"


@pytest.mark.parametrize(("day", "district"), [(BEFORE, "渝北区"), (AFTER, "北碚区")])
def test_a_township_that_moved_is_where_it_lay_that_day(
    ask: Ask,
    day: date,
    district: str,
) -> None:
    found = ask(day, district="渝北区", township="统景镇")
    assert (found.kind, names(found)) == ("settled", [district])


def test_a_managed_township_lies_between_zone_and_district(ask: Ask) -> None:
    found = ask(AFTER, district="綦江区", township="南桐镇")
    assert (found.kind, names(found)) == ("zone", ["万盛经开区", "綦江区"])
    assert (found.interim.name, found.joint) == ("綦江区", True)


def test_the_zone_of_two_rivers_ends_with_the_change(ask: Ask) -> None:
    assert ask(BEFORE, district="渝北区", township="礼嘉街道").kind == "zone"
    assert ask(AFTER, district="渝北区", township="礼嘉街道").kind == "settled"


def test_two_named_districts_are_a_line_only_where_the_text_says_so(ask: Ask) -> None:
    named = (("district", "永川"), ("district", "大足"))
    assert names(ask(AFTER, named=named, on_a_line=True)) == ["永川区", "大足区"]
    assert ask(AFTER, named=named).kind == "settled"


def test_districts_that_do_not_touch_have_no_line_between_them(ask: Ask) -> None:
    named = (("district", "永川"), ("district", "渝中"))
    found = ask(AFTER, named=named, on_a_line=True)
    assert (found.kind, names(found), found.joint) == ("settled", ["永川区"], False)
    assert ask(AFTER, named=named, perhaps=True).kind == "settled"


def test_a_district_that_touches_none_of_the_others_is_no_candidate(ask: Ask) -> None:
    named = (("district", "渝中"), ("district", "永川"), ("district", "大足"))
    assert names(ask(AFTER, named=named, on_a_line=True)) == ["永川区", "大足区"]


def test_a_far_district_that_is_named_does_not_hide_the_line(ask: Ask) -> None:
    named = (("district", "渝中"), ("district", "永川"))
    assert names(ask(AFTER, "黄花园大桥", named=named)) == ["渝中区", "两江新区"]


def test_districts_touch_as_they_were_on_that_day(ask: Ask) -> None:
    named = (("district", "渝北"), ("district", "合川"))
    assert ask(BEFORE, named=named, on_a_line=True).kind == "boundary"
    assert ask(AFTER, named=named, on_a_line=True).kind == "settled"


@pytest.mark.parametrize("joint", [True, False])
def test_whether_sides_look_together_is_what_the_list_says(
    catalogue: Catalogue, joint: bool
) -> None:
    lines = tuple(replace(line, joint=joint) for line in catalogue.boundaries)
    jurisdictions = Jurisdictions(catalogue.places, lines)
    bridge = tuple(line for line in lines if line.name == "黄花园大桥")
    for where in (Whereabouts("綦江区", "南桐镇"), Whereabouts("江北区", lines=bridge)):
        found = jurisdictions.ask(where, BEFORE)
        assert found.joint is joint
        assert any("联合踏勘" in reason for reason in found.reasons) is joint


def test_shipped_neighbours_say_that_they_are_to_be_confirmed(catalogue: Catalogue) -> None:
    borders = [line for line in catalogue.boundaries if line.kind == "border"]
    assert {line.status for line in borders} == {"to_be_confirmed"}
    touched = {code for line in borders for code in line.sides}
    assert {r.code for r in catalogue.places.regions if r.kind != "city"} == touched


def test_an_unknown_township_is_said_and_the_district_kept(ask: Ask) -> None:
    found = ask(AFTER, district="渝中区", township="火星镇")
    assert (found.kind, names(found)) == ("unknown_township", ["渝中区"])
    assert "火星镇" in found.reasons[0]


def test_nothing_said_is_unknown(ask: Ask) -> None:
    assert ask(AFTER).kind == "unknown"
