"""Stored forecasts: written whole, read by series, seen anew when replaced, by region."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest
from fastapi import FastAPI

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import Rights
from triage.catalogue import Catalogue
from triage.errors import ArtifactError
from triage.trends.forecasts import ForecastFacts, NoForecast, read_forecast, write_forecast
from triage.trends.shelf import Shelf


def write(folder: Path, mean: float = 4.0) -> None:
    facts = ForecastFacts("daily", ("topic", "area"), 2, (80.0,), "2026-03-01", "2026-03-02", 2)
    ids = [("*", "*"), ("*", "*"), ("ZF01", "500103"), ("ZF01", "500103")]
    rows = pl.DataFrame(
        {
            "level": ["city"] * 4,
            "topic": [one[0] for one in ids],
            "area": [one[1] for one in ids],
            "date": ["2026-03-02", "2026-03-03"] * 2,
            "mean": [mean, 5.0, 1.0, 2.0],
            "median": [3.5, 4.5, 1.0, 2.0],
            "lo-80": [1.0, 1.0, 0.0, 0.0],
            "hi-80": [8.0, 9.0, 3.0, 4.0],
            "model": ["seasonal_naive"] * 4,
        }
    )
    write_forecast(folder, facts, rows)


def ask(app: FastAPI, path: str, key: str = "") -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=headers
        ) as client:
            return await client.get(path)

    return asyncio.run(asked())


def test_a_series_is_found_by_its_columns_and_the_rest_is_all(tmp_path: Path) -> None:
    write(tmp_path)
    stored = read_forecast(tmp_path, "daily")
    assert stored.of({})["mean"].to_list() == [4.0, 5.0]
    assert stored.of({"topic": "ZF01", "area": "500103"})["mean"].to_list() == [1.0, 2.0]
    with pytest.raises(NoForecast, match="ZF02"):
        stored.of({"topic": "ZF02"})
    with pytest.raises(NoForecast, match="phone"):
        stored.of({"phone": "1"})


def test_none_stored_and_damaged_ones_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NoForecast, match="triage forecast --from-store"):
        read_forecast(tmp_path, "daily")
    write(tmp_path)
    (tmp_path / "forecasts/daily.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArtifactError, match="损坏"):
        read_forecast(tmp_path, "daily")


def test_facts_of_another_forecast_are_not_put_to_these_rows(tmp_path: Path) -> None:
    write(tmp_path)
    facts = (tmp_path / "forecasts/daily.json").read_bytes()
    write(tmp_path, 9.0)
    (tmp_path / "forecasts/daily.json").write_bytes(facts)
    with pytest.raises(ArtifactError, match="损坏"):
        read_forecast(tmp_path, "daily")


def test_a_newer_forecast_takes_over(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Catalogue.load())
    write(tmp_path)
    assert shelf.forecast("daily").of({})["mean"][0] == 4.0
    write(tmp_path, 9.0)
    assert shelf.forecast("daily").of({})["mean"][0] == 9.0


def test_the_route_answers_steps_and_problems(tmp_path: Path) -> None:
    app = create_app(Fixed(None), trends=Shelf(tmp_path, Catalogue.load()))
    missing = ask(app, "/v1/forecast")
    assert (missing.status_code, missing.json()["code"]) == (404, "forecast_missing")
    assert str(tmp_path) not in missing.text
    write(tmp_path)
    found = ask(app, "/v1/forecast?topic=ZF01&area=500103").json()
    assert found["steps"][0] == {
        "date": "2026-03-02", "mean": 1.0, "median": 1.0, "lo-80": 0.0, "hi-80": 3.0,
    }  # fmt: skip
    assert found["history"] == []  # no counts are kept here
    assert ask(app, "/v1/forecast?history=401").status_code == 422


def test_a_caller_of_one_district_sees_that_district_only(tmp_path: Path) -> None:
    write(tmp_path / "trends")
    file = tmp_path / "keys.json"
    rights = Rights(frozenset({"supervisor"}), regions=frozenset({"500103"}))
    key = create_key(file, "yuzhong", now=datetime.now(UTC), rights=rights)
    shelf = Shelf(tmp_path / "trends", Catalogue.load())
    app = create_app(Fixed(None), keys=KeyRing(file), trends=shelf)
    assert ask(app, "/v1/forecast?topic=ZF01&area=500103", key).status_code == 200
    refused = ask(app, "/v1/forecast", key)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
