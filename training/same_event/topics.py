"""Give the pool's messages a topic, by a model that read none of them.

The published classifier was fitted on many of these messages, so that its topics would be better
here than those of a new request; a linear SVM on the others is about as good as it is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from training.same_event.texts import Told
from triage.same_event.entry import Entry

READ = 500
"""Characters of the detail, as in the plain baseline of ../shared/data/README.md."""


def topics_of(pool: Mapping[str, Entry], texts: Sequence[Told]) -> dict[str, str]:
    """Return the topic of each message of the pool by id."""
    known = [one for one in texts if one.topic]
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    features = vectoriser.fit_transform([_read(one.title, one.detail) for one in known])
    model = LinearSVC(C=0.3, random_state=0).fit(features, [one.topic for one in known])
    entries = list(pool.values())
    guesses = model.predict(vectoriser.transform([_read(e.title, e.detail) for e in entries]))
    return {entry.id: str(guess) for entry, guess in zip(entries, guesses, strict=True)}


def _read(title: str, detail: str) -> str:
    return f"{title} {title} {detail[:READ]}"
