"""Forecasts of all districts side by side, and the back-tests behind them, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest

pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")
from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import Rights
from training.forecast.choices_file import Choices
from training.forecast.choosing import Choice
from triage.catalogue import Catalogue
from triage.errors import ArtifactError
from triage.trends.backtests import backtest
from triage.trends.forecasts import ForecastFacts, NoForecast, write_forecast
from triage.trends.multiples import by_area
from triage.trends.shelf import Shelf

pytestmark = pytest.mark.train
CATALOGUE = Catalogue.load()
COLUMNS = ("topic", "area")


def write(folder: Path, columns: tuple[str, ...] = COLUMNS) -> Shelf:
    """Store two days of two topics in two districts: district 500106 expects twice as much."""
    rows = []
    for topic, size in (("*", 10.0), ("SR03", 1.0)):
        for area, times in (("*", 3.0), ("500103", 1.0), ("500106", 2.0)):
            for day in ("2026-03-02", "2026-03-03"):
                mean = size * times
                values = {"topic": topic, "area": area, "date": day, "mean": mean, "median": mean}
                rows.append({"level": "x", **values, "lo-80": 0.0, "hi-80": 9.0, "model": "ets"})
    table = pl.DataFrame(rows)
    kept = table.drop([name for name in COLUMNS if name not in columns])
    facts = ForecastFacts("daily", columns, 2, (80.0,), "2026-03-01", "2026-03-02", 6)
    write_forecast(folder, facts, kept)
    return Shelf(folder, CATALOGUE)


def choose(
    folder: Path,
    *choices: tuple[tuple[str, ...], Choice],
    day: int = 1,
    columns: tuple[str, ...] = COLUMNS,
) -> None:
    Choices(folder, "daily", columns).add(choices, datetime(2026, 3, day, tzinfo=UTC))


def ask(app_folder: Path, shelf: Shelf, path: str, regions: frozenset[str]) -> httpx.Response:
    keys = app_folder / "keys.json"
    rights = Rights(frozenset({"analyst"}), regions=regions)
    keys.unlink(missing_ok=True)
    key = create_key(keys, "reader", now=datetime.now(UTC), rights=rights)
    app = create_app(Fixed(None), keys=KeyRing(keys), trends=shelf)

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        ) as client:
            return await client.get(path)

    return asyncio.run(asked())


def test_districts_stand_side_by_side_the_largest_first(tmp_path: Path) -> None:
    found = by_area(write(tmp_path), "SR03", (), history=0)
    items = found["items"]
    assert isinstance(items, list)
    assert [(one["area"], one["steps"][0]["mean"]) for one in items] == [  # type: ignore[index,call-overload]
        ("500106", 2.0),
        ("500103", 1.0),
    ]
    assert (found["topic"], found["levels"]) == ("SR03", [80.0])


def test_only_the_caller_s_districts_are_shown(tmp_path: Path) -> None:
    shelf = write(tmp_path / "trends")
    answer = ask(tmp_path, shelf, "/v1/forecast/areas", frozenset({"500103"}))
    assert [one["area"] for one in answer.json()["items"]] == ["500103"]
    answer = ask(tmp_path, shelf, "/v1/forecast/areas", frozenset({"500999"}))
    assert (answer.status_code, answer.json()["code"]) == (404, "forecast_missing")


def test_a_forecast_that_knows_no_districts_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoForecast, match="--by topic,area"):
        by_area(write(tmp_path, ("topic",)), "*", (), history=0)
    with pytest.raises(NoForecast, match="NOPE"):
        by_area(write(tmp_path), "NOPE", (), history=0)


def test_the_latest_back_test_of_a_series_is_shown(tmp_path: Path) -> None:
    scores = {"seasonal_naive": 1.0, "ets": 0.7, "calendar": 0.6}
    old = Choice(("seasonal_naive",), (0.0,), 8, 1.0, scores)
    new = Choice(("calendar", "ets"), (0.0,), 52, 0.58, scores)
    choose(tmp_path, (("*", "*"), old), (("SR03", "*"), old), day=1)
    Choices(tmp_path, "daily", COLUMNS).put_together()
    choose(tmp_path, (("*", "*"), new), day=8)
    found = backtest(tmp_path, COLUMNS, {})
    assert (found["model"], found["origins"], found["relative"]) == ("calendar+ets", 52, 0.58)
    assert found["candidates"] == [
        {"name": "calendar", "relative": 0.6, "is_chosen": True},
        {"name": "ets", "relative": 0.7, "is_chosen": True},
        {"name": "seasonal_naive", "relative": 1.0, "is_chosen": False},
    ]
    assert backtest(tmp_path, COLUMNS, {"topic": "SR03"})["origins"] == 8


def test_a_series_too_short_for_a_back_test_has_no_figure(tmp_path: Path) -> None:
    choose(tmp_path, (("*", "*"), Choice(("short",), (0.0,), 0, float("nan"), {})))
    found = backtest(tmp_path, COLUMNS, {})
    assert (found["model"], found["relative"], found["candidates"]) == ("short", None, [])


def test_without_a_back_test_the_command_is_named_and_damage_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoForecast, match="triage forecast select"):
        backtest(tmp_path, COLUMNS, {})
    folder = tmp_path / "choices" / "daily"
    folder.mkdir(parents=True)
    (folder / "choices.parquet").write_bytes(b"no parquet")
    with pytest.raises(ArtifactError, match="已损坏"):
        backtest(tmp_path, COLUMNS, {})


def test_a_district_s_people_do_not_see_the_city_s_back_test(tmp_path: Path) -> None:
    shelf = write(tmp_path / "trends")
    choose(tmp_path / "trends", (("*", "500103"), Choice(("ets",), (0.0,), 9, 0.9, {"ets": 0.9})))
    own = frozenset({"500103"})
    answer = ask(tmp_path, shelf, "/v1/forecast/backtest", own)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    answer = ask(tmp_path, shelf, "/v1/forecast/backtest?area=500103", own)
    assert (answer.status_code, answer.json()["model"]) == (200, "ets")


@pytest.mark.parametrize("columns", [("topic",), ("topic", "district"), ()])
def test_a_back_test_without_districts_is_not_shown_as_a_district_s(
    tmp_path: Path, columns: tuple[str, ...]
) -> None:
    folder = tmp_path / "trends"
    facts = ForecastFacts("daily", columns, 1, (), "2026-03-01", "2026-03-02", 1)
    values = {**dict.fromkeys(columns, "*"), "date": "2026-03-02", "mean": 1.0, "model": "ets"}
    write_forecast(folder, facts, pl.DataFrame([values]))
    whole = Choice(("ets",), (0.0,), 9, 0.9, {"ets": 0.9})
    choose(folder, (("*",) * len(columns), whole), columns=columns)
    own = frozenset({"500103"})
    shelf = Shelf(folder, CATALOGUE)
    answer = ask(tmp_path, shelf, "/v1/forecast/backtest?area=500103", own)
    assert (answer.status_code, answer.json()["code"]) == (404, "forecast_missing")
    assert "没有列 area" in answer.json()["detail"]
    assert backtest(folder, columns, {})["model"] == "ets"


def test_a_part_that_is_put_together_meanwhile_is_found_in_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(tmp_path, (("*", "*"), Choice(("ets",), (0.0,), 9, 0.9, {"ets": 0.9})))
    scan = pl.scan_parquet

    def late(path: Path) -> pl.LazyFrame:
        Choices(tmp_path, "daily", COLUMNS).put_together()
        return scan(path)

    monkeypatch.setattr(pl, "scan_parquet", late)
    assert backtest(tmp_path, COLUMNS, {})["model"] == "ets"
