"""A published model in memory: documents in, calibrated probabilities of every decision out.

Knows heads and labels, not what a label means: names, boards and rules are the steps' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtifactError
from triage.model.artifact import Artifact, read_artifact
from triage.model.calibration import Calibration, Link, ordinal, sigmoid, softmax
from triage.model.clauses import Clauses, read_clauses
from triage.model.consistency import (
    MULTICLASS,
    ORDINAL,
    check_dense,
    check_fields,
    check_heads,
    check_table,
)
from triage.model.encoder import CONFIG, Encoder, OnnxEncoder, text_of
from triage.model.features import Document, Field
from triage.model.fused import FusedCalibration
from triage.model.judges import Judges
from triage.model.linear import LinearModel
from triage.model.reading import Reading
from triage.model.second_matter import SecondMatter

Array = NDArray[np.float32]
Measure = Callable[[Mapping[str, Array]], Array]
NUDGE = np.float32(0.05)
"""Raw score; a twentieth of a margin: small against a calibration's bends, large in float32."""
MOST_ODDS = 30.0
"""Log odds beyond which even float64 probabilities no longer tell one from the next."""


@dataclass(frozen=True, slots=True)
class Head:
    """One decision: its labels, its columns of the weight table, how scores become probabilities.

    `first` is the calibration without links, which other heads' links read (multiclass only).
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    columns: slice
    final: Calibration
    first: Calibration | None


@dataclass(frozen=True, slots=True)
class DenseBlock:
    """A second block of features: an encoder's vectors, weighed by `weights` float32 (d, K)."""

    encoder: Encoder
    weights: Array

    def read(self, document: Document, reading: Reading) -> Reading:
        """Return the reading with the document's vector in it."""
        return replace(reading, vector=self.encoder.encode([text_of(document)])[0])

    def scores(self, readings: Sequence[Reading]) -> Array:
        """Return what the vectors add to the scores, float32 (n, K)."""
        d = len(self.weights)
        vectors = np.array([reading.vector for reading in readings], np.float32).reshape(-1, d)
        added: Array = vectors @ self.weights
        return added


class Model:
    """A linear model with calibrated heads, over n-grams alone or with an encoder beside them."""

    def __init__(
        self,
        version: str,
        linear: LinearModel,
        heads: Sequence[Head],
        dense: DenseBlock | None = None,
        judges: Judges | None = None,
        least_known: float = 0.0,
        second: SecondMatter | None = None,
    ) -> None:
        self.version = version
        self.second = second
        self.judges = judges
        self.least_known = least_known
        self._dense = dense
        self.heads = {head.name: head for head in heads}
        self._linear = linear
        self._calibration = FusedCalibration(
            {head.name: head.columns for head in heads},
            {head.name: head.final for head in heads},
            {head.name: head.first for head in heads if head.first is not None},
        )

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Load a model folder.

        Raises
        ------
        ArtifactError
            Missing, damaged, of another schema, or inconsistent in itself.
        MissingExtraError
            It holds an encoder, and the installation lacks onnxruntime or tokenizers.
        """
        artifact = read_artifact(folder)
        try:
            return _assemble(artifact)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise ArtifactError(
                f"模型 {folder} 的内容前后不一致（{type(error).__name__}）：请重新发布模型"
            ) from error

    def read(self, document: Document) -> Reading:
        """Hash (and encode) one document; scored and explained from the same reading."""
        return self.read_all([document])[0]

    def read_all(self, documents: Sequence[Document]) -> list[Reading]:
        """Hash (and encode) documents: as `read` does each, for far less a document."""
        readings = self._linear.read_all(documents)
        if self._dense is None:
            return readings
        return [self._dense.read(*pair) for pair in zip(documents, readings, strict=True)]

    def read_clauses(
        self,
        document: Document,
        reading: Reading,
        starts: Sequence[Sequence[int]],
        topics: Sequence[int],
    ) -> tuple[list[Clauses], Array]:
        """Return each field's clauses, scored for some topics, and these topics' bias (k,).

        An encoder's share is not among the scores: its vector belongs to the whole text.
        """
        first = self.heads["topic"].columns.start
        columns = [first + topic for topic in topics]
        clauses = read_clauses(self._linear, document, reading, starts, columns)
        return clauses, self._linear.bias_of(columns)

    def probabilities(self, readings: Sequence[Reading]) -> dict[str, Array]:
        """Return the probabilities of every head, the first labels' as far as they can be trusted.

        Returns
        -------
        dict name → float32 (n, labels)
            Rows sum to 1 for multiclass and ordinal heads, free for multilabel ones. Where topics
            have first levels, `TOPIC_L1` holds theirs, (n, groups).
        """
        probabilities = self.calibrate(self.scores(readings))
        if self.judges is not None:
            self.judges.settle(probabilities, readings)
        return probabilities

    def known_share(self, reading: Reading) -> float:
        """Return the share of the text's n-grams that training requests held, in [0, 1].

        Below `least_known` a request is unlike them; 1 for a text without n-grams.
        """
        return self._linear.known_share(reading, "text")

    def scores(self, readings: Sequence[Reading]) -> Array:
        """Return raw scores of all columns, float32 (n, K), of n-grams and vectors together."""
        scores = self._linear.scores(readings)
        if self._dense is not None:
            scores += self._dense.scores(readings)
        return scores

    def calibrate(self, scores: Array) -> dict[str, Array]:
        """Turn raw scores (n, K) of all columns into probabilities by head."""
        softmax_of_head, of_column = self._calibration.probabilities(scores)
        found = {}
        for name, head in self.heads.items():
            rows = softmax_of_head if head.kind == MULTICLASS else of_column
            own = rows[:, head.columns]
            found[name] = ordinal(own) if head.kind == ORDINAL else own
        return found

    def character_weights(
        self, document: Document, reading: Reading, head: str, label: str
    ) -> Array:
        """Return what each character of the text added to a label's score, float32 (len(text),).

        Not for ordinal heads, whose columns are thresholds. An encoder's share is not among it:
        its vector belongs to the whole text.
        """
        owner = self.heads[head]
        column = owner.columns.start + owner.labels.index(label)
        return self._linear.character_weights(document, reading, "text", column)

    def log_odds_weights(
        self, document: Document, reading: Reading, measure: Measure
    ) -> dict[str, Array]:
        """Return what each character added to the log odds of D probabilities, to first order.

        The calibration is followed through by nudging every column's score a little, so that what
        one head says of another counts too.

        Parameters
        ----------
        measure : probabilities of every head (n, labels) → the D probabilities asked about (n, D)

        Returns
        -------
        dict field → float32 (D, len(field's text))
        """
        scores = self.scores([reading]).astype(np.float64)  # a sure head still has a slope
        steps = NUDGE * np.eye(scores.shape[1])
        nudged = np.concatenate([scores, scores + steps])
        odds = log_odds(measure(self.calibrate(nudged)))
        return self._linear.mixed_weights(document, reading, (odds[1:] - odds[0]) / NUDGE)


def log_odds(probabilities: Array) -> Array:
    """Return log(p / (1 - p)) of probabilities in [0, 1], kept within ±`MOST_ODDS`."""
    least = 1 / (1 + np.exp(MOST_ODDS))
    clipped = np.clip(probabilities.astype(np.float64), least, 1 - least)
    odds: Array = np.log(clipped / (1 - clipped)).astype(np.float32)
    return odds


def activate(kind: str, logits: Array) -> Array:
    """Turn the logits of a head of this kind into probabilities."""
    if kind == MULTICLASS:
        return softmax(logits)
    return ordinal(sigmoid(logits)) if kind == ORDINAL else sigmoid(logits)


def _assemble(artifact: Artifact) -> Model:
    tensors = cast(dict[str, Array], artifact.tensors)
    description = cast(dict[str, list[dict[str, object]]], artifact.labels)
    fields = [
        Field(str(row["name"]), tuple(cast(list[int], row["orders"])))
        for row in description["fields"]
    ]
    heads = [_head(row, tensors) for row in description["heads"]]
    check_fields(fields)
    check_heads(heads, columns=len(tensors["bias"]))
    check_table(artifact.tensors, fields=len(fields))
    linear = LinearModel(
        fields,
        bucket=tensors["bucket"].astype(np.int32),
        field_start=tensors["field_start"].astype(np.int32),
        idf=tensors["idf"],
        slot=tensors["slot"].astype(np.int32),
        table=cast(NDArray[np.int8], tensors["table"]),
        scale=tensors["scale"],
        bias=tensors["bias"],
    )
    least_known = float(tensors["least_known"][0])
    judges = Judges.of(tensors, description.get("judges"), {head.name: head for head in heads})
    topics = next((len(head.labels) for head in heads if head.name == "topic"), 0)
    second = SecondMatter.of(tensors, topics=topics)
    return Model(
        artifact.version, linear, heads, _dense_block(artifact), judges, least_known, second
    )


def _dense_block(artifact: Artifact) -> DenseBlock | None:
    if "dense" not in artifact.tensors:
        return None
    files = cast(dict[str, str], artifact.manifest["files"])
    if CONFIG not in files:  # the manifest vouches for it, and it vouches for graph and tokenizer
        raise KeyError(CONFIG)
    encoder = OnnxEncoder.load(artifact.folder)
    check_dense(artifact.tensors, dimensions=encoder.dimensions)
    return DenseBlock(encoder, cast(Array, artifact.tensors["dense"]))


def _head(row: dict[str, object], tensors: dict[str, Array]) -> Head:
    name, kind = str(row["name"]), str(row["kind"])
    start, stop = cast(list[int], row["columns"])
    sources = cast(list[str], row["links"])
    return Head(
        name,
        kind,
        tuple(cast(list[str], row["labels"])),
        slice(start, stop),
        Calibration(
            tensors[f"{name}.weights"],
            tensors[f"{name}.offset"],
            tuple(Link(source, tensors[f"{name}.link.{source}"]) for source in sources),
        ),
        Calibration(tensors[f"{name}.first.weights"], tensors[f"{name}.first.offset"])
        if kind == MULTICLASS
        else None,
    )
