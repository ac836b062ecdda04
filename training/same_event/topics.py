"""Give messages a topic, by a model that read none of them.

The published classifier was fitted on many of these messages, so that its topics would be better
here than those of a new request; a linear SVM on the others is about as good as it is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.svm import LinearSVC

from training.same_event.texts import Told
from triage.same_event.entry import Entry

READ = 500
"""Characters of the detail, as in the plain baseline of ../shared/data/README.md."""
FOLDS = 4


def topics_of(pool: Mapping[str, Entry], texts: Sequence[Told]) -> dict[str, str]:
    """Return the topic of each message of the pool by id."""
    known = [one for one in texts if one.topic]
    vectoriser = _vectoriser()
    features = vectoriser.fit_transform([_read_told(one) for one in known])
    model = _model().fit(features, [one.topic for one in known])
    entries = list(pool.values())
    guesses = model.predict(vectoriser.transform([_read(e.title, e.detail) for e in entries]))
    return {entry.id: str(guess) for entry, guess in zip(entries, guesses, strict=True)}


def held_out_topics(messages: Mapping[str, Told], groups: Mapping[str, str]) -> dict[str, str]:
    """Return the topic of each message by id; a labelled one's by a model without its group."""
    known = [one for one in messages if messages[one].topic]
    truth = [messages[one].topic for one in known]
    vectoriser = _vectoriser()
    features = vectoriser.fit_transform([_read_told(messages[one]) for one in known])
    named = [groups[one] for one in known]
    guesses = cross_val_predict(_model(), features, truth, groups=named, cv=GroupKFold(FOLDS))
    found = {one: str(guess) for one, guess in zip(known, guesses, strict=True)}
    rest = [one for one in messages if one not in found]
    if rest:
        read = vectoriser.transform([_read_told(messages[one]) for one in rest])
        others = _model().fit(features, truth).predict(read)
        found |= {one: str(guess) for one, guess in zip(rest, others, strict=True)}
    return found


def _vectoriser() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2)


def _model() -> LinearSVC:
    return LinearSVC(C=0.3, random_state=0)


def _read_told(one: Told) -> str:
    return _read(one.title, one.detail)


def _read(title: str, detail: str) -> str:
    return f"{title} {title} {detail[:READ]}"
