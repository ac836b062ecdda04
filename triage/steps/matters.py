"""Several matters in one request: which topics, where each stands, and one dispatch for the whole.

The model's scorer (`triage.model.second_matter`) says whether there is a second one. Each matter is
then read again as if it were a request of its own, by the same steps. A request about one matter
keeps an empty list and costs about a microsecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import TopicEntry
from triage.model.clauses import Clauses
from triage.model.features import Document
from triage.model.model import Model
from triage.model.reading import Reading
from triage.model.second_matter import SecondMatter, candidate_features, candidates
from triage.request import Matter, Ranked, Topic, Urgency
from triage.steps.classify import named_topic
from triage.steps.draft import Draft, Step
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import rule_book
from triage.text.clauses import clause_starts, opens_another

THIRD = 0.5
"""Chance from which a third matter is named beside the second."""
SWITCH, SWITCH_AT_CUE = 0.15, 0.03
"""Score that the clauses after a change of topic must gain; less where a cue stands."""
MOST_SUPPORT = 3
_NUMBERS = {2: "两", 3: "三"}

Spans = tuple[tuple[int, int], ...]


class MattersStep:
    """Fill `draft.matters` and what they change of the whole: urgency, support, a person's check.

    `inner` are the steps that judge one matter as a request of its own (duty, units, support,
    urgency), in their order.
    """

    name = "matters"

    def __init__(
        self, model: Model, topics: Mapping[str, TopicEntry], inner: Sequence[Step]
    ) -> None:
        self._model = model
        self._named = [named_topic(label, topics) for label in model.heads["topic"].labels]
        self._inner = tuple(inner)
        lead = model.heads.get("lead_unit")
        links = {link.source: link.table for link in lead.final.links} if lead else {}
        self._expected = links.get("topic")

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.matters`; runs after urgency."""
        scorer, presence = self._model.second, draft.probabilities.get("topic2")
        if scorer is None or presence is None:
            return
        if scorer.worth_looking(float(presence[0]), draft.document):
            found = self._find(draft, scorer, float(presence[0]))
            if len(found) > 1:
                judged = self._judged(draft, found)
                draft.matters = tuple(no_more_urgent(matter, draft.urgency) for matter in judged)
                draft.urgency = most_urgent(draft.urgency, draft.matters)
                _dispatch(draft)

    def _find(
        self, draft: Draft, scorer: SecondMatter, presence: float
    ) -> list[tuple[int, float, Spans]]:
        """Return topic, chance and spans of each matter, the first topic first; [] for one."""
        document, row = draft.document, draft.probabilities["topic"]
        chosen = candidates(row)
        if len(chosen) < 2 or not document.text:
            return []
        starts = [clause_starts(document.title, is_title=True), clause_starts(document.text)]
        fields, bias = self._model.read_clauses(document, draft.reading, starts, chosen)
        chances = scorer.probabilities(
            candidate_features(
                document, fields, bias, chances=row[chosen],
                link=scorer.link[chosen[0], chosen[1:]], presence=presence,
            )
        )  # fmt: skip
        order = np.argsort(-chances, kind="stable")
        if chances[order[0]] < scorer.threshold:
            return []
        kept = [0, int(order[0]) + 1]
        if len(order) > 1 and chances[order[1]] >= max(THIRD, scorer.threshold):
            kept.append(int(order[1]) + 1)
        spans = place(fields[1], document.text, kept)
        sure = [float(row[chosen[0]]), *(float(chances[one - 1]) for one in kept[1:])]
        return [
            (chosen[one], chance, where)
            for one, chance, where in zip(kept, sure, spans, strict=True)
        ]

    def _judged(
        self, draft: Draft, found: Sequence[tuple[int, float, Spans]]
    ) -> tuple[Matter, ...]:
        """Judge each matter as a request of its own, its topic taken as given."""
        texts = ["".join(draft.document.text[a:b] for a, b in spans) for *_, spans in found]
        documents = [Document("", text) for text in texts]
        readings = self._model.read_all(documents)
        probabilities = self._model.probabilities(readings)
        folded = FoldedText.all_of(texts)
        matters = []
        for index, (topic, chance, spans) in enumerate(found):
            rows = {name: part[index] for name, part in probabilities.items()}
            part = self._part(draft, documents[index], readings[index], rows, topic, folded[index])
            lead = part.units[0] if part.units else None
            named = Topic(*self._named[topic], chance)
            matters.append(Matter(named, spans, part.urgency, lead, part.support))
        return tuple(matters)

    def _part(
        self,
        draft: Draft,
        document: Document,
        reading: Reading,
        rows: dict[str, NDArray[np.float32]],
        topic: int,
        folded: FoldedText,
    ) -> Draft:
        """Return the draft of one matter after the steps that judge it."""
        rows["topic"] = np.zeros_like(rows["topic"])
        rows["topic"][topic] = 1
        if self._expected is not None:
            rows["lead_unit"] = _scaled(rows["lead_unit"] * self._expected[topic])
        part = Draft(
            draft.request,
            document,
            reading,
            rows,
            rule_book().scan(document.text, folded),
            folded_already=folded,
            day=draft.as_of,
        )
        part.request_type = draft.request_type
        part.accused = draft.accused
        for step in self._inner:
            step(part)
        return part


def no_more_urgent(matter: Matter, whole: Urgency) -> Matter:
    """Return a matter whose level, where the model alone gives it, does not pass the whole's.

    On 1,417 requests eight matters passed it, and none of these requests was labelled that urgent:
    what is left of a text by itself sounds more urgent to the model than it is.
    """
    if matter.urgency.reasons or _rank(matter.urgency) >= _rank(whole):
        return matter
    return replace(matter, urgency=replace(whole, reasons=()))


def most_urgent(whole: Urgency, matters: Sequence[Matter]) -> Urgency:
    """Return the urgency of the whole, raised to that of its most urgent matter, never lowered."""
    named = [matter for matter in matters if matter.urgency.level is not None]
    first = min(named, key=lambda matter: _rank(matter.urgency), default=None)
    if first is None or _rank(whole) <= _rank(first.urgency):
        return whole
    reason = f"其中「{first.topic.name}」一事为 {first.urgency.level} 级，整件诉求从急"
    return replace(first.urgency, reasons=(*first.urgency.reasons, reason))


def _rank(urgency: Urgency) -> float:
    return float("inf") if urgency.level is None else urgency.level


def place(clauses: Clauses, text: str, topics: Sequence[int]) -> list[Spans]:
    """Give every clause to one of the topics, so that each has at least one.

    The best labelling by dynamic programming (Viterbi 1967): clauses add their score for a topic,
    a change of topic costs `SWITCH`.

    Returns
    -------
    list of spans, one entry a topic
        Offsets of the text; neighbouring clauses of one topic are one span.
    """
    gain = clauses.added[:, list(topics)].astype(np.float64)
    cost = [SWITCH_AT_CUE if opens_another(text, start) else SWITCH for start in clauses.starts]
    s, k = gain.shape
    if s < k:  # too short to cut: all of them are the whole text
        return [((0, len(text)),)] * k
    score, origin = gain[0].copy(), np.zeros((s, k), np.int64)
    for clause in range(1, s):
        change = score[:, None] - cost[clause] * (1 - np.eye(k))
        origin[clause] = change.argmax(axis=0)
        score = change.max(axis=0) + gain[clause]
    label = np.zeros(s, np.int64)
    label[-1] = int(score.argmax())
    for clause in range(s - 1, 0, -1):
        label[clause - 1] = origin[clause, label[clause]]
    _fill(label, gain)
    return [_spans(label == one, clauses.starts, text) for one in range(k)]


def _fill(label: NDArray[np.int64], gain: NDArray[np.float64]) -> None:
    """Give each topic without a clause the one that says most for it, in place."""
    for one in range(gain.shape[1]):
        if (label == one).any():
            continue
        counts = np.bincount(label, minlength=gain.shape[1])
        ahead = gain[:, one] - gain[np.arange(len(label)), label]
        ahead[counts[label] < 2] = -np.inf  # another topic's only clause stays
        label[int(ahead.argmax())] = one


def _spans(mine: NDArray[np.bool_], starts: Sequence[int], text: str) -> Spans:
    ends = [*starts[1:], len(text)]
    spans: list[tuple[int, int]] = []
    for is_mine, start, end in zip(mine.tolist(), starts, ends, strict=True):
        if not is_mine:
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _dispatch(draft: Draft) -> None:
    """Let the other matters' leads support the whole, and say that a person should send it on.

    Who leads the whole is what the whole text says: reading one matter alone, or letting the more
    urgent one lead, costs half a point of accuracy.
    """
    lead = draft.units[0].code if draft.units else None
    gone = {*draft.accused, *(draft.duty.excluded if draft.duty else ())}
    others = [
        Ranked(matter.lead.code, matter.lead.confidence)
        for matter in draft.matters
        if matter.lead is not None and matter.lead.code not in gone
    ]
    union = {one.code: one for one in (*draft.support, *others) if one.code != lead}
    leads = [one.code for one in others]
    ordered = sorted(union.values(), key=lambda one: one.code not in leads)
    draft.support = tuple(ordered[:MOST_SUPPORT])
    topics = "、".join(f"「{matter.topic.name}」" for matter in draft.matters)
    draft.abstain_reasons += (
        f"一件诉求含{_NUMBERS[len(draft.matters)]}件事：{topics}，请核对后分别派单",
    )


def _scaled(row: NDArray[np.float32]) -> NDArray[np.float32]:
    total = float(row.sum())
    return row / np.float32(total) if total > 0 else row
