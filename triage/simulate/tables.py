"""The tables of the simulated city as rows of text: profiles, matters, districts, channels, hours.

They come with the package and are read once. Tests check that they fit the code lists.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

Rows = tuple[dict[str, str], ...]
Words = dict[str, dict[str, list[str]]]


def _table(name: str) -> Callable[[], Rows]:
    @cache
    def read() -> Rows:
        return tuple(csv.DictReader(io.StringIO(_text(f"{name}.csv"))))

    return read


PROFILES = _table("profiles")
"""Per topic: weight, rural pull, hour shape, season, rest days, holidays, weather, spread."""
MATTERS = _table("matters")
"""What happens: topic, kind of place, weight, request type, urgency, unit, ways of telling it."""
DISTRICTS = _table("districts")
"""The 38 districts of 2020: population (approximate), weather zone, ruralness in [0, 1]."""
CHANNELS = _table("channels")
HOURS = _table("hours")
HOMOPHONES = _table("homophones")
HANDLING = _table("handling")
"""Per request type: days to the reply, days allowed, share answered at once; all assumed."""


@cache
def grammar() -> dict[str, dict[str, list[str]]]:
    """Return the shared phrases but the styles: table → key → phrases."""
    return {name: table for name, table in _toml("grammar.toml").items() if name != "styles"}


@cache
def styles() -> dict[str, dict[str, list[str]]]:
    """Return style → part → phrases; `comma` and `stop` are lists of one."""
    return {
        name: {part: [value] if isinstance(value, str) else value for part, value in style.items()}
        for name, style in _toml("grammar.toml")["styles"].items()
    }


@cache
def words() -> tuple[list[str], Words]:
    """Return the stems of place names, and group → kind → words."""
    read = _toml("words.toml")
    persons = read["persons"]
    return read["places"]["stems"], {
        "suffixes": read["places"]["suffixes"],
        "facts": read["facts"],
        "persons": {"surnames": list(persons["surnames"]), "given": persons["given"]},
    }


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))


def _text(name: str) -> str:
    return (files("triage.simulate") / "data" / name).read_text("utf-8")
