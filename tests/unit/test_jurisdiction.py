"""Whose area, as of a day: lines, namesakes, functional zones, and the change of 2025-11-06."""

from __future__ import annotations

from collections.abc import Callable
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


def test_an_unknown_township_is_said_and_the_district_kept(ask: Ask) -> None:
    found = ask(AFTER, district="渝中区", township="火星镇")
    assert (found.kind, names(found)) == ("unknown_township", ["渝中区"])
    assert "火星镇" in found.reasons[0]


def test_nothing_said_is_unknown(ask: Ask) -> None:
    assert ask(AFTER).kind == "unknown"
