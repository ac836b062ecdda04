from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from serving.debug import DebugPipeline
from serving.hotswap import ModelWatch
from serving.metrics import Metrics
from serving.watch import keep_watch
from triage.errors import ArtifactError


def publish(folder: Path, document: str) -> None:
    fresh = folder / "next.json"
    fresh.write_text(document, "utf-8")
    os.replace(fresh, folder / "current.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path, '{"version": "m1"}')
    return tmp_path


def watching(folder: Path) -> tuple[ModelWatch, Metrics]:
    metrics = Metrics()
    return ModelWatch(folder, lambda: DebugPipeline.load(folder), metrics=metrics), metrics


def shown(metrics: Metrics) -> list[str]:
    lines = metrics.exposition().decode().splitlines()
    return [line for line in lines if line.startswith("triage_model") and "_created" not in line]


def test_a_newly_published_model_takes_over(folder: Path) -> None:
    models, metrics = watching(folder)
    publish(folder, json.dumps({"version": "m2"}))
    asyncio.run(models.poll())
    assert models.pipeline.versions.model == "m2"
    assert shown(metrics) == [
        'triage_model_info{catalogue="debug",model="m1",rules="debug"} 0.0',
        'triage_model_info{catalogue="debug",model="m2",rules="debug"} 1.0',
        'triage_model_reloads_total{result="ok"} 1.0',
        "triage_model_stale 0.0",
    ]


def test_an_untouched_pointer_loads_nothing(folder: Path) -> None:
    models, _ = watching(folder)
    before = models.pipeline
    asyncio.run(models.poll())
    assert models.pipeline is before


@pytest.mark.parametrize("document", ["{", "[]", "{}"])
def test_a_broken_model_is_refused_and_the_old_one_stays(
    folder: Path, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    models, metrics = watching(folder)
    publish(folder, document)
    asyncio.run(models.poll())
    assert models.pipeline.versions.model == "m1"
    assert "triage_model_stale 1.0" in shown(metrics)
    assert "m1 stays" in caplog.text


def test_a_sound_model_after_a_broken_one_takes_over(folder: Path) -> None:
    models, metrics = watching(folder)
    publish(folder, "{")
    asyncio.run(models.poll())
    publish(folder, '{"version": "m3"}')
    asyncio.run(models.poll())
    assert models.pipeline.versions.model == "m3"
    assert "triage_model_stale 0.0" in shown(metrics)


def test_a_pointer_that_vanishes_leaves_the_model(folder: Path) -> None:
    models, _ = watching(folder)
    (folder / "current.json").unlink()
    asyncio.run(models.poll())
    assert models.pipeline.versions.model == "m1"


def test_nothing_starts_without_a_sound_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError):
        watching(tmp_path)


def test_a_failing_watcher_does_not_end_the_watch() -> None:
    looks: list[str] = []

    class Failing:
        async def poll(self) -> None:
            looks.append("failing")
            raise OSError

    class Calm:
        async def poll(self) -> None:
            looks.append("calm")

    async def for_a_while() -> None:
        task = asyncio.create_task(keep_watch([Failing(), Calm()], seconds=0.0))
        while len(looks) < 4:
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(for_a_while())
    assert looks[:4] == ["failing", "calm", "failing", "calm"]
