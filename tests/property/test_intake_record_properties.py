"""Whatever JSON arrives, it is a clean request or a documented refusal; never anything else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import InvalidRequest
from triage.intake import REASONS, parse_request
from triage.intake.clean import clean
from triage.intake.moments import from_cell
from triage.request import CitizenRequest

pytestmark = pytest.mark.slow

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates included
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "title", "text", "received_at", "district", "township", "channel", "source")
NEARLY_REQUESTS = st.fixed_dictionaries(
    {"id": st.integers() | ANY_TEXT, "text": ANY_TEXT},
    optional=dict.fromkeys(FIELDS[1:2] + FIELDS[3:], ANY_TEXT | JSON),
)


def parsed(value: object) -> CitizenRequest | InvalidRequest:
    try:
        return parse_request(value)
    except InvalidRequest as error:
        return error


@given(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON) | NEARLY_REQUESTS)
def test_any_json_is_a_request_or_a_documented_refusal(value: object) -> None:
    outcome = parsed(value)
    if isinstance(outcome, InvalidRequest):
        assert outcome.code in REASONS
        outcome.message.encode()
        return
    assert isinstance(value, dict)
    assert len(outcome.text) == len(value["text"])
    for text in (outcome.id, outcome.text, outcome.title, outcome.district or ""):
        assert "\x00" not in text
        text.encode()


@given(ANY_TEXT)
def test_cleaning_keeps_the_length_and_cleaning_again_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


@given(ANY_TEXT | st.floats() | st.integers() | st.datetimes() | st.dates())
def test_a_cell_is_a_moment_in_utc_or_no_moment(cell: object) -> None:
    try:
        moment = from_cell(cell)
    except ValueError:
        return
    assert moment.tzinfo is UTC


@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)))
def test_local_forms_and_iso_agree(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    local = f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M:%S}"
    assert from_cell(local) == from_cell(moment.isoformat()) == from_cell(moment)
