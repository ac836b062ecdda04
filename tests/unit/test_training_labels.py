"""Heads and their target columns, from whatever labels the data hold."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.truth import Example
from training.labels import Head, find_heads, spans_of, targets

NAN = float("nan")


def example(**labels: object) -> Example:
    return Example(id="1", title="", text="路灯", **labels)  # type: ignore[arg-type]


def columns(examples: list[Example], head: Head) -> list[list[float]]:
    found: list[list[float]] = targets(examples, head).tolist()
    return found


def test_any_label_set_makes_heads_with_sorted_labels() -> None:
    examples = [example(topic="乙类", lead_unit="某局"), example(topic="甲类", lead_unit="某局")]
    assert find_heads(examples) == (Head("topic", "multiclass", ("乙类", "甲类")),)


def test_a_decision_with_one_value_is_nothing_to_learn() -> None:
    assert find_heads([example(topic="a"), example(topic="a"), example()]) == ()


def test_a_multilabel_code_needs_five_examples() -> None:
    examples = [example(flags=("S", "V")), *(example(flags=("S",)) for _ in range(4))]
    assert find_heads(examples) == (Head("flags", "multilabel", ("S",)),)


def test_a_second_topic_is_learned_as_present_or_not() -> None:
    examples = [example(topic2="SR01")] * 5 + [example(topic2="")] * 5
    assert find_heads(examples) == (Head("topic2", "multilabel", ("PRESENT",)),)
    assert columns(examples[4:6], find_heads(examples)[0]) == [[1.0], [0.0]]


def test_multiclass_columns_are_one_hot_and_nan_where_nobody_said() -> None:
    head = Head("topic", "multiclass", ("a", "b"))
    found = targets([example(topic="b"), example(), example(topic="a")], head)
    assert np.array_equal(found, np.array([[0, 1], [NAN, NAN], [1, 0]]), equal_nan=True)


def test_a_label_without_a_column_holds_nowhere() -> None:
    assert columns([example(flags=("RARE",))], Head("flags", "multilabel", ("S",))) == [[0.0]]


def test_urgency_columns_say_at_most_this_level() -> None:
    head = Head("urgency", "ordinal", ("1", "2", "3", "4"))
    assert head.columns == 3
    found = targets([example(urgency=level) for level in (1, 2, 4)] + [example()], head)
    expected = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 0], [NAN] * 3])
    assert np.array_equal(found, expected, equal_nan=True)


def test_an_empty_list_is_a_label_and_a_missing_one_is_not() -> None:
    head = Head("flags", "multilabel", ("S",))
    found = targets([example(flags=()), example()], head)
    assert np.array_equal(found, np.array([[0], [NAN]]), equal_nan=True)


def test_heads_stand_side_by_side() -> None:
    heads = [Head("topic", "multiclass", ("a", "b")), Head("urgency", "ordinal", ("2", "3", "4"))]
    assert spans_of(heads) == {"topic": slice(0, 2), "urgency": slice(2, 4)}


@pytest.mark.parametrize("count", [0, 1])
def test_no_examples_or_labels_make_no_heads(count: int) -> None:
    assert find_heads([example()] * count) == ()
