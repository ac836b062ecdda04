"""Fit the weights by which `triage.text.objects` ranks what a request is about.

Two kinds of evidence: labelled object spans, and for each word how often it stands in the title of
a request whose text has it, and how much it tells of the topic. Logistic regression; all that
depends on the word alone is added up into one weight a word, so that running it is a look-up.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from triage.text.element_words import BLOCKED, ElementWords, Hits
from triage.text.object_model import Candidate, situation_names
from triage.text.objects import Span

LETTER_CHARS = 600
"""Characters of a letter that are counted: what it is about stands early."""
TITLE_RATE = 0.15
"""A word's rate of being in the title before anything is known of it (all letters: 0.19)."""
C = 0.3
"""Inverse regularisation, chosen by five-fold cross-validation on the labelled requests."""
HALF = 0.5
"""Overlap from which a candidate counts as a marked object."""
LEAST = -2.0
"""Log-odds below which no context makes a word an object: it is kept only to be skipped."""
RARE = 4
"""Context values seen less often get no weight of their own."""


@dataclass(frozen=True, slots=True)
class Request:
    """A titled request with its topic, for the statistics of words."""

    title: str
    text: str
    topic: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its candidates and the spans that annotators marked as objects."""

    text: str
    candidates: tuple[Candidate, ...]
    objects: tuple[Span, ...]
    weight: float = 1.0

    def truth(self) -> list[bool]:
        """Say of each candidate whether it covers half of an object, and the object half of it."""
        return [
            any(overlap((one.start, one.end), span) >= HALF for span in self.objects)
            for one in self.candidates
        ]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by word and by (group, value) of the context; log-odds."""

    words: dict[str, float]
    context: dict[tuple[str, str], float]


def overlap(one: Span, other: Span) -> float:
    """Return the characters shared over the characters of both together, in [0, 1]."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def fit(examples: Sequence[Example], requests: Iterable[Request], words: dict[str, str]) -> Fitted:
    """Fit on `examples`; `words` is word → source for every word that shall have a weight."""
    statistics = WordStatistics(requests, words)
    rows, truth, weights = [], [], []
    common = _common(examples)
    for example in examples:
        for one, right in zip(example.candidates, example.truth(), strict=True):
            rows.append(_features(one, example.text, statistics.of, common))
            truth.append(right)
            weights.append(example.weight)
    vectorizer = DictVectorizer()
    model = LogisticRegression(C=C, max_iter=3000)
    model.fit(vectorizer.fit_transform(rows), truth, sample_weight=weights)
    learnt = dict(zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True))
    return _collapse(learnt, float(model.intercept_[0]), statistics, words)


class WordStatistics:
    """Of each word: title rate in letters and in calls, topical information, how it is built."""

    def __init__(self, requests: Iterable[Request], words: dict[str, str]) -> None:
        self._words = words
        self._topics: dict[str, Counter[str]] = defaultdict(Counter)
        self._seen: Counter[tuple[str, bool]] = Counter()
        self._titled: Counter[tuple[str, bool]] = Counter()
        self._all: Counter[str] = Counter()
        scanner = ElementWords({}, dict.fromkeys(words, 0.0), {})
        for request in requests:
            self._count(request, scanner)

    def _count(self, request: Request, scanner: ElementWords) -> None:
        step = 2 if request.spoken else 1
        text = request.text[:LETTER_CHARS]
        self._all[request.topic] += step
        found = _words_of(text, scanner.scan(text))
        for word in found | _words_of(request.title, scanner.scan(request.title)):
            self._topics[word][request.topic] += step
        for word in found if request.title else ():
            self._seen[word, request.spoken] += 1
            self._titled[word, request.spoken] += word in request.title

    def of(self, word: str) -> dict[str, float]:
        """Return the features that depend on the word alone."""
        letters = self._rate(word, letters=1, calls=0, prior=5)
        calls = self._rate(word, letters=0, calls=1, prior=3)
        information = self._information(word)
        seen = sum(self._topics[word].values()) if word in self._topics else 0
        return {
            "letters": letters,
            "calls": calls,
            "both": self._rate(word, letters=1, calls=3, prior=5),
            "information": information,
            "telling": information if information > 1 else 0.0,
            "frequency": math.log1p(seen) / 5,
            "unseen": float(not seen),
            "hand": float(self._words.get(word) == "hand"),
            f"last={word[-1]}": 1.0,
            f"length={min(len(word), 5)}": 1.0,
        }

    def _rate(self, word: str, *, letters: int, calls: int, prior: float) -> float:
        """Return the log-odds of standing in the title, shrunk towards TITLE_RATE."""
        titled = letters * self._titled[word, False] + calls * self._titled[word, True]
        seen = letters * self._seen[word, False] + calls * self._seen[word, True]
        rate = (titled + TITLE_RATE * prior) / (seen + prior)
        rate = min(max(rate, 0.005), 0.95)
        return math.log(rate / (1 - rate))

    def _information(self, word: str) -> float:
        """Return the divergence of the topics of texts with the word from all texts', in nats."""
        counts = self._topics.get(word)
        if not counts:
            return 0.0
        total, shrink = sum(counts.values()), 8.0
        everything = sum(self._all.values())
        value, rest = 0.0, 1.0
        for topic, count in counts.items():
            base = self._all[topic] / everything
            share = (count + shrink * base) / (total + shrink)
            value += share * math.log(share / base)
            rest -= base
        unseen = shrink / (total + shrink)
        return value + unseen * max(rest, 0.0) * math.log(unseen)


def _words_of(text: str, hits: Hits) -> set[str]:
    return {text[start:end] for start, end, _ in hits.objects}


def key_of(one: Candidate, text: str) -> str:
    """Return the lexicon word whose weight the candidate carries."""
    word = text[one.head : one.end]
    return word[-1] if one.opened else word


def _features(
    one: Candidate,
    text: str,
    of_word: Callable[[str], dict[str, float]],
    common: set[tuple[str, str]],
) -> dict[str, float]:
    key = key_of(one, text)
    features = {f"word {name}": value for name, value in of_word(key).items()}
    features[f"word ={key}"] = 1.0
    for group, value in _context(one):
        if group == "situation" or (group, value) in common:
            features[f"{group} {value}"] = 1.0
    return features


def _context(one: Candidate) -> list[tuple[str, str]]:
    situation = [("situation", name) for name in situation_names(one.situation)]
    return [("left", one.left), ("right", one.right), ("after", one.after), *situation]


def _common(examples: Sequence[Example]) -> set[tuple[str, str]]:
    counts = Counter(
        pair for example in examples for one in example.candidates for pair in _context(one)
    )
    return {pair for pair, count in counts.items() if count >= RARE}


def _collapse(
    learnt: dict[str, float], bias: float, statistics: WordStatistics, words: dict[str, str]
) -> Fitted:
    weights: dict[str, float] = {}
    for word, source in words.items():
        if source == "blocked":
            weights[word] = BLOCKED
            continue
        own = learnt.get(f"word ={word}", 0.0)
        parts = statistics.of(word).items()
        weight = own + sum(learnt.get(f"word {name}", 0.0) * v for name, v in parts)
        weights[word] = weight if weight > LEAST or source != "jieba" else BLOCKED
    context = {
        (group, value): weight
        for name, weight in learnt.items()
        for group, _, value in [name.partition(" ")]
        if group != "word"
    }
    context["situation", "bias"] = bias
    return Fitted(weights, context)
