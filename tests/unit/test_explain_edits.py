from __future__ import annotations

import pytest

from triage.explain.edits import Place, places_of, replaced, with_sentence, without
from triage.model.features import Document

DOCUMENT = Document("油烟扰民", "楼下油烟大，油烟熏人")


def test_places_are_taken_out_of_their_own_field() -> None:
    edited = without(DOCUMENT, [Place("title", 0, 2), Place("text", 2, 4)])
    assert edited == Document("扰民", "楼下大，油烟熏人")


def test_overlapping_places_are_taken_out_once() -> None:
    assert (
        without(Document("", "一二三四五"), [Place("text", 1, 3), Place("text", 2, 4)]).text
        == "一五"
    )


def test_words_stand_where_the_first_place_was() -> None:
    edited = replaced(DOCUMENT, [Place("text", 6, 8), Place("text", 2, 4)], "音响")
    assert edited == Document("油烟扰民", "楼下音响大，熏人")


def test_words_become_a_sentence_where_only_the_title_is_cut() -> None:
    edited = replaced(DOCUMENT, [Place("title", 0, 2)], "音响吵人")
    assert edited == Document("扰民", "楼下油烟大，油烟熏人。音响吵人")


@pytest.mark.parametrize(
    ("text", "joined"),
    [("停水了", "停水了。快"), ("停水了！", "停水了！快"), ("", "快"), ("停水 ", "停水。快")],
)
def test_a_sentence_follows_the_text(text: str, joined: str) -> None:
    assert with_sentence(Document("", text), "快").text == joined


def test_words_are_found_in_title_and_text() -> None:
    assert places_of(DOCUMENT, "油烟") == (
        Place("title", 0, 2),
        Place("text", 2, 4),
        Place("text", 6, 8),
    )


def test_every_place_is_taken_however_many_there_are() -> None:
    document = Document("停水", "停水了，" * 300)
    assert len(places_of(document, "停水")) == 301
    assert "停水" not in without(document, places_of(document, "停水")).text
