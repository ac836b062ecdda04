"""Terms in folded texts: where they stand, and texts folded together."""

from __future__ import annotations

from triage.steps.rule_terms import FoldedText, TermFinder


def test_terms_are_found_where_they_overlap_and_in_any_width_case_or_form() -> None:
    finder = TermFinder({"着火": "fire", "火": "flame", "ab": "latin"})
    found = finder.find(FoldedText("樓道着火ＡＢ"))
    assert found == [(2, 4, "fire"), (3, 4, "flame"), (4, 6, "latin")]


def test_nothing_is_found_without_terms_or_without_a_text() -> None:
    assert TermFinder[str]({}).find(FoldedText("着火")) == []
    assert TermFinder({"火": "flame"}).find(FoldedText("")) == []


def test_texts_folded_together_are_folded_as_each_alone() -> None:
    texts = ["樓道着", "火ＡＢ", "", "😀\ud83d", "\ude00 𝟎"]
    for text, folded in zip(texts, FoldedText.all_of(texts), strict=True):
        alone = FoldedText(text)
        assert (folded.text, folded.halves) == (alone.text, alone.halves)
        assert len(folded.text) == len(text)
    assert FoldedText.all_of([]) == []
