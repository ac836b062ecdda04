"""A simulated city as a folder: what comes in, the truth, the lives of orders, and what drove it.

Files appear whole or not at all; each is hashed while it is written, and the manifest, which comes
last, names them. Nothing in them depends on the clock, so one plan gives the same bytes again.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import numpy as np
import orjson

from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.simulate.city import City, CityDay
from triage.simulate.plan import CityPlan, Outbreak
from triage.simulate.records import SimulatedRequest
from triage.simulate.surges import Surge
from triage.simulate.weather import ZONES

KIND = "simulated_city"
FORMAT = 1
MANIFEST = "manifest.json"
TEXTS = ("requests.jsonl", "truth.jsonl", "life.jsonl")
COUNTS, WEATHER, SURGES = "counts.csv", "weather.csv", "outbreaks.csv"
_HEADERS = {
    COUNTS: "date,topic,district,requests\n",
    WEATHER: "date,zone,highest_celsius,lowest_celsius,rain_mm\n",
    SURGES: "id,kind,topic,district,channel,start,hours,factor,lost,is_one_event\n",
}


class _Hashed:
    """A file that knows its digest, size and number of lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self.size = self.lines = 0

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)
        self.lines += content.count(b"\n")

    def to_json(self) -> dict[str, str | int]:
        return {"sha256": self._digest.hexdigest(), "bytes": self.size, "lines": self.lines}


def write_city(
    plan: CityPlan,
    folder: Path,
    *,
    with_text: bool = True,
    with_counts: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> int:
    """Write a city and return the number of its requests.

    Parameters
    ----------
    folder
        New, empty, or of an earlier simulation, which is replaced.
    progress
        Called after each day with the number of its requests.

    Raises
    ------
    UnusableFile
        The folder holds something else, or cannot be written to.
    """
    _refuse_others(folder)
    city = City(plan)
    names = (*(TEXTS if with_text else ()), *((COUNTS,) if with_counts else ()), WEATHER, SURGES)
    requests = 0
    with ExitStack() as stack:
        files = {name: stack.enter_context(_open(folder / name)) for name in names}
        for day in city.days():
            for name, content in _day(city, day, names):
                files[name].write(content)
            requests += len(day.rows)
            progress(len(day.rows))
    _write_manifest(folder, plan, city.catalogue.version, files)
    for name in {*TEXTS, COUNTS} - set(names):
        (folder / name).unlink(missing_ok=True)
    return requests


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UnusableFile(f"{folder} 是一个文件，不是文件夹；请给 --out 换一个位置")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    try:
        kind = json.loads((folder / MANIFEST).read_text("utf-8")).get("kind")
    except (OSError, ValueError, AttributeError):
        kind = None
    if kind != KIND:
        raise UnusableFile(f"{folder} 里有别的文件；请给 --out 换一个空文件夹")


@contextmanager
def _open(path: Path) -> Iterator[_Hashed]:
    with atomic_write(path) as file:
        hashed = _Hashed(file)
        if path.name in _HEADERS:
            hashed.write(_HEADERS[path.name].encode())
        yield hashed


def _day(city: City, day: CityDay, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what a day adds to the files."""
    if TEXTS[0] in names:
        yield from zip(TEXTS, lines_of(city.requests(day)), strict=True)
    if COUNTS in names:
        yield COUNTS, _counts(city, day)
    yield WEATHER, _weather(day)
    yield SURGES, "".join(map(_surge, day.started)).encode()


def lines_of(requests: Iterable[SimulatedRequest]) -> tuple[bytes, bytes, bytes]:
    """Return what requests add to `requests.jsonl`, `truth.jsonl` and `life.jsonl`."""
    dump, end = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    inputs, truths, lives = [], [], []
    for request in requests:
        inputs.append(dump(request.to_json(), option=end))
        truths.append(dump(request.truth.to_json(), option=end))
        lives.append(dump(request.life_json(), option=end))
    return b"".join(inputs), b"".join(truths), b"".join(lives)


def _counts(city: City, day: CityDay) -> bytes:
    """Return requests by true topic and district of the day; pairs without any are left out."""
    districts = city.geography.names_on(day.weather.day).district_codes
    codes = sorted(set(districts))
    district = np.array([codes.index(code) for code in districts])[day.rows["township"]]
    cells, counts = np.unique(day.rows["topic"] * len(codes) + district, return_counts=True)
    topics = city.volume.topics
    return "".join(
        f"{day.weather.day},{topics[cell // len(codes)]},{codes[cell % len(codes)]},{count}\n"
        for cell, count in zip(cells.tolist(), counts.tolist(), strict=True)
    ).encode()


def _weather(day: CityDay) -> bytes:
    weather = day.weather
    columns = (weather.highest.tolist(), weather.lowest.tolist(), weather.rain.tolist())
    return "".join(
        f"{weather.day},{zone},{highest},{lowest},{rain}\n"
        for zone, highest, lowest, rain in zip(ZONES, *columns, strict=True)
    ).encode()


def _surge(surge: Surge) -> str:
    cause = surge.cause
    if isinstance(cause, Outbreak):
        what = ("OUTBREAK", cause.topic, cause.district, "")
        how = (f"{cause.factor}", "", "true" if cause.is_one_event else "false")
    else:
        what, how = ("SILENCE", "", "", cause.channel), ("", f"{cause.lost}", "")
    return ",".join((surge.id, *what, cause.start.isoformat(), f"{cause.hours}", *how)) + "\n"


def _write_manifest(
    folder: Path, plan: CityPlan, catalogue: str, files: dict[str, _Hashed]
) -> None:
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        "note": "全部内容为虚构；比例与形状是假设，不是统计结果 (everything here is invented)",
        "plan": asdict(plan),
        "versions": {
            "citizen-triage": version("citizen-triage"),
            "catalogue": catalogue,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "holidays": version("holidays"),
        },
        "files": {name: file.to_json() for name, file in files.items()},
    }
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    with atomic_write(folder / MANIFEST) as file:
        file.write(orjson.dumps(manifest, option=option))
