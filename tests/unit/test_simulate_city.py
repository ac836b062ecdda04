"""The simulated city: reproducible, with the shapes it promises, and the truth aside."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.intake import parse_request
from triage.simulate import CityPlan, Outbreak, Silence, SimulatedRequest, simulate_city
from triage.simulate.city import City, CityDay
from triage.simulate.shapes import Volume
from triage.simulate.tables import CHANNELS
from triage.simulate.weather import Weather
from triage.text.mask import mask

CALM = CityPlan(days=4, per_day=1500, outbreaks_a_month=0, silences_a_month=0)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def requests(catalogue: Catalogue) -> list[SimulatedRequest]:
    return list(simulate_city(CALM, catalogue))


@pytest.fixture(scope="module")
def year(catalogue: Catalogue) -> dict[date, CityDay]:
    """A year without words; holidays of 2024 inside."""
    plan = replace(CALM, days=366, per_day=3000, start=date(2024, 1, 1))
    return {day.weather.day: day for day in City(plan, catalogue).days()}


def topics_of(catalogue: Catalogue) -> list[str]:
    return list(City(CALM, catalogue).volume.topics)


def mean_rows(days: Iterator[CityDay]) -> float:
    return float(np.mean([len(day.rows) for day in days]))


def test_one_seed_gives_the_same_city_and_a_longer_run_begins_with_the_shorter(
    requests: list[SimulatedRequest], catalogue: Catalogue
) -> None:
    two = list(simulate_city(replace(CALM, days=2), catalogue))
    assert len(two) > 2000
    assert requests[: len(two)] == two


def test_another_seed_gives_another_city(
    requests: list[SimulatedRequest], catalogue: Catalogue
) -> None:
    other = islice(simulate_city(replace(CALM, seed=8), catalogue), 100)
    assert not {one.text for one in other} & {one.text for one in requests[:100]}


def test_requests_come_in_the_order_of_time_with_ids_of_their_own(
    requests: list[SimulatedRequest],
) -> None:
    times = [datetime.fromisoformat(one.received_at) for one in requests]
    assert times == sorted(times)
    assert len({one.id for one in requests}) == len(requests)


def test_input_lines_are_accepted_and_hold_no_truth(requests: list[SimulatedRequest]) -> None:
    for one in requests[:500]:
        line = one.to_json()
        parsed = parse_request(line)
        assert parsed.received_at is not None
        assert set(line) == {
            "id", "title", "text", "received_at", "channel", "district", "township", "requester",
            "source", "source_id",
        }  # fmt: skip
        assert one.truth.topic not in str(line["text"])


def test_the_average_day_is_what_was_asked_for(year: dict[date, CityDay]) -> None:
    assert mean_rows(iter(year.values())) == pytest.approx(3000, rel=0.08)


def test_weekends_are_lower_than_working_days(year: dict[date, CityDay]) -> None:
    march = [day for on, day in year.items() if on.month == 3]
    weekend = mean_rows(day for day in march if day.weather.day.weekday() >= 5)
    working = mean_rows(day for day in march if day.weather.day.weekday() < 5)
    assert 0.6 < weekend / working < 0.95


def test_holidays_are_lower_and_the_return_is_higher(year: dict[date, CityDay]) -> None:
    usual = mean_rows(year[date(2024, 10, day)] for day in (15, 16, 17, 22, 23))
    assert mean_rows(year[date(2024, 10, day)] for day in range(1, 8)) < 0.8 * usual
    assert len(year[date(2024, 10, 8)].rows) > 1.03 * usual
    assert mean_rows(year[date(2024, 2, day)] for day in range(10, 15)) < 0.6 * usual


def test_a_make_up_saturday_is_a_working_day(year: dict[date, CityDay]) -> None:
    saturdays = mean_rows(year[date(2024, 10, day)] for day in (19, 26))
    assert len(year[date(2024, 10, 12)].rows) > 1.05 * saturdays


def test_offices_are_asked_in_the_morning_and_noise_is_reported_at_night(
    year: dict[date, CityDay], catalogue: Catalogue
) -> None:
    rows = np.concatenate([day.rows for day in year.values()])
    hour, topics = rows["second"] // 3600, topics_of(catalogue)
    pension = Counter(hour[rows["topic"] == topics.index("SB01")].tolist())
    building = Counter(hour[rows["topic"] == topics.index("JS01")].tolist())
    assert pension[10] > 3 * pension[20]
    assert building[22] > 2 * building[10]


def test_school_places_are_asked_for_in_summer(
    year: dict[date, CityDay], catalogue: Catalogue
) -> None:
    school = topics_of(catalogue).index("JY01")
    by_month: Counter[int] = Counter()
    for on, day in year.items():
        by_month[on.month] += int((day.rows["topic"] == school).sum())
    assert by_month[7] > 3 * by_month[1]


def test_heat_drives_power_cuts_and_not_pensions() -> None:
    volume, day = Volume(CALM), date(2024, 7, 10)

    def expected(highest: float) -> NDArray[np.float64]:
        calm = Weather(day, np.full(3, highest), np.full(3, 25.0), np.zeros(3))
        totals: NDArray[np.float64] = volume.expected(calm).sum(axis=1)
        return totals

    times = dict(zip(volume.topics, (expected(39.0) / expected(30.0)).tolist(), strict=True))
    # 39 °C drives (39 - 35.5) / 3.5 = 1, and the profile of GY02 says 2.2 for heat.
    assert times["GY02"] == pytest.approx(3.2)
    assert times["SB01"] == pytest.approx(1.0)


def test_districts_have_requests_by_their_people(
    year: dict[date, CityDay], catalogue: Catalogue
) -> None:
    geography = City(CALM, catalogue).geography
    rows = np.concatenate([day.rows for day in year.values()])
    counts = np.bincount(geography.origin[rows["township"]], minlength=38)
    by_code = dict(zip(geography.origins, counts.tolist(), strict=True))
    # 2.19 million people against 0.20 million
    assert 7 < by_code["500112"] / by_code["500229"] < 16
    assert min(by_code.values()) > 0


def test_places_follow_the_change_of_districts(catalogue: Catalogue) -> None:
    plan = replace(CALM, days=2, start=date(2025, 11, 5))
    names: defaultdict[str, set[str | None]] = defaultdict(set)
    truths = defaultdict(set)
    for one in simulate_city(plan, catalogue):
        day = one.received_at[:10]
        names[day].add(one.district)
        truths[day].add((one.truth.township, one.truth.district))
    assert {"江北区", "渝北区"} <= names["2025-11-05"]
    assert not {"江北区", "渝北区"} & names["2025-11-06"]
    assert "两江新区" in names["2025-11-06"] - names["2025-11-05"]
    for day, found in truths.items():
        for township, district in found:
            region = catalogue.district_of(township, as_of=date.fromisoformat(day))
            assert region is not None
            assert region.code == district


@pytest.mark.parametrize(
    ("township", "before", "after"),
    [
        ("500112133", "500112", "500109"),  # 统景镇, 渝北 → 北碚
        ("500109008", "500109", "CQ-LJXQ"),  # 水土街道, 北碚 → 两江新区
        ("500105006", "500105", "CQ-LJXQ"),  # 观音桥街道, 江北 → 两江新区
    ],
)
def test_a_township_lies_in_the_district_of_the_day(
    township: str, before: str, after: str, catalogue: Catalogue
) -> None:
    geography = City(CALM, catalogue).geography
    index = geography.codes.index(township)
    assert geography.names_on(date(2025, 11, 5)).district_codes[index] == before
    assert geography.names_on(date(2025, 11, 6)).district_codes[index] == after


def test_every_topic_and_every_request_type_appears(requests: list[SimulatedRequest]) -> None:
    catalogue = Catalogue.load()
    assert {one.truth.topic for one in requests} == set(catalogue.topics)
    assert {one.truth.request_type for one in requests} == set(catalogue.request_types)
    assert {one.truth.urgency for one in requests} == {0, 1, 2, 3, 4}


def test_events_are_told_several_times_and_differently(requests: list[SimulatedRequest]) -> None:
    events: defaultdict[str, list[SimulatedRequest]] = defaultdict(list)
    for one in requests:
        if one.truth.event_id and not one.truth.repeat_of:
            events[one.truth.event_id].append(one)
    groups = [group for group in events.values() if len(group) >= 2]
    assert len(groups) > 50
    alike = [pair for group in groups for pair in pairwise(group) if pair[0].text == pair[1].text]
    assert len(alike) < 0.01 * sum(map(len, groups))
    for group in groups:
        assert len({(one.truth.topic, one.truth.township, one.truth.unit) for one in group}) == 1
        assert len({one.truth.requester_id for one in group}) == len(group)


def test_some_requesters_come_again_later(requests: list[SimulatedRequest]) -> None:
    by_id = {one.id: one for one in requests}
    again = [one for one in requests if one.truth.repeat_of]
    assert again
    for one in again:
        first = by_id[one.truth.repeat_of or ""]
        assert first.received_at < one.received_at
        assert first.truth.requester_id == one.truth.requester_id
        assert first.truth.topic == one.truth.topic


@pytest.mark.parametrize("noise", [0.0, 0.25])
def test_agents_are_wrong_at_the_rate_asked_for(noise: float, catalogue: Catalogue) -> None:
    plan = replace(CALM, days=1, per_day=4000, noise=noise)
    given = [(one.truth, one.life[1].body) for one in simulate_city(plan, catalogue)]
    wrong_topic = np.mean([truth.topic != body["topic"] for truth, body in given])
    wrong_unit = np.mean([truth.unit != body["unit"] for truth, body in given])
    assert wrong_topic == pytest.approx(noise, abs=0.025)
    assert wrong_unit == pytest.approx(noise, abs=0.025)


def test_an_outbreak_multiplies_its_topic_in_its_district_and_window(
    catalogue: Catalogue,
) -> None:
    start = datetime(2023, 11, 2, 2, tzinfo=UTC)  # 10:00 in Chongqing
    outbreak = Outbreak("GY02", "500112", start, hours=6, factor=300)
    found = list(simulate_city(replace(CALM, days=2, outbreaks=(outbreak,)), catalogue))
    told = [one for one in found if one.truth.outbreak_id]
    assert len(told) > 50
    for one in told:
        assert one.truth.topic == "GY02"
        assert one.truth.district == "500112"
        if not one.truth.repeat_of:
            assert "2023-11-02T10" <= one.received_at < "2023-11-02T16"
    assert len({one.truth.event_id for one in told}) == 1
    assert len({one.text for one in told}) > 0.8 * len(told)


def test_a_silent_channel_is_not_heard(catalogue: Catalogue) -> None:
    assert "APP" in {row["channel"] for row in CHANNELS()}
    silence = Silence("APP", datetime(2023, 11, 1, tzinfo=UTC), hours=12, lost=1)
    found = list(simulate_city(replace(CALM, days=1, silences=(silence,)), catalogue))
    hours = [one.received_at[11:13] for one in found if one.channel == "APP"]
    assert hours
    assert not [hour for hour in hours if "08" <= hour < "20"]


def test_personal_data_in_texts_is_invented_and_is_masked(
    requests: list[SimulatedRequest],
) -> None:
    naming = [one for one in requests if one.requester and one.requester.phone in one.text]
    assert 0.15 < len(naming) / len(requests) < 0.25
    for one in naming[:200]:
        assert one.requester is not None
        assert one.requester.phone.startswith("154")
        assert one.requester.phone not in mask(one.text).text
