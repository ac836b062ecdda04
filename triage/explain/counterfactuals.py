"""What another wording would have changed: small edits, each run through the pipeline again.

Many edits are tried with the model alone, which is cheap; the promising ones are run in full, and
only what the second run shows is said. Sources of conditions: contrasts of confusable pairs, the
typical facts of the runners-up, facts that would make the matter urgent, and the evidence itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from triage.explain.book import Book
from triage.explain.edits import Place, replaced, with_sentence, without
from triage.explain.evidence import Carried, Wording
from triage.explain.explanation import Change
from triage.explain.near_duties import NearDuties
from triage.explain.rerun import Rerun
from triage.explain.standing import DECISIVE, Standing, said
from triage.model.features import Document
from triage.model.model import Model
from triage.steps.draft import Draft

MOST_TRIALS = 40
"""Edits of a source of conditions that the model alone is asked about."""
MOST_RUNS = 6
"""Full runs a source of conditions may cost."""
RUNNERS_UP = 3
"""Topics and units after the first whose typical facts are tried."""
LEAST_LIKELY = 0.002
"""Probability below which another reading is too far off to be worth a sentence."""
LEAST_RUNNER_UP = 0.02
"""The same where no hand-written contrast vouches for the pair."""
MOST_REMOVED = 3
"""Wordings taken out of the text to change what the model decided."""
HELD = 2
"""Groups of a condition in the text from which on an entry with the same lead counts too."""
SAID = 4
"""Wordings named in a sentence."""
MOST_TURNS = 2
"""Counterfactuals that lead to another topic or unit; one of urgency and one removal may follow."""
HEADS = {"topic": "topic", "units": "lead_unit"}
ALARM = 1
"""Urgency levels up to this one are alarms."""
INSERT, REPLACE, REMOVE = "insert", "replace", "remove"


@dataclass(frozen=True, slots=True)
class Trial:
    """An edit to try: what it takes out and puts in, in which words, and what it should lead to.

    `aim` is (step, code) that must come first after the edit; None takes any decisive change.
    """

    kind: str
    condition: str
    places: tuple[Place, ...] = ()
    words: str = ""
    aim: tuple[str, str] | None = None

    def edited(self, document: Document) -> Document:
        """Return the document after the edit."""
        if self.kind == INSERT:
            return with_sentence(document, self.words)
        if self.kind == REPLACE:
            return replaced(document, self.places, self.words)
        return without(document, self.places)


@dataclass(frozen=True, slots=True)
class Shown:
    """A trial whose second run confirmed it."""

    trial: Trial
    sentence: str
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Search:
    """Looks for counterfactuals of one draft."""

    draft: Draft
    carried: dict[tuple[str, str], Carried]
    book: Book
    duties: NearDuties
    rerun: Rerun
    _seen: set[tuple[Change, ...]] = field(default_factory=set)

    def find(self) -> list[Shown]:
        """Return confirmed counterfactuals, the sharpest conditions first; at most four."""
        found = self._confirmed(list(self._near_duties()), 1)
        left = MOST_TURNS - len(found)
        found += self._confirmed(self._promising(self._contrasts()), left)
        left = MOST_TURNS - len(found)
        found += self._confirmed(self._promising(self._runners_up()), left)
        found += self._confirmed(list(self._urgent()), 1)
        found += self._confirmed(self._promising(self._removals()), 1)
        return found

    def _near_duties(self) -> Iterator[Trial]:
        """Add the one fact that an entry of the dispatch catalogue lacks."""
        lead = tuple(unit.code for unit in self.draft.units[:1])
        for near in self.duties.near(self.draft):
            duty = near.duty
            if (duty.lead,) != lead or near.held >= HELD:
                condition = f"若写明涉及“{near.word}”（{duty.clause or duty.basis}）"
                yield Trial(INSERT, condition, words=f"涉及{near.word}", aim=("duty", duty.code))

    def _contrasts(self) -> Iterator[Trial]:
        """Turn the first topic or unit into what it is often confused with, likeliest first."""
        topic = self.draft.topics[0].code if self.draft.topics else ""
        sides = []
        for step, ranked in (("topic", self.draft.topics), ("units", self.draft.units)):
            if ranked:
                code = ranked[0].code
                found = (c.against(code) for c in self.book.contrasts_of(code, topic))
                sides += [(self._likely(step, side.code), step, side) for side in found]
        for likely, step, side in sorted(sides, key=lambda item: -item[0]):
            if likely >= LEAST_LIKELY:
                yield from self._turned(side.condition, side.fact, (step, side.code))

    def _likely(self, step: str, code: str) -> float:
        """Return how probable the model finds a code now."""
        head = self.rerun.model.heads[HEADS[step]]
        if code not in head.labels:
            return 0.0
        return float(self.draft.probabilities[head.name][head.labels.index(code)])

    def _runners_up(self) -> Iterator[Trial]:
        for topic in self.draft.topics[1 : 1 + RUNNERS_UP]:
            typical = self.book.typical.get(topic.code)
            here = self.book.typical.get(self.draft.topics[0].code)
            if typical is None or topic.confidence < LEAST_RUNNER_UP:
                continue
            rather = f"而不是{here.ask}" if here else ""
            for fact in typical.facts:
                yield from self._turned(
                    f"若反映的是{typical.ask}{rather}", fact, ("topic", topic.code)
                )

    def _urgent(self) -> Iterator[Trial]:
        for topic in self.draft.topics[:1]:
            for fact in self.book.urgent.get(topic.code, ()):
                yield Trial(INSERT, fact.condition, words=fact.fact)

    def _removals(self) -> Iterator[Trial]:
        """Take out the fewest wordings of a decision that change it; those of rules all at once."""
        for (step, code), carried in self.carried.items():
            if step in DECISIVE and step != "support":
                for out in _prefixes(carried, step):
                    places = tuple(place for wording in out for place in wording.places)
                    yield Trial(REMOVE, _unsaid(out), places, aim=(step, f"-{code}"))

    def _turned(self, condition: str, fact: str, aim: tuple[str, str]) -> Iterator[Trial]:
        """Try a fact added, then in place of what carried the decision."""
        yield Trial(INSERT, condition, words=fact, aim=aim)
        first = (self.draft.topics if aim[0] == "topic" else self.draft.units)[0].code
        carried = self.carried.get((aim[0], first))
        if carried and carried.places:
            yield Trial(REPLACE, condition, carried.places, fact, aim)

    def _promising(self, trials: Iterable[Trial]) -> list[Trial]:
        """Return the trials that reach their aim by the model alone, least drastic edits first."""
        trials = list(trials)[:MOST_TRIALS]
        if not trials:
            return []
        model = self.rerun.model
        documents = [trial.edited(self.draft.document) for trial in trials]
        rows = model.probabilities([model.read(document) for document in documents])
        return [
            trial
            for index, trial in enumerate(trials)
            if _reaches(trial, model, {name: part[index] for name, part in rows.items()})
        ]

    def _confirmed(self, trials: Sequence[Trial], most: int) -> list[Shown]:
        before = Standing.of(self.draft)
        found: list[Shown] = []
        conditions: set[str] = set()
        for trial in trials[:MOST_RUNS]:
            if self.rerun.is_spent or len(found) == most:
                break
            if trial.condition in conditions:
                continue
            after = self.rerun.standing(trial.edited(self.draft.document))
            changes = before.changes(after)
            if not _holds(trial, changes, after) or changes in self._seen:
                continue
            self._seen.add(changes)
            conditions.add(trial.condition)
            sentence = said(trial.condition, changes, before, self.rerun.catalogue)
            found.append(Shown(trial, sentence, changes))
        return found


def _reaches(trial: Trial, model: Model, row: dict[str, np.ndarray]) -> bool:
    assert trial.aim is not None
    step, code = trial.aim
    head = HEADS.get(step)
    if head is None or head not in model.heads:
        return True
    first = model.heads[head].labels[int(row[head].argmax())]
    return first != code[1:] if code.startswith("-") else first == code


def _holds(trial: Trial, changes: Sequence[Change], after: Standing) -> bool:
    if not any(change.step in DECISIVE for change in changes):
        return False
    if trial.aim is None:
        return any(change.step == "urgency" and _is_raised(change) for change in changes)
    step, code = trial.aim
    if step == "duty":
        return after.duty == code and not any(_is_side_effect(change) for change in changes)
    if step in HEADS and any(_is_side_effect(change) for change in changes):
        return False
    if step == "urgency" and any(c.step == "urgency" and _is_raised(c) for c in changes):
        return False
    reached: tuple[str, ...] = getattr(after, step)
    return reached[:1] != (code[1:],) if code.startswith("-") else reached[:1] == (code,)


def _is_side_effect(change: Change) -> bool:
    """Tell whether a fact about the matter set an alarm off, which its condition cannot say."""
    alarmed = change.step == "urgency" and _is_raised(change) and int(change.after[0]) <= ALARM
    return alarmed or change.step == "acceptance"


def _is_raised(change: Change) -> bool:
    return bool(change.before and change.after) and int(change.after[0]) < int(change.before[0])


def _prefixes(carried: Carried, step: str) -> list[tuple[Wording, ...]]:
    """Return the strongest wording, the two strongest …; of an acceptance, a rule's work, all."""
    if step == "acceptance":
        return [carried.wordings] if carried.wordings else []
    return [carried.wordings[:n] for n in range(1, min(MOST_REMOVED, len(carried.wordings)) + 1)]


def _unsaid(wordings: Sequence[Wording]) -> str:
    said = "、".join(f"“{wording.text}”" for wording in wordings[:SAID])
    return f"若没有说到{said}{'等' if len(wordings) > SAID else ''}"
