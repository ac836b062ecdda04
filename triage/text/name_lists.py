"""The lists behind the rules of names, read once from `names.toml` beside this file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files

from triage.text.words import WordFinder, WordSet


class Sign(Enum):
    """What a word says about the characters beside it."""

    STRONG_CUE = "a name follows"
    WEAK_CUE = "a name may follow"
    BOUNDED_CUE = "a name follows if a clear right boundary comes after it"
    TITLE = "a name or a surname may stand before it"


_LINKS = frozenset(" :,=(是叫为嗯那啊呃做姓名") | frozenset("abcdefghijklmnopqrstuvwxyz")
"""What may begin the way from a cue to its name, and a name in Latin letters."""


@dataclass(frozen=True, slots=True)
class NameLists:
    """The lists of `names.toml`: characters as sets, words as `WordSet`, and patterns of them."""

    surnames: frozenset[str]
    weak_surnames: frozenset[str]
    every_surname: frozenset[str]
    double_surnames: frozenset[str]
    given: frozenset[str]
    never: frozenset[str]
    foreign: frozenset[str]
    left_words: frozenset[str]
    prepositions: frozenset[str]
    before_prepositions: frozenset[str]
    place_tails: frozenset[str]
    measures: frozenset[str]
    kin: frozenset[str]
    not_before_persons: frozenset[str]
    not_names: WordSet
    titles: WordSet
    followers: WordSet
    brands: WordSet
    organisations: WordSet
    not_cues: frozenset[str]
    after_cue: frozenset[str]
    """Characters of which one must follow a cue that a name follows."""
    signs: dict[str, tuple[Sign, ...]]
    """Every cue and title of two characters or more."""
    sign_finder: WordFinder
    short_signs: re.Pattern[str]
    """A surname before a title of one character, or 叫 before what may begin a name."""
    dotted: re.Pattern[str]
    dotted_before: re.Pattern[str]


@lru_cache(maxsize=1)
def name_lists() -> NameLists:
    """Read the lists."""
    raw: dict[str, str] = tomllib.loads(
        files("triage.text").joinpath("names.toml").read_text("utf-8")
    )
    chars = {key: frozenset("".join(value.split())) for key, value in raw.items()}
    words = {key: frozenset(value.split()) for key, value in raw.items()}
    every = chars["surnames"] | chars["weak_surnames"]
    foreign = "".join(sorted(chars["foreign"]))
    dotted = f"[{foreign}]{{1,8}}(?:[·•・‧∙][{foreign}]{{1,8}}){{1,3}}"
    signs = _signs(words)
    return NameLists(
        surnames=chars["surnames"],
        weak_surnames=chars["weak_surnames"],
        every_surname=every,
        double_surnames=words["double_surnames"],
        given=chars["given"],
        never=chars["never"],
        foreign=chars["foreign"],
        left_words=chars["left_words"],
        prepositions=chars["prepositions"],
        before_prepositions=chars["before_prepositions"],
        place_tails=chars["place_tails"],
        measures=chars["measures"],
        kin=chars["kin"],
        not_before_persons=chars["not_before_persons"],
        not_names=WordSet(words["not_names"]),
        titles=WordSet(words["titles"]),
        followers=WordSet(words["followers"]),
        organisations=WordSet(words["organisations"]),
        not_cues=words["not_cues"],
        brands=WordSet(words["brands"]),
        after_cue=every | chars["double_surnames"] | chars["foreign"] | _LINKS,
        signs=signs,
        sign_finder=WordFinder(signs),
        short_signs=re.compile(
            f"(?P<surname>[{''.join(chars['surnames'])}](?=[{''.join(chars['tight_titles'])}]))"
            f"|叫(?=[{''.join(every)}{foreign}])"
        ),
        dotted=re.compile(dotted),
        dotted_before=re.compile(rf"{dotted}\Z"),
    )


def _signs(words: dict[str, frozenset[str]]) -> dict[str, tuple[Sign, ...]]:
    groups = {
        Sign.STRONG_CUE: words["strong_cues"],
        Sign.BOUNDED_CUE: words["bounded_cues"],
        Sign.TITLE: words["titles"],
        Sign.WEAK_CUE: words["weak_cues"],
    }
    every = frozenset[str]().union(*groups.values())
    return {word: tuple(sign for sign in groups if word in groups[sign]) for word in every}
