"""Matching: what stands near a trigger, what excuses it, and how weak signs add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.steps.rule_file import read_rules
from triage.steps.rules import CHECKS, RuleBook, evidence, rule_book, scan_request

RULES = """
effective = 2026-01-01

[[excuse]]
id = "past"
clause = ["去年"]
but = ["还在"]

[[excuse]]
id = "if"
before = ["万一"]
span = 10

[[excuse]]
id = "denied"
touching = ["/没有$/"]

[[excuse]]
id = "idiom"
around = ["着火点"]

[[excuse]]
id = "desk"
anywhere = ["赔偿"]

[[rule]]
id = "fire"
confidence = 0.9
reason = "示例规则，着火"
any = ["着火"]
near = [["消防", "救命"]]
cues = [["老人"], ["小孩"], ["浓烟"]]
at_least = 1
reach = 12
max_chars = 200
unless = ["past", "if", "denied", "idiom", "desk"]
unless_near = ["演练"]
hit = ["着火救命老人"]
miss = ["着火"]

[[rule]]
id = "ill"
confidence = 0.8
reason = "示例规则，急病"
threshold = 5
core = 3
brief = 1
unless = ["denied"]
unless_anywhere = ["出院"]
hit = ["昏迷了快来"]
miss = ["快来"]

[[rule.weight]]
core = true
points = 3
any = ["昏迷", "昏"]

[[rule.weight]]
points = 2
any = ["快来"]

[[rule.weight]]
points = -3
any = ["咨询"]
"""
LONG = "这一句只是为了让整段话超过四十五个字而写的，它不含任何一个规则里的词，也不改变意思。"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "rules.toml").write_text(RULES, "utf-8")
    return RuleBook(read_rules(folder))


def ids(book: RuleBook, text: str) -> list[str]:
    return [match.rule.id for match in book.scan(text)]


@pytest.mark.parametrize(
    "text",
    [
        "着火了，快喊消防，老人没下来",
        "着火救命，浓烟好大",
        "去年装修过，今天着火了，喊消防，有小孩",  # 去年 stands in another clause
        "去年着火，还在烧，救命，老人",  # "still" cancels "last year"
    ],
)
def test_a_trigger_with_its_company_holds(book: RuleBook, text: str) -> None:
    assert ids(book, text) == ["fire"]


@pytest.mark.parametrize(
    "text",
    [
        "着火了，有老人",  # nothing of `near`
        "着火了，快喊消防",  # no cue
        "去年着火消防来过，老人吓到了",  # past, in the clause
        "万一着火了，消防进不来，老人怎么办",  # hypothetical, before it
        "没有着火，消防来看了老人",  # denied
        "着火点多，消防救命，老人要记",  # a phrase swallows the trigger
        "着火了消防来了，老人要赔偿",  # the aftermath, anywhere
        "着火演练，消防来了，老人参加",  # excluded company
        "着火" + "，" * 13 + "消防，老人",  # out of reach
        "着火救命老人" + "，" * 200,  # too long for the rule
    ],
)
def test_what_excuses_a_trigger(book: RuleBook, text: str) -> None:
    assert ids(book, text) == []


def test_a_clause_of_speech_ends_after_twenty_characters(book: RuleBook) -> None:
    far = "去年" + "的" * 20 + "着火救命老人"
    assert ids(book, far) == ["fire"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昏迷了，快来。" + LONG, ["ill"]),  # 3 + 2 = 5
        ("昏迷了。" + LONG, []),  # 3
        ("昏迷了，快来，想咨询。" + LONG, []),  # 3 + 2 - 3 = 2
        ("快来快来快来。" + LONG, []),  # a term counts once: 2
        ("没有昏迷，快来。" + LONG, []),  # the denied term does not count
        ("昏迷过，快来接，已出院。" + LONG, []),  # excluded anywhere
        ("昏迷", []),  # brief: 4 are needed, 昏 inside 昏迷 does not count again
        ("昏迷快来", ["ill"]),
    ],
)
def test_weak_signs_add_up(book: RuleBook, text: str, expected: list[str]) -> None:
    assert ids(book, text) == expected


def test_strength_is_the_points_above_the_threshold(book: RuleBook) -> None:
    # brief text: 5 - 1 = 4 needed, 3 + 2 = 5 found
    assert [match.strength for match in book.scan("昏迷快来")] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "龍著，着火了，救命，老人",
        "ｘ着火了，救命，老人",
        "😀着火了，救命，老人",
        "\ud83d着火救命老人",
    ],
)
def test_spans_are_places_in_the_text_as_given(book: RuleBook, text: str) -> None:
    matches = book.scan(text)
    start = text.index("火") - 1
    assert (start, start + 2) in matches[0].spans


def test_evidence_leaves_out_the_title_and_counts_from_the_text() -> None:
    text = "里面困了六个人，按铃没人接，喘不过气了，快来"
    matches, offset = scan_request(text, "电梯困人")
    spans = evidence(matches, text, offset=offset, step="acceptance")
    assert offset == len("电梯困人。")
    assert spans
    assert all(text[item.start : item.end] == item.text for item in spans)


def test_a_title_alone_gives_no_evidence() -> None:
    matches, offset = scan_request("请处理", "楼下着火了，火苗窜上二楼，快喊消防，有老人")
    assert matches
    assert evidence(matches, "请处理", offset=offset, step="acceptance") == ()


def test_an_empty_text_matches_nothing() -> None:
    assert rule_book().scan("") == ()


def test_only_the_first_hits_of_a_rule_are_looked_at(book: RuleBook) -> None:
    text = "着火，" * (CHECKS + 6) + "着火救命老人"
    assert len(text) <= 200
    assert ids(book, text) == []


def test_a_hundred_thousand_characters_are_answered() -> None:
    assert isinstance(rule_book().scan("停电施工欠薪跳楼，" * 11_111), tuple)
