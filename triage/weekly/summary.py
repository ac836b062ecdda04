"""The week in a few Chinese sentences; every number in them is one of the report's sources."""

from __future__ import annotations

from collections.abc import Mapping

from triage.alarms.telling import Names
from triage.weekly.document import Figure, Part, Sentence
from triage.weekly.volume import Counted, Volume


def summary_of(volume: Volume, told: Part, outlook: Part, names: Names) -> tuple[Sentence, ...]:
    """Return the sentences: how much came and of what, what was raised, what is expected."""
    found = [_how_much(volume), *_of_what(volume, names), _raised(told)]
    if outlook.figures:
        first = outlook.figures[0]
        found.append(Sentence(f"{first.label} {first.value}。", (first.source,)))
    return tuple(found)


def _how_much(volume: Volume) -> Sentence:
    now, before = volume.now, volume.before
    if not before.n:
        return Sentence(f"本周受理 {now.n:,} 件诉求，上周没有。", (now.sql, before.sql))
    change = (now.n - before.n) / before.n
    word = "持平" if not change else f"{'多' if change > 0 else '少'} {abs(change):.1%}"
    return Sentence(
        f"本周受理 {now.n:,} 件诉求，比上周（{before.n:,} 件）{word}。", (now.sql, before.sql)
    )


def _of_what(volume: Volume, names: Names) -> list[Sentence]:
    found = []
    for what, counts in (("主题", volume.topics), ("区县", volume.regions)):
        named = {code: one for code, one in counts.items() if code}
        if named:
            code, one = largest(named)[0]
            share = one.n / max(volume.now.n, 1)
            text = f"{what}最多的是“{names(code)}”，{one.n:,} 件，占 {share:.1%}。"
            found.append(Sentence(text, (one.sql, volume.now.sql)))
    return found


def _raised(told: Part) -> Sentence:
    total: Figure = told.figures[0]
    return Sentence(f"{total.label} {total.value}。", (total.source,))


def largest(counts: Mapping[str, Counted]) -> list[tuple[str, Counted]]:
    """Return counts, the largest first."""
    return sorted(counts.items(), key=lambda item: (-item[1].n, item[0]))
