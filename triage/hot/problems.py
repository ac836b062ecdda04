"""Common problems (一类事): the same cause in many places, by topic and object, the place left out.

Coarser than an event on purpose: a reader sees what recurs, and looks at the requests for why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from triage.hot.heat import HeatRules
from triage.hot.telling import Telling

_JOINT = "|"


def problem_of(topic: str, objects: Iterable[str], places: Iterable[str], rules: HeatRules) -> str:
    """Return the problem that a request tells of, as `topic|object`; "" without an object.

    An object that only names a place of the request, or says nothing of the matter, is left out.
    """
    named = tuple(places)
    object = next(
        (
            word
            for word in objects
            if word not in rules.generic_objects and not any(word in place for place in named)
        ),
        "",
    )
    return f"{topic}{_JOINT}{object}" if object else ""


def problems_of(
    tellings: Iterable[Telling], rules: HeatRules, event_of: Mapping[str, str]
) -> dict[str, list[Telling]]:
    """Return the requests by problem: only those told often enough, of places and events enough.

    Parameters
    ----------
    event_of : a request's id → its event; one that is missing is an event of its own
    """
    found: dict[str, list[Telling]] = defaultdict(list)
    for telling in tellings:
        name = problem_of(telling.entry.topic, telling.objects, telling.places, rules)
        if name:
            found[name].append(telling)
    return {
        name: told
        for name, told in sorted(found.items())
        if len(told) >= rules.problem_least
        and is_widespread(told, event_of, rules)
        and not is_one_event([event_of.get(one.id, one.id) for one in told], rules)
    }


def is_widespread(told: Sequence[Telling], event_of: Mapping[str, str], rules: HeatRules) -> bool:
    """Say whether a problem is told of places enough.

    Where most name no place and their district is unknown (a question of policy, a feed without
    districts), so many different events must tell of it instead.
    """
    nowhere = sum(not one.places and not one.entry.region for one in told)
    if 2 * nowhere > len(told):
        return len({event_of.get(one.id, one.id) for one in told}) >= rules.problem_places
    return len(places_of(told)) >= rules.problem_places


def is_one_event(events: Iterable[str], rules: HeatRules) -> bool:
    """Say whether so many of a problem's requests, by event, tell of one that it is no problem."""
    counts = Counter(events)
    return max(counts.values(), default=0) > rules.problem_one_event * counts.total()


def places_of(told: Iterable[Telling]) -> set[str]:
    """Return the distinct places: the finest that each names, or its region; no unknown ones."""
    return {(one.places or (one.entry.region,))[0] for one in told} - {""}
