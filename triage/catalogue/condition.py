"""The notation of a duty's condition: `@FIXED & 噪|吵 & 小区{内,里}`.

`&` joins groups that must all be found, `|` separates the words of a group, `{a,b}` is a choice
inside a word, `@CODE` stands for the words of that row of `objects.csv`. Words are plain text:
whether they stand in a request is asked elsewhere.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from triage.catalogue.table import Row

Groups = tuple[tuple[str, ...], ...]
"""All groups must be found; one word of a group is enough."""

_CHOICE = re.compile(r"\{([^{}]*)\}")
_BROKEN = re.compile(r"[{}@&|]")


def parse_groups(cell: str, objects: Mapping[str, tuple[str, ...]]) -> Groups:
    """Return the groups of a condition; () for an empty cell.

    Raises
    ------
    ValueError
        An empty word, an unbalanced brace or an object that the list does not know; the message
        is for the person who keeps the list.
    """
    if not cell.strip():
        return ()
    return tuple(tuple(dict.fromkeys(_words(group, objects))) for group in cell.split("&"))


def parse_objects(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """Return the words of every row of `objects.csv`; `@CODE` inside them is not allowed.

    Raises
    ------
    ValueError
        An object whose words are broken.
    """
    return {row["code"]: tuple(_words(row["words"], {})) for row in rows}


def _words(group: str, objects: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for item in group.split("|"):
        word = item.strip()
        if word.startswith("@"):
            if word[1:] not in objects:
                raise ValueError(f"objects.csv 没有对象 {word}")
            yield from objects[word[1:]]
            continue
        if not word:
            raise ValueError("有空词；请检查 | 和 & 的两边")
        yield from expand(word)


def expand(word: str) -> list[str]:
    """Return a word's choices written out: `小区{内,里}` gives 小区内 and 小区里.

    Raises
    ------
    ValueError
        A brace without its partner, or a mark of the notation inside the word.
    """
    parts = _CHOICE.split(word)
    if any(_BROKEN.search(part) for part in parts):
        raise ValueError(f"“{word}”里的花括号不成对，或有多余的记号")
    options = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*options)]
