"""The same words in another dress: in dialect, in traditional characters, without punctuation."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

import numpy as np
from opencc import OpenCC

from evaluation.perturbations.editing import replace_outside

_MARKS = re.compile(r"[，。！？；：、“”‘’（）《》【】…—·,.!?;:()\"'\s]+")
_CHUNK = 200  # characters; opencc's parser recurses


def in_dialect(text: str, rng: np.random.Generator) -> str:
    """Say every word in Chongqing dialect that `data/dialect.toml` knows; nothing is drawn."""
    table = dialect()
    return replace_outside(text, lambda part: _pattern().sub(lambda m: table[m.group()], part))


def in_traditional(text: str, rng: np.random.Generator) -> str:
    """Write the text in traditional characters; nothing is drawn."""
    return replace_outside(text, _traditional)


def unpunctuated(text: str, rng: np.random.Generator) -> str:
    """Leave out marks and spaces, as a recogniser does; a decimal point in a number stays."""
    return replace_outside(text, lambda part: re.sub(r"(?<![0-9])\.|\.(?![0-9])", "", _bare(part)))


@lru_cache(maxsize=1)
def dialect() -> dict[str, str]:
    """Return the words of the dialect by the standard word."""
    text = files("evaluation.perturbations").joinpath("data", "dialect.toml").read_text("utf-8")
    words: dict[str, str] = tomllib.loads(text)["words"]
    return words


def dialect_words(text: str) -> int:
    """Count the words of the dialect in a text."""
    return len(_spoken().findall(text))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return _any_of(dialect())


@lru_cache(maxsize=1)
def _spoken() -> re.Pattern[str]:
    return _any_of(set(dialect().values()))


def _any_of(words: set[str] | dict[str, str]) -> re.Pattern[str]:
    """Return a pattern of the words, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))


def _bare(part: str) -> str:
    return _MARKS.sub(lambda m: m.group() if m.group() == "." else "", part)


def _traditional(part: str) -> str:
    chunks = (part[start : start + _CHUNK] for start in range(0, len(part), _CHUNK))
    return "".join(_opencc().convert(chunk) for chunk in chunks)


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    return OpenCC("s2t")
