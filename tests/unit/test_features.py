"""Hashed n-grams: stable for ever, because published weights depend on every bucket."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model.features import (
    BUCKET_BITS,
    DEFAULT_FIELDS,
    MAX_CHARACTERS,
    Document,
    Field,
    buckets,
    places,
)

WORD = 2**64
PRIME = 0x9E3779B97F4A7C15


def plain_bucket(gram: str, field_index: int) -> int:
    """The same hash in plain Python: multiply, mix in the next character, scramble, cut."""
    salt = 1 + field_index * 16 + len(gram)
    key = (ord(gram[0]) + (salt << 24)) % WORD
    for char in gram[1:]:
        key = (key * PRIME % WORD) ^ ord(char)
    key = key * PRIME % WORD
    key ^= key >> 29
    return (key * PRIME % WORD) >> (64 - BUCKET_BITS)


def found(title: str, text: str) -> list[list[list[int]]]:
    return [
        [part.tolist() for part in field]
        for field in buckets(Document(title, text), DEFAULT_FIELDS)
    ]


def test_buckets_are_these_numbers() -> None:
    # if one of these changes, every published model is worthless: raise the artefact's schema
    assert found("", "路灯") == [[[], [], []], [[3419708, 89892], [1649511]]]
    assert found("路灯坏", "") == [
        [[3934806, 1038691, 1171568], [4142428, 2989595], [487605]],
        [[], []],
    ]


def test_buckets_equal_a_computation_in_plain_python() -> None:
    text = "小区停水三天3天ab"
    for index, grams in enumerate(buckets(Document(text, text), DEFAULT_FIELDS)):
        for order, part in zip(DEFAULT_FIELDS[index].orders, grams, strict=True):
            expected = [
                plain_bucket(text[i : i + order], index) for i in range(len(text) - order + 1)
            ]
            assert part.tolist() == expected


def test_fields_and_orders_have_buckets_of_their_own() -> None:
    (one, _, _), (other, _) = found("灯", "灯")
    assert one != other
    doubled = buckets(Document("", "灯灯"), (Field("text", (1, 2)),))[0]
    assert doubled[1].tolist()[0] not in doubled[0].tolist()


def test_case_width_script_and_space_do_not_matter() -> None:
    assert found("", "ＡＢ路燈\u3000壞\n了") == found("", "ab路灯坏了")


def test_repetitions_stay_in_text_order() -> None:
    ones = found("", "好好不好")[1][0]
    assert ones[0] == ones[1] == ones[3] != ones[2]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\x00"])
def test_no_characters_give_empty_arrays(text: str) -> None:
    assert found(text, text) == [[[], [], []], [[], []]]
    assert places(text).tolist() == []


def test_text_shorter_than_an_order_has_none_of_it() -> None:
    assert [len(part) for part in found("灯", "灯")[0]] == [1, 0, 0]


@pytest.mark.parametrize("text", ["😀😀😀", "\ud800", "<b>x</b>", "1" * 50, "word " * 20, "𠮷野家"])
def test_any_characters_have_buckets_in_range(text: str) -> None:
    for field in buckets(Document(text, text), DEFAULT_FIELDS):
        for part in field:
            assert part.dtype == np.int32
            assert ((part >= 0) & (part < 2**BUCKET_BITS)).all()


def test_places_are_the_offsets_of_the_characters_that_count() -> None:
    assert places("路 灯\n坏").tolist() == [0, 2, 4]


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    text = "头" * 3_000 + "中" * 50_000 + "尾" * 1_000
    assert len(text) > MAX_CHARACTERS
    assert found("", text) == found("", "头" * 3_000 + "尾" * 1_000)
    at = places(text)
    assert len(at) == 4_000
    assert at[2_999] == 2_999
    assert at[3_000] == 53_000
    assert at[-1] == len(text) - 1


def test_spaces_in_a_long_text_do_not_shift_places() -> None:
    text = "头 " * 1_500 + "中" * 2_000 + " 尾" * 500
    at = places(text)
    assert {text[i] for i in at} == {"头", "尾"}
    assert len(at) == 2_000


def test_a_text_of_just_the_limit_is_not_cut() -> None:
    text = "头" * 3_999 + "尾"
    assert places(text).tolist() == list(range(4_000))
