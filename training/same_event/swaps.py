"""Make the hardest pairs that nobody labelled: the same complaint with another name in it.

The name is the longest rare stretch that two titles of one event share, or a title and its detail;
in a copy it becomes the name of some other message. What is not rare is no name but the matter.
Such pairs are for fitting only, and are never measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from evaluation.judged_pairs import Pair
from training.same_event.texts import Told
from triage.model.features import characters, hashed
from triage.same_event.entry import Entry
from triage.same_event.mentions import numbers
from triage.same_event.statistics import Rarity

LEAST, MOST = 3, 9
"""Characters of a name."""
RARE, RAREST = 6.2, 8.0
"""idf that all 2-grams of a name have, and one of them: in 24 and in 4 of 12,000 texts."""
DAYS = 60.0
"""Mean days between a request and its copy; judged pairs of one event are 37 apart."""
READ = 300
"""Characters of the detail in which a name is looked for."""
Swapped = tuple[Entry, Entry, str]
"""An entry, a copy with another name, and the component that both belong to."""


def swapped_pairs(
    pairs: Sequence[Pair],
    pool: Mapping[str, Entry],
    texts: Sequence[Told],
    rarity: Rarity,
    *,
    seed: int = 0,
) -> list[Swapped]:
    """Return pairs that are of different places; about one a pair of one event and one a query."""
    rng = np.random.default_rng(seed)
    names = _names(texts, rarity)
    found: list[Swapped] = []
    done = set[str]()
    for pair in pairs:
        one, other = pool[pair.query], pool[pair.candidate]
        wanted = [(other, rare_name(one.title, _text(other), rarity))] if pair.label == 2 else []
        if one.id not in done:
            done.add(one.id)
            wanted.append((one, rare_name(one.title, one.detail[:READ], rarity)))
            wanted += [(one, number) for number in _numbers(one.title)]
        for original, name in wanted:
            if name.isdigit():
                found.append((one, _renumbered(original, name, rng), pair.component))
            elif name:
                new = names[int(rng.integers(len(names)))]
                days = float(rng.exponential(DAYS))
                found.append((one, _renamed(original, name, new, days), pair.component))
    return found


def rare_name(title: str, text: str, rarity: Rarity) -> str:
    """Return the longest stretch of rare 2-grams of a title that a text has too, "" for none."""
    best, start = "", 0
    pairs = [title[at : at + 2] for at in range(len(title) - 1)]
    idf = [_idf(pair, rarity) if pair in text else 0.0 for pair in pairs]
    for at in range(len(pairs) + 1):
        if at < len(pairs) and idf[at] >= RARE:
            continue
        name = title[start : at + 1]
        is_rare = max(idf[start:at], default=0.0) >= RAREST
        if is_rare and LEAST <= len(name) <= MOST and name in text and len(name) > len(best):
            best = name
        start = at + 1
    return best


def _numbers(title: str) -> list[str]:
    """Return the plain numbers of a title that name something: the 3 of 3号线."""
    return sorted({value for _, value in numbers(title) if value.isdigit() and value in title})


def _renumbered(entry: Entry, number: str, rng: np.random.Generator) -> Entry:
    """Return the copy about another number near this one."""
    new = str(int(number) + int(rng.integers(1, 9)))
    return _renamed(entry, number, new, float(rng.exponential(DAYS)))


def _text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.detail[:READ]}"


def _names(texts: Sequence[Told], rarity: Rarity) -> list[str]:
    found = {rare_name(one.title, one.detail[:READ], rarity) for one in texts} - {""}
    return sorted(found)


def _idf(name: str, rarity: Rarity) -> float:
    keys = hashed([characters([name]).codes.astype(np.uint64)], [(0, 2)])[0]
    return float(rarity.idf(keys).max()) if len(keys) else 0.0


def _renamed(entry: Entry, name: str, new: str, days: float) -> Entry:
    """Return the copy of somebody else, of another day; where it is, is not known."""
    return replace(
        entry,
        id=f"{entry.id}~{new}",
        title=entry.title.replace(name, new),
        detail=entry.detail.replace(name, new),
        time=entry.time + timedelta(days=days) if entry.time else None,
        requester="~",
        region="",
    )
