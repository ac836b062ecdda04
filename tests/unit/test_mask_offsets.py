"""Places of a masked text in the text that was sent."""

from __future__ import annotations

import pytest

from triage.text.mask import mask

SENT = "电话13800138000，油烟大，电话13800138000"
# masked: 电话<手机号1>，油烟大，电话<手机号1>; the placeholder has 6 characters, the number 11


def test_a_span_behind_a_placeholder_is_that_of_the_original() -> None:
    masked = mask(SENT)
    start = masked.text.index("油烟")
    assert masked.original_span(start, start + 2) == (14, 16)
    assert SENT[14:16] == "油烟"


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        (0, 2, (0, 2)),  # before the placeholder
        (2, 8, (2, 13)),  # the placeholder itself
        (4, 6, (2, 13)),  # inside it: the whole datum
        (0, 4, (0, 13)),  # ends inside it
        (8, 9, (13, 14)),  # right behind it
        (2, 2, (2, 2)),  # nothing, in front of it
        (0, 21, (0, 31)),  # everything
    ],
)
def test_a_placeholder_is_never_split(start: int, end: int, span: tuple[int, int]) -> None:
    masked = mask(SENT)
    assert len(masked.text) == 21
    assert masked.original_span(start, end) == span


def test_offsets_stay_where_nothing_was_masked() -> None:
    assert mask("油烟大").original_span(1, 3) == (1, 3)
