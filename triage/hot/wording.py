"""What a group of requests is called: its most central title, its key terms; by character n-grams.

The title is one that somebody wrote, or a clause of a text, masked; nothing is composed. Counts of
all texts at hand tell what is common everywhere. Reports (举报) are not read here, whoever asks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from triage.hot.fillers import without_fillers
from triage.hot.telling import Telling
from triage.text.mask import mask

MOST_READ = 200
"""Texts of a group that are read, evenly taken: more do not change what is central."""
HEAD = 200
"""Characters of a text that are read: the matter is told first."""
SHORTEST, LONGEST = 4, 40
"""Characters of a title; longer ones are cut at a mark, shorter ones only taken where no other."""
_GRAM, _TERM = (2, 3), (2, 3, 4, 5, 6, 7, 8, 9)
_LONGEST_TERM = 8
_SHARE, _WHOLE = 0.4, 0.7
"""Share of a group's texts in which a key term stands, at least; share of a term's texts from which
it is a fragment of the one longer term that it is part of there."""
_OTHERS = 50
"""Texts of other matters that are imagined beside those at hand."""
_PLEA = re.compile(
    r"^(?:请|盼|望|希望|要求|恳请|恳求|谢|感谢|麻烦|你好|您好|尊敬|各位|来电人|市民)"
)
"""A clause that asks or greets says nothing of the matter."""
_NO_WORD = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]")
_PLACEHOLDER = re.compile(r"<[^<>]{1,12}>")
_MARKS = re.compile(r"[，。！？；：、,!?;:\s]+")
_LOOSE = re.compile(
    r"^[的了是在和与及有对从把被我他她您你们这那一个就都也还又不没请]|[的了是在和与及有对从把被我他她您你们这那一个就都也还又不没请]$"
)
"""A term does not begin or end with a word that only joins others."""


class Background:
    """In how many of some texts each n-gram stands."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._n = 0
        for text in texts:
            self._counts.update(_grams(text, _TERM))
            self._n += 1

    def rarity(self, gram: str) -> float:
        """Return ln(N / df), as if there were some more texts without it: there may be few."""
        return math.log((self._n + _OTHERS) / (self._counts[gram] + 1))


def read_of(telling: Telling) -> str:
    """Return what is read of a telling; nothing of a report."""
    if telling.is_report:
        return ""
    entry = telling.entry
    return f"{without_fillers(entry.title)}\n{without_fillers(entry.detail[:HEAD])}"


def evenly(tellings: Sequence[Telling]) -> tuple[Telling, ...]:
    """Return at most `MOST_READ` of some tellings, evenly taken."""
    return tuple(tellings[:: max(1, math.ceil(len(tellings) / MOST_READ))])


def by_centrality(tellings: Sequence[Telling], background: Background) -> list[Telling]:
    """Return the tellings but reports, those that share most with all others first, then by id."""
    tellings = _readable(tellings)
    texts = [read_of(one) for one in tellings]
    counts = Counter(gram for text in texts for gram in _grams(text, _GRAM))
    values = [_centrality(text, counts, background) for text in texts]
    order = sorted(range(len(texts)), key=lambda place: (-values[place], tellings[place].id))
    return [tellings[place] for place in order]


def title_of(
    tellings: Sequence[Telling], background: Background, *, without: Sequence[str] = ()
) -> str:
    """Return the most central title, or clause where nobody wrote one; "" for reports alone.

    Parameters
    ----------
    without : words to be cut out, for a title that names no place
    """
    tellings = _readable(tellings)
    texts = [read_of(one) for one in tellings]
    counts = Counter(gram for text in texts for gram in _grams(text, _GRAM))
    titles = [_shown(without_fillers(one.entry.title), without) for one in tellings]
    titles = [title for title in titles if len(title) >= SHORTEST] or [
        _shown(clause, without)
        for one in tellings
        for clause in _MARKS.split(without_fillers(one.entry.detail[:HEAD]))
    ]
    ranked = sorted(
        {title for title in titles if title},
        key=lambda title: (
            len(title) < SHORTEST or _PLEA.match(title) is not None,
            -_centrality(title, counts, background),
            title,
        ),
    )
    return ranked[0] if ranked else ""


def terms_of(tellings: Sequence[Telling], background: Background, *, most: int = 6) -> list[str]:
    """Return the words that many of the texts share and few others hold, the most telling first."""
    tellings = _readable(tellings)
    texts = [_PLACEHOLDER.sub(" ", read_of(one)) for one in tellings]
    counts = Counter(gram for text in texts for gram in _grams(text, _TERM))
    least = max(2, math.ceil(_SHARE * len(texts)))
    often = {gram: count for gram, count in counts.items() if count >= least}
    worth = {
        gram: count / len(texts) * background.rarity(gram) * math.sqrt(len(gram))
        for gram, count in _whole(often).items()
        if len(gram) <= _LONGEST_TERM and not _LOOSE.search(gram)
    }
    found: list[str] = []
    for gram in sorted(worth, key=lambda gram: (-worth[gram], gram)):
        if len(found) == most:
            break
        if worth[gram] > 0 and not any(_overlaps(gram, other) for other in found):
            found.append(gram)
    return found


def _readable(tellings: Sequence[Telling]) -> list[Telling]:
    """Return the tellings whose words may be shown: no reports."""
    return [one for one in tellings if not one.is_report]


def _whole(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the terms without fragments: what nearly always stands in one longer term is none."""
    fragments = {
        part
        for gram, count in counts.items()
        for part in (gram[1:], gram[:-1])
        if count >= _WHOLE * counts.get(part, math.inf)
    }
    return {gram: count for gram, count in counts.items() if gram not in fragments}


def _overlaps(one: str, other: str) -> bool:
    """Say whether two terms hold one another or share two characters in a row."""
    return any(one[at : at + 2] in other for at in range(len(one) - 1))


def _centrality(text: str, counts: Counter[str], background: Background) -> float:
    grams = _grams(text, _GRAM)
    if not grams:
        return 0.0
    return sum(counts[gram] * background.rarity(gram) for gram in grams) / math.sqrt(len(grams))


def _shown(text: str, without: Sequence[str]) -> str:
    """Return a title as it may be shown: masked once more, placeholders and `without` cut out."""
    words = _PLACEHOLDER.sub("", mask(text).text).strip()
    for word in sorted(without, key=len, reverse=True):
        words = words.replace(word, "")
    if len(words) > LONGEST:
        cut = [mark.start() for mark in _MARKS.finditer(words) if mark.start() >= SHORTEST]
        words = words[: min(cut[-1] if cut and cut[-1] <= LONGEST else LONGEST, LONGEST)]
    return words.strip(" ，。！？；：、,!?;:\n")


def _grams(text: str, orders: Sequence[int]) -> set[str]:
    """Return the distinct n-grams within runs of letters and digits."""
    runs = [run for run in _NO_WORD.split(text) if len(run) > 1]
    return {
        run[at : at + order]
        for run in runs
        for order in orders
        for at in range(len(run) - order + 1)
    }
