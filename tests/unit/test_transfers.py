"""The schemas of transfers: each of their examples is taken in, and means what it should."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from triage.desk.record import PROACTIVE

if TYPE_CHECKING:
    from desks import Desk

FOLDER = files("triage.desk") / "data/transfers"
NAMES = ("grid", "inspection", "petition", "police_110", "sensor")


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


def test_every_schema_is_listed_here_and_in_the_documentation() -> None:
    found = sorted(path.name.removesuffix(".json") for path in FOLDER.iterdir())
    assert found == sorted(NAMES)
    text = (Path(__file__).parents[2] / "docs/intake.md").read_text("utf-8")
    assert [name for name in NAMES if f"`{name}.json`" not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_sound_and_accepts_its_own_examples(name: str) -> None:
    found = schema(name)
    jsonschema_rs.meta.validate(found)
    validator = jsonschema_rs.validator_for(found)
    assert found["examples"]
    for example in found["examples"]:
        assert validator.is_valid(example), list(validator.iter_errors(example))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["origin", "source", "source_id", "text", "received_at"])
def test_a_schema_refuses_what_lacks_a_field(name: str, field: str) -> None:
    found = schema(name)
    (example, *_) = found["examples"]
    lacking = {key: value for key, value in example.items() if key != field}
    assert not jsonschema_rs.validator_for(found).is_valid(lacking)
    assert not jsonschema_rs.validator_for(found).is_valid(example | {"unknown": 1})


@pytest.mark.parametrize("name", NAMES)
def test_channels_are_in_the_code_list(name: str) -> None:
    text = (files("triage.catalogue") / "data/chongqing/channels.csv").read_text("utf-8")
    channels = {row["code"] for row in csv.DictReader(text.splitlines())}
    assert schema(name)["properties"]["channel"]["const"] in channels


def test_each_example_becomes_one_order_however_often_it_is_sent(desk: Desk) -> None:
    for name in NAMES:
        for example in schema(name)["examples"]:
            first, again = desk.take(**example), desk.take(**example)
            assert (first.is_replay, again.is_replay) == (False, True)
            order = desk.order(first.order_id)
            assert (order.source, order.source_id) == (example["source"], example["source_id"])
            assert order.channel == example["channel"]
            is_proactive = example["origin"] in PROACTIVE
            assert order.origin == ("proactive_case" if is_proactive else "transfer")
            assert bool(order.phone_tail) == ("requester" in example)


def test_nobody_asks_for_a_reading_of_an_instrument() -> None:
    for name in NAMES:
        properties = schema(name)["properties"]
        is_proactive = properties["origin"]["const"] in PROACTIVE
        assert ("requester" in properties) != is_proactive
