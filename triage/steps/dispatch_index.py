"""One index over the dispatch catalogue: the words of duties and of district lines, in one pass.

The two steps that read the catalogue share it; what was found in a text is kept on its draft.
"""

from __future__ import annotations

from triage.catalogue.boundaries import Boundary
from triage.catalogue.duties import Duties
from triage.steps.conditions import Condition, ConditionFinder, Hits, Spans
from triage.steps.draft import Draft

WINDOW = 30
"""Characters over which the words of one condition may spread; chosen out of fold together with
the odds (`evaluation/results/duty_odds.json`): letters name many things, and not in one breath."""


class DispatchIndex:
    """The conditions of all duties that have one, and the words of all district lines."""

    def __init__(
        self, duties: Duties, boundaries: tuple[Boundary, ...] = (), *, window: int = WINDOW
    ) -> None:
        self.ruled = tuple(duty for duty in duties.entries if not duty.is_default)
        self.lines = tuple(line for line in boundaries if line.words)
        self._finder = ConditionFinder(
            [
                *((duties.when(duty), duties.unless(duty)) for duty in self.ruled),
                *(((line.words,), ()) for line in self.lines),
            ],
            window=window,
        )
        self.groups = self._finder.groups
        self.conditions = self._finder.conditions[: len(self.ruled)]
        self._line_of = {
            number: line
            for line, condition in zip(
                self.lines, self._finder.conditions[len(self.ruled) :], strict=True
            )
            for number in condition.needed
        }

    def of(self, draft: Draft) -> Hits:
        """Return what the draft's title and text hold, looked for once."""
        if draft.hits is None:
            draft.hits = self._finder.find(draft.folded)
        return draft.hits

    def holds(self, condition: Condition, hits: Hits) -> Spans | None:
        """See `ConditionFinder.holds`."""
        return self._finder.holds(condition, hits)

    def lines_of(self, hits: Hits) -> tuple[Boundary, ...]:
        """Return the district lines whose words were found, in the order of the catalogue."""
        found = [self._line_of[number] for number in hits.numbers if number in self._line_of]
        return tuple(line for line in self.lines if line in found) if found else ()
