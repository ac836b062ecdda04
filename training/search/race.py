"""The search: every candidate runs one short race, the best of it run whole folds, one is chosen.

The criterion is `scores.recipe_score` on held-out rows, grouped so that near-duplicates never stand
on both sides. The race is cheap and may drop a candidate that needs all data to shine: so it keeps
several, and the recipe that was given always comes through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Interval, Statistic, difference
from evaluation.truth import Example, fingerprint
from training.heads import SEED
from training.recipe import Recipe
from training.scores import figures_of, recipe_score
from training.search.space import Candidate, Space
from training.search.state import Done, State
from training.split import assign_folds
from training.trial import Guess, Part, Trials

RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """How a candidate did on some parts.

    `gain` is its score less that of the given recipe on the same rows, with a 95 % interval;
    `figures` are by head and name; `seconds` what its trials took.
    """

    candidate: Candidate
    score: float
    gain: Interval
    figures: dict[str, dict[str, float]]
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished search: standings of race and finals, best first; the first finalist is chosen.

    `fitted` and `held` count the rows of each part, the race first; `seconds` is what all trials
    took, those of killed runs too.
    """

    race: tuple[Standing, ...]
    finals: tuple[Standing, ...]
    fitted: Mapping[str, int]
    held: Mapping[str, int]
    seconds: float

    @property
    def chosen(self) -> Recipe:
        """The recipe with the best score in the finals."""
        return self.finals[0].candidate.recipe


def open_state(
    path: Path, examples: Sequence[Example], recipe: Recipe, space: Space, how: str
) -> State:
    """Open the progress of a search; see `State`."""
    return State(
        path,
        {
            "data_sha256": fingerprint(examples),
            "split": how,
            "folds": recipe.folds,
            "decisions": ",".join(space.decisions),
        },
    )


def search(
    examples: Sequence[Example],
    recipe: Recipe,
    space: Space,
    state: State,
    *,
    how: str = "group",
    on_trial: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Run what the state does not hold yet; choose.

    Parameters
    ----------
    on_trial : told of each trial, before it runs; there are `trials_of(space)`
    """
    trials = Trials(examples, space.decisions or None)
    for candidate in space.candidates:
        for done in _done(state, candidate):
            trials.remember(candidate.recipe, done.part, done.guesses)
    fold = assign_folds(examples, folds=recipe.folds, how=how, seed=SEED)
    parts = [_whole(fold, index) for index in range(space.folds)]
    short = _short(parts[0], space.rows)
    for candidate in space.candidates:
        _try(trials, candidate, short, state, on_trial)
    race = _standings(trials, space.candidates, [short], state)
    best = [standing.candidate.key for standing in race[: space.keep]]
    given = space.candidates[0]
    finalists = [one for one in space.candidates if one is given or one.key in best]
    for part in parts:
        for candidate in finalists:
            _try(trials, candidate, part, state, on_trial)
    finals = _standings(trials, finalists, parts, state)
    fitted = {part.name: len(part.train) for part in (short, *parts)}
    held = {part.name: len(part.held) for part in (short, *parts)}
    run = [done for candidate in space.candidates for done in _done(state, candidate)]
    seconds = sum(done.seconds for done in run if done.part in fitted)
    return Outcome(race, finals, fitted, held, seconds)


def trials_of(space: Space) -> int:
    """Return the most trials that a search runs."""
    return len(space.candidates) + (space.keep + 1) * space.folds


def _done(state: State, candidate: Candidate) -> list[Done]:
    return [done for done in state.done.values() if done.candidate == candidate.key]


def _whole(fold: NDArray[np.int64], index: int) -> Part:
    return Part(f"fold{index}", np.flatnonzero(fold != index), np.flatnonzero(fold == index))


def _short(part: Part, rows: int) -> Part:
    """Return the part with at most so many rows to fit on, drawn at random; 0 keeps all."""
    if not rows or rows >= len(part.train):
        return part
    drawn = np.random.default_rng(SEED).choice(part.train, rows, replace=False)
    return Part(f"{part.name}/{rows}", np.sort(drawn), part.held)


def _try(
    trials: Trials, candidate: Candidate, part: Part, state: State, tell: Callable[[str], None]
) -> None:
    tell(f"{part.name} {candidate.name}")
    if (candidate.key, part.name) not in state.done:
        started = time.monotonic()
        guesses = trials.answer(candidate.recipe, part)
        state.add(Done(candidate.key, part.name, time.monotonic() - started, guesses))


def _standings(
    trials: Trials, candidates: Sequence[Candidate], parts: Sequence[Part], state: State
) -> tuple[Standing, ...]:
    """Return the standings on the rows of all parts together; ties in the order of the space."""
    held = np.concatenate([part.held for part in parts])
    targets = {head.name: trials.targets[head.name][held] for head in trials.heads}
    every, standings = np.arange(len(held)), []
    given: Statistic | None = None
    for candidate in candidates:
        done = [state.done[candidate.key, part.name] for part in parts]
        guesses: dict[str, Guess] = {
            head.name: np.concatenate([one.guesses[head.name] for one in done])
            for head in trials.heads
        }
        score = recipe_score(trials.heads, targets, guesses)
        given = given or score
        figures = {
            head.name: {
                name: one(every)
                for name, one in figures_of(head, targets[head.name], guesses[head.name]).items()
            }
            for head in trials.heads
        }
        gain = difference(score, given, len(held), resamples=RESAMPLES, level=0.95)
        seconds = sum(one.seconds for one in done)
        standings.append(Standing(candidate, score(every), gain, figures, seconds))
    return tuple(sorted(standings, key=lambda standing: -standing.score))
