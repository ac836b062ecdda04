"""Which question is worth asking: the one whose answer is expected to change the decision.

For each missing element plausible answers are put into the text and the model is asked again. The
value of the question is what the answers are expected to add to the probability of deciding right:
sum over answers of P(answer) · (best probability after it - probability, then, of today's choice);
Howard 1966, "Information value theory". An answer that changes nothing is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.explain.book import Book, Value
from triage.explain.edits import with_sentence
from triage.explain.explanation import Question
from triage.explain.rerun import Rerun
from triage.model.model import Model
from triage.settings import Settings
from triage.steps.draft import Draft, best
from triage.steps.urgency import UrgencyStep

Array = NDArray[np.float32]
PLACE, OBJECT, FACT = "place", "object", "fact"
TOPICS = 4
"""Topics whose typical facts are taken as possible answers, the most probable first."""
LEAST_TOPIC = 0.03
CLEAR = 0.6
"""Probability of a topic from which on the units are what is in doubt."""
MOST = 2
"""Questions asked: more are an interrogation (国办函〔2025〕66号 §二, 基层减负)."""
THRESHOLDS = {"place": 0.07, "time": 0.02, "object": 0.15, "demand": 0.005, "fact": 0.15}
"""Value from which a question is asked: best pooled F1 on two folds of the training messages that
their models had not seen, see `evaluation/results/questions.json`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A possible answer, as a sentence, with its probability."""

    sentence: str
    probability: float


@dataclass(frozen=True, slots=True)
class Worth:
    """A question that could be asked, and the value of each decision's part in it."""

    element: str
    text: str
    value: float


def questions(draft: Draft, book: Book, settings: Settings, rerun: Rerun) -> tuple[Question, ...]:
    """Return at most `MOST` questions whose value passes the threshold, the most valuable first."""
    found = chosen(worths(draft, book, settings, rerun))
    return tuple(Question(worth.element, worth.text, worth.value) for worth in found)


def chosen(
    worths: Sequence[Worth], thresholds: Mapping[str, float] | None = None
) -> tuple[Worth, ...]:
    """Return the questions to ask, the most valuable first; `thresholds` other than the shipped."""
    least = thresholds or THRESHOLDS
    found = [worth for worth in worths if worth.value >= least[worth.element]]
    return tuple(sorted(found, key=lambda worth: -worth.value)[:MOST])


def worths(draft: Draft, book: Book, settings: Settings, rerun: Rerun) -> list[Worth]:
    """Return what each question that could be asked is worth, in the order of the elements.

    Where title and text name no place at all and another organisation would lead once the district
    were known, the place is worth as much as the lead unit is certain: without it nobody can be
    sent the matter. Where they name a road or an estate, the desk can tell the district from that.
    """
    model = rerun.model
    candidates = _candidates(draft, book)
    is_nowhere = PLACE in draft.elements.missing and not rerun.names_a_place(draft.document.title)
    is_local = is_nowhere and rerun.is_local(draft)
    documents = [draft.document]
    for _, _, answers in candidates:
        documents += [with_sentence(draft.document, answer.sentence) for answer in answers]
    rows = model.probabilities([model.read(document) for document in documents])
    decide = _Decider(model, settings)
    found = []
    first = 1
    for element, text, answers in candidates:
        part = slice(first, first + len(answers))
        first += len(answers)
        weights = np.array([answer.probability for answer in answers])
        gains = decide.gains(rows, part)
        value = float(weights @ gains / weights.sum())
        if element == PLACE and is_local:
            value = max(value, draft.units[0].confidence)
        found.append(Worth(element, text, value))
    return found


def _candidates(draft: Draft, book: Book) -> list[tuple[str, str, list[Answer]]]:
    """Return (element, question, possible answers) of every question that could be asked."""
    found = []
    for element in draft.elements.missing:
        if element == OBJECT:
            answers = _facts(draft, book)
            if answers:
                found.append((OBJECT, _which(draft, book), answers))
        elif element in book.values:
            values = book.values[element]
            answers = [Answer(v.sentence, _share(draft, v)) for v in values]
            found.append((element, values[0].question, answers))
    if OBJECT not in draft.elements.missing:
        answers = _facts(draft, book)
        if len(answers) > 1:
            found.append((FACT, _which(draft, book), answers))
    return found


def _facts(draft: Draft, book: Book) -> list[Answer]:
    """Return the typical facts of the likeliest topics, as likely as the topic."""
    answers = []
    for topic in draft.topics[:TOPICS]:
        typical = book.typical.get(topic.code)
        if typical is None or topic.confidence < LEAST_TOPIC:
            continue
        answers += [Answer(fact, topic.confidence / len(typical.facts)) for fact in typical.facts]
    return answers


def _which(draft: Draft, book: Book) -> str:
    """Return the question that tells the two likeliest topics, else units, apart."""
    topics = [topic.code for topic in draft.topics[:2]]
    units = [unit.code for unit in draft.units[:2]]
    for pair in (units, topics) if draft.topics[0].confidence >= CLEAR else (topics,):
        contrast = book.between(pair[0], pair[1], topics[0]) if len(pair) == 2 else None
        if contrast is not None:
            return contrast.question
    asks = [book.typical[code].ask for code in topics if code in book.typical]
    return (
        f"主要是{asks[0]}，还是{asks[1]}？" if len(asks) == 2 else "主要反映的是哪一家、哪样东西？"
    )


def _share(draft: Draft, value: Value) -> float:
    """Return an answer's share over the first-level topics that the model finds likely."""
    likely = [(topic.l1, topic.confidence) for topic in draft.topics] or [(None, 1.0)]
    total = sum(confidence for _, confidence in likely)
    return sum(confidence * value.share(l1) for l1, confidence in likely) / total


class _Decider:
    """What each answer would add, decision by decision; the largest counts."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model = model
        self._urgency = (
            UrgencyStep(model.heads["urgency"].labels, settings.urgent_thresholds)
            if "urgency" in model.heads
            else None
        )

    def gains(self, rows: Mapping[str, Array], part: slice) -> Array:
        """Return the gain of each answer, in [0, 1]; row 0 is the request as it is."""
        gains = [
            gain(rows[head], part) for head in ("topic", "lead_unit") if head in self._model.heads
        ]
        if self._urgency is not None:
            gains.append(self._urgent(rows["urgency"], part))
        if not gains:  # a model that decides none of these: no answer can change anything
            return np.zeros(part.stop - part.start, np.float32)
        found: Array = np.max(gains, axis=0)
        return found

    def _urgent(self, rows: Array, part: slice) -> Array:
        """Return, where the level changes, how far P(at least the more urgent level) moves."""
        assert self._urgency is not None
        now, _ = self._urgency.model_level(rows[0])
        sums = rows.cumsum(axis=1)
        gains = []
        for row, total in zip(rows[part], sums[part], strict=True):
            level, _ = self._urgency.model_level(row)
            index = min(level, now)
            gains.append(abs(float(total[index] - sums[0, index])) if level != now else 0.0)
        return np.array(gains, np.float32)


def gain(rows: Array, part: slice) -> Array:
    """Return what today's first label (row 0) would be short of the best one after each answer."""
    choice = best(rows[0], 1)[0]
    after = rows[part]
    short: Array = after.max(axis=1) - after[:, choice]
    return short
