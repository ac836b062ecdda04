"""The automaton: longest words win within a role, and offsets are characters."""

from triage.text.element_words import BLOCKED, ElementWords, load_cues, load_objects, short_forms


def test_of_overlapping_words_of_one_role_the_longest_stays() -> None:
    words = ElementWords({}, {"垃圾": 0.1, "垃圾分类": 0.2, "分类": 0.3}, {})
    assert words.scan("垃圾分类").objects == [(0, 4, 0.2)]


def test_roles_do_not_compete() -> None:
    words = ElementWords({"公园": "site"}, {"公园长椅": 0.5}, {})
    hits = words.scan("在公园长椅上")
    assert hits.places == [(1, 3, "site")]
    assert hits.objects == [(1, 5, 0.5)]


def test_offsets_count_characters_beyond_the_basic_plane_too() -> None:
    words = ElementWords({}, {"路灯": 0.5}, {})
    assert words.scan("😀😀路灯\ud800").objects == [(2, 4, 0.5)]


def test_a_word_across_two_characters_is_not_found() -> None:
    # 0x8def 0x706f hold the bytes of 0xef70 in their middle.
    words = ElementWords({}, {chr(0xEF70): 0.5}, {})
    assert words.scan("\u8def\u706f").objects == []


def test_placeholders_of_masked_data_are_no_objects() -> None:
    assert load_objects()["<手机号"] == BLOCKED


def test_every_cue_of_a_demand_has_a_known_kind() -> None:
    kinds = {cue.kind for cue in load_cues().values()}
    assert kinds == {"ask", "advice", "query", "can", "order", "weak"}


def test_alias_of_a_county_gives_its_short_form() -> None:
    assert list(short_forms([("district", "石柱县"), ("township", "某某镇")])) == [
        ("district", "石柱县"),
        ("district_short", "石柱"),
        ("township", "某某镇"),
    ]
