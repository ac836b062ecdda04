"""The notation of a rule's term lists, expanded to literals or to one regular expression.

`@name` is a list of `[terms]`, `/…/` a regular expression, `{a,b}` a choice, anything else the
text itself. Case is folded here; width and traditional forms are the text's business.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from triage.errors import CatalogueError

Pattern = re.Pattern[str]

_CHOICE = re.compile(r"\{([^{}]*)\}")


class Notation:
    """Expands term lists with the named lists of all rule files."""

    def __init__(self, terms: Mapping[str, Sequence[str]]) -> None:
        self._terms = terms

    def literals(self, items: Sequence[str]) -> tuple[str, ...]:
        """Return the distinct literal terms of `items`, in order.

        Raises
        ------
        CatalogueError
            A regular expression or an empty term among them, or an unknown list.
        """
        words: dict[str, None] = {}
        for item in self._flat(items):
            if item.startswith("/"):
                raise CatalogueError(f"触发词只能是文字，不能是正则 {item}；请移到 near")
            words.update(dict.fromkeys(choices(item)))
        if "" in words:
            raise CatalogueError(f"触发词里有空词：{list(items)}")
        return tuple(words)

    def pattern(self, items: Sequence[str]) -> Pattern | None:
        """Return one pattern that hits any of `items`, longest literal first; None for none.

        Raises
        ------
        CatalogueError
            A broken regular expression or an unknown list.
        """
        words: set[str] = set()
        regexes: list[str] = []
        for item in self._flat(items):
            if item.startswith("/"):
                regexes.append(item.strip("/"))
            else:
                words.update(choices(item))
        parts = [re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))]
        return compiled("|".join(parts + regexes)) if parts or regexes else None

    def _flat(self, items: Sequence[str]) -> Iterator[str]:
        for item in items:
            if not item.startswith("@"):
                yield item
            elif item[1:] in self._terms:
                yield from self._flat(self._terms[item[1:]])
            else:
                raise CatalogueError(f"没有词表 {item}；请在某个规则文件的 [terms] 中补上")


def compiled(source: str) -> Pattern:
    """Compile a regular expression of a rule.

    Raises
    ------
    CatalogueError
        It is broken.
    """
    try:
        return re.compile(source)
    except re.error as error:
        raise CatalogueError(f"正则写错了：{error}，在 {source[:80]}") from error


def choices(term: str) -> list[str]:
    """Expand the choices of one term, lower-cased: `困{在,住}` gives 困在 and 困住."""
    parts = _CHOICE.split(term.lower())
    options = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(words) for words in itertools.product(*options)]
