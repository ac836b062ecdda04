"""Candidates for the object, and how the best of them are chosen."""

from triage.text.element_words import BLOCKED
from triage.text.object_model import FLAGS, ObjectModel, situation_names
from triage.text.objects import candidates, find_objects

PLAIN = ObjectModel.of(
    [
        ("situation", "bias", 0.0),
        ("situation", "in_place", -2.0),
        ("situation", "repeated", -2.0),
        ("situation", "pair", 0.5),
        ("right", "坏", 1.0),
        ("situation", "floor", -1.0),
        ("situation", "second", 0.5),
    ]
)


def hits(text: str, weights: dict[str, float]) -> list[tuple[int, int, float]]:
    found = [(text.index(word), word, weight) for word, weight in weights.items()]
    return sorted((start, start + len(word), weight) for start, word, weight in found)


def best(text: str, weights: dict[str, float], places: list[tuple[int, int]]) -> list[str]:
    found = candidates(text, hits(text, weights), places, None)
    return [text[start:end] for start, end in find_objects(PLAIN, text, found)]


def test_the_heavier_word_comes_first_and_a_light_second_is_left_out() -> None:
    # 电梯 0.8 is the best; 物业 0.2 stays below the 0.5 that a second object needs.
    assert best("物业说电梯停了", {"电梯": 0.8, "物业": 0.2}, []) == ["电梯"]


def test_a_word_before_a_telling_character_gains_its_weight() -> None:
    # 路灯 0.1 + 1.0 for the 坏 behind it beats 公园 0.9; both reach 0.5.
    assert best("公园的路灯坏了", {"公园": 0.9, "路灯": 0.1}, []) == ["路灯", "公园"]


def test_a_word_inside_a_place_loses() -> None:
    # 公园 1.0 - 2.0 = -1.0; 路灯 0.0 wins, and -1.0 is less than a second object needs.
    assert best("公园里路灯不亮", {"公园": 1.0, "路灯": 0.0}, [(0, 3)]) == ["路灯"]


def test_words_side_by_side_are_one_phrase() -> None:
    # 地下 + 车位 carry 车位's 0.4 and the 0.5 of a pair.
    assert best("地下车位涨价", {"地下": -0.5, "车位": 0.4}, []) == ["地下车位"]


def test_an_open_word_is_read_from_its_last_character() -> None:
    assert best("收移表费不开票", {"费": 0.0}, []) == ["移表费"]


def test_an_open_word_stops_at_a_blocked_word() -> None:
    assert best("问题移表费贵", {"问题": BLOCKED, "费": 0.0}, []) == ["移表费"]


def test_nothing_above_the_floor_is_nothing() -> None:
    assert best("路灯", {"路灯": -1.5}, []) == []
    assert candidates("", [], [], None) == []


def test_a_situation_names_what_holds() -> None:
    text = "路灯坏了，路灯"
    found = candidates(text, [(0, 2, 0.0), (5, 7, 0.0)], [], (4, 7))
    assert list(situation_names(found[0].situation)) == ["count2", "early0", "order0"]
    assert list(situation_names(found[1].situation)) == [
        "repeated",
        "in_demand",
        "count2",
        "early2",
        "order1",
    ]
    assert len(FLAGS) == 6
