"""Say what spoke for one event and what against it: shared names and words, other names, times.

Grounds are facts of the two texts, found after the verdict; a pair that is nothing alike has none.
Spans are of title, line end and detail. Sentences are for people, kinds for machines.
"""

from __future__ import annotations

from triage.same_event.entry import Entry
from triage.same_event.judgement import Ground
from triage.same_event.mentions import clashing_numbers, clashing_places
from triage.same_event.one_place import one_place
from triage.same_event.pair_features import RARE, Prepared
from triage.same_event.passages import passages
from triage.same_event.sounds import sound_alike
from triage.same_event.substitution import substitution

Grounds = tuple[tuple[Ground, ...], tuple[Ground, ...]]
NONE: Grounds = ((), ())
LEAST = 0.05
"""Probability below which nobody asks why: half the time of a search would go into it."""
EVEN = 0.5
"""Probability below which a shared place is that of another matter, where topics differ."""
PHRASES = 3
"""Shared phrases that are shown."""
READ = 200
"""Characters of a text in which phrases are looked for."""
_DAY = 86_400


def grounds(one: Prepared, other: Prepared, probability: float) -> Grounds:
    """Return evidence and contradictions; both empty for a probability below LEAST."""
    if probability < LEAST:
        return NONE
    mine, theirs = _whole(one.entry), _whole(other.entry)
    places = one_place(one.mentions, other.mentions, mine, theirs)
    evidence = [
        Ground("shared_place", f"都提到{_longer(a, b)}", _span(mine, a), _span(theirs, b))
        for a, b in places[:PHRASES]
    ]
    evidence += _objects(one, other, mine, theirs)
    evidence += _phrases(mine, theirs)
    requester, moment = _requester(one.entry, other.entry), _days(one.entry, other.entry)
    evidence += [ground for ground in (requester, moment) if ground]
    against = _contradictions(one, other, mine, theirs, is_placed=bool(places))
    if places and probability < EVEN and not _has_one_matter(one.entry, other.entry):
        against.append(Ground("other_matter", "同一地点，另一件事"))
    return tuple(evidence), tuple(against)


def _contradictions(
    one: Prepared, other: Prepared, mine: str, theirs: str, *, is_placed: bool
) -> list[Ground]:
    """Return what speaks against one event; `is_placed`: they name a place that both have."""
    clashing = [] if is_placed else clashing_places(one.mentions, other.mentions)
    found = [
        Ground("other_place", f"一条说{a}，一条说{b}", _span(mine, a), _span(theirs, b))
        for a, b in clashing
    ]
    found += [
        Ground("other_number", f"一条是{a}，一条是{b}")
        for a, b in clashing_numbers(one.mentions, other.mentions)
    ]
    swap = substitution(one.head, other.head)
    is_name = swap is not None and swap.worth >= RARE and not is_placed
    if swap is not None and is_name and not sound_alike(swap.mine, swap.theirs):
        spans = _span(mine, swap.mine), _span(theirs, swap.theirs)
        words = f"题目相近，一条是“{swap.mine}”，一条是“{swap.theirs}”"
        found.append(Ground("other_words", words, *spans))
    if one.entry.region and other.entry.region and one.entry.region != other.entry.region:
        regions = f"{one.entry.region}，一条在{other.entry.region}"
        found.append(Ground("other_region", f"一条在{regions}"))
    return found


def _has_one_matter(one: Entry, other: Entry) -> bool:
    """Say whether nothing is known of two different matters."""
    return not one.topic or not other.topic or one.topic == other.topic


def _objects(one: Prepared, other: Prepared, mine: str, theirs: str) -> list[Ground]:
    here, there = one.mentions.object, other.mentions.object
    if not here or not there or not (here in there or there in here):
        return []
    name = here if len(here) <= len(there) else there
    return [Ground("shared_object", f"说的都是{name}", _span(mine, here), _span(theirs, there))]


def _phrases(mine: str, theirs: str) -> list[Ground]:
    """Return the longest passages that both have, longest first."""
    blocks = passages(mine[:READ], theirs[:READ])
    blocks.sort(key=lambda block: (-block.size, block.a))
    return [
        Ground(
            "shared_phrase",
            f"同样的话：{mine[block.a : block.a + block.size].strip()}",
            (block.a, block.a + block.size),
            (block.b, block.b + block.size),
        )
        for block in blocks[:PHRASES]
    ]


def _requester(one: Entry, other: Entry) -> Ground | None:
    if not one.requester or not other.requester:
        return None
    if one.requester == other.requester:
        return Ground("same_requester", "同一诉求人")
    return Ground("other_requester", "不同诉求人")


def _days(one: Entry, other: Entry) -> Ground | None:
    if one.time is None or other.time is None:
        return None
    days = round(abs((one.time - other.time).total_seconds()) / _DAY)
    return Ground("days_apart", f"相隔 {days} 天" if days else "同一天前后")


def _whole(entry: Entry) -> str:
    return f"{entry.title}\n{entry.detail}" if entry.title else entry.detail


def _span(text: str, part: str) -> tuple[int, int] | None:
    start = text.find(part)
    return (start, start + len(part)) if start >= 0 else None


def _longer(one: str, other: str) -> str:
    return one if len(one) >= len(other) else other
