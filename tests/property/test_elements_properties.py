"""Whatever the text: no crash, spans inside it and in order, time that grows with its length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Catalogue
from triage.text.elements import WANTED, ElementExtractor

pytestmark = pytest.mark.slow

EXTRACTOR = ElementExtractor(Catalogue.load().place_names())
WORDS = ["渝北", "人和", "路灯", "电梯", "昨天", "三个月", "了", "希望", "请", "你们", "路", "小区"]
SIGNS = ["，", "。", "想问一下", "要求", "号", "1", "从", "的", "😀", "\ud800"]
TEXTS = st.one_of(
    st.text(alphabet=st.characters(), max_size=200),
    st.lists(st.sampled_from(WORDS + SIGNS), max_size=60).map("".join),
)


@given(TEXTS)
def test_spans_lie_in_the_text_and_elements_agree_with_them(text: str) -> None:
    found = EXTRACTOR.extract(text)
    assert list(found.spans) == sorted(found.spans, key=lambda s: (s.start, s.end, s.type))
    assert all(0 <= span.start < span.end <= len(text) for span in found.spans)
    for kind in WANTED:
        said = getattr(found.elements, kind)
        spans = [text[s.start : s.end] for s in found.spans if s.type == kind]
        assert (said is None) == (kind in found.elements.missing) == (not spans)
        assert said is None or said in spans


@given(TEXTS)
def test_the_same_text_gives_the_same_elements(text: str) -> None:
    assert EXTRACTOR.extract(text) == EXTRACTOR.extract(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "word", ["请", "吗", "希望", "路", "一号", "人和这边", "路灯坏了，请你们来修"]
)
def test_time_grows_with_length_and_not_with_its_square(word: str) -> None:
    def seconds(characters: int) -> float:
        text = word * (characters // len(word))
        start = time.perf_counter()
        EXTRACTOR.extract(text)
        return time.perf_counter() - start

    # Eight times the text: a square would take 64 times as long, linear work about eight times.
    assert (
        min(seconds(40_000) for _ in range(2)) < 24 * min(seconds(5_000) for _ in range(3)) + 0.05
    )
