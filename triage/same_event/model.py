"""The same-event model: a folder of the registry `models/same_event`, opened as encoder and judge.

`judge` prepares what it has not seen lately and keeps it, so that candidates asked again cost only
their comparison. Asked `closely`, a model with a cross-encoder also reads the pairs that its trees
leave open: some 20 ms each. Where candidates come from is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.errors import ArtifactError
from triage.model.artifact import read_artifact
from triage.model.encoder import Encoder, Floats
from triage.model.registry import current_folder
from triage.same_event.cross_encoder import CrossEncoder
from triage.same_event.decision import Decision, label_of
from triage.same_event.encoders import EventEncoder, open_encoder
from triage.same_event.entry import Entry
from triage.same_event.grounds import grounds
from triage.same_event.judgement import Judgement
from triage.same_event.packed import SCHEMA, Reading, pack
from triage.same_event.pair_features import (
    NAMES,
    Prepared,
    Preparer,
    are_copies,
    pair_features,
)
from triage.same_event.profile import grams
from triage.same_event.second import SECOND_NAMES, SecondEncoder
from triage.same_event.statistics import Rarity
from triage.text.elements import ElementExtractor

FOLDER = "same_event"
"""Name of the registry below the folder of models."""
RARITY = "rarity"
SECOND = "second_encoder"
"""What a manifest calls the encoder beside `encoder`; most have none."""
CROSS = "cross_encoder"
"""What a manifest calls the cross-encoder, where the model has one."""
KEPT = 20_000
"""Prepared entries that are kept; an estimate of 20 KB each at 300 characters, not measured."""


class SameEventModel:
    """Encoder and judge of one version; safe to call from threads."""

    def __init__(
        self,
        version: str,
        encoder: EventEncoder,
        rarity: Rarity,
        decision: Decision,
        extractor: ElementExtractor | None,
        second: SecondEncoder | None = None,
        cross: CrossEncoder | None = None,
    ) -> None:
        self.version = version
        self.encoder: Encoder = encoder
        self.dimensions = encoder.dimensions
        self.rarity = rarity
        self.decision = decision
        self.second = second
        self.cross = cross
        self._preparer = Preparer(rarity, encoder, extractor)
        self.prepare = lru_cache(KEPT)(self._preparer.prepare)

    @classmethod
    def load(cls, models_dir: Path, *, catalogue: Catalogue | None = None) -> SameEventModel:
        """Load the current version below `models_dir`; see `open`."""
        return cls.open(current_folder(models_dir / FOLDER), catalogue=catalogue)

    @classmethod
    def open(cls, folder: Path, *, catalogue: Catalogue | None = None) -> SameEventModel:
        """Open a folder after checking the sha256 of its files.

        Raises
        ------
        ArtifactError
            A file is missing or changed, or it was fitted for other features.
        MissingExtraError
            Its encoder is an exported one, and onnxruntime or tokenizers is not installed.
        """
        artifact = read_artifact(folder)
        said = artifact.manifest.get(SECOND)
        if artifact.labels.get("features") != [*NAMES, *(SECOND_NAMES if said else ())]:
            raise ArtifactError(
                f"同一事件模型 {folder} 是为另一版特征训练的：请重新训练，或回滚程序"
            )
        encoder = open_encoder(folder, artifact.manifest.get("encoder"), artifact.tensors)
        try:
            rarity = Rarity(cast("NDArray[np.uint8]", artifact.tensors[RARITY]))
            decision = Decision.read(artifact.tensors)
        except (KeyError, ValueError) as error:
            raise ArtifactError(
                f"同一事件模型 {folder} 的张量缺失或不合（{error}）：请重新训练或发布"
            ) from error
        extractor = ElementExtractor((catalogue or Catalogue.load()).place_names())
        second = None
        if said:
            second = SecondEncoder(open_encoder(folder, said, artifact.tensors).encoder)
        cross = CrossEncoder.load(folder) if artifact.manifest.get(CROSS) else None
        if (cross is None) != (decision.closer is None):
            raise ArtifactError(f"同一事件模型 {folder} 的交叉编码器与判断不配套：请重新发布或回滚")
        return cls(artifact.version, encoder.encoder, rarity, decision, extractor, second, cross)

    @property
    def layout(self) -> str:
        """Which records `best` can read: those of another model, or another layout, it cannot."""
        return f"{self.version}-{SCHEMA}"

    def judge(
        self, query: Entry, candidates: Sequence[Entry], *, closely: bool = False
    ) -> list[Judgement]:
        """Return one judgement a candidate, in order; [] for none."""
        prepared = [self.prepare(one) for one in candidates]
        return self.judge_prepared(self.prepare(query), prepared, closely=closely)

    def judge_prepared(
        self, query: Prepared, candidates: Sequence[Prepared], *, closely: bool = False
    ) -> list[Judgement]:
        """Judge what is prepared already; the same as `judge`."""
        found = self.probabilities(query, candidates, closely=closely).tolist()
        return [
            _judgement(query, other, same, related)
            for other, (same, related) in zip(candidates, found, strict=True)
        ]

    def forget(self) -> None:
        """Let go of the entries that are kept: words of some were taken away."""
        self.prepare.cache_clear()
        if self.second is not None:
            self.second.forget()

    def prepare_once(self, entry: Entry) -> Prepared:
        """Return an entry as it is compared; unlike `prepare`, nothing is kept."""
        return self._preparer.prepare(entry)

    def pack(self, entry: Entry) -> bytes:
        """Return what `best` can do with instead of preparing an entry; b"" for one too long."""
        found = grams(entry)
        return pack(found, self._preparer.prepare(entry, found))

    def best(
        self,
        query: Prepared,
        candidates: Sequence[Entry],
        packed: Sequence[bytes | None],
        most: int,
        reads: int = 0,
    ) -> list[tuple[int, Judgement]]:
        """Return the places of the candidates likeliest to be one event, best first, judged.

        The same verdicts as `judge`; grounds are sought for those alone that are returned.

        Parameters
        ----------
        packed : what `pack` made of each candidate, None where nothing is kept of it
        reads : how many of the likeliest may be judged closely
        """
        read = Reading(candidates, packed, self.rarity)
        prepared = dict(zip(read.places, read.bare(), strict=True))
        features = np.empty((len(candidates), len(NAMES)), np.float32)
        features[read.places] = pair_features(query, list(prepared.values()), read.stack)
        unread = [place for place in range(len(candidates)) if place not in prepared]
        prepare = self.prepare_once if reads else self.prepare  # read beside a purge: keep nothing
        prepared |= {place: prepare(candidates[place]) for place in unread}
        features[unread] = pair_features(query, [prepared[place] for place in unread])
        if self.second is not None:
            features = np.hstack([features, self.second.cosines(query.entry, candidates)])
        odds = self.decision.log_odds(features)
        sure = self.decision.scaled(odds)
        if reads:
            first = np.argsort(-odds[:, 0], kind="stable")[:reads]
            others = [candidates[place] for place in first.tolist()]
            rows = features[first], odds[first], sure[first]
            sure[first] = self._closely(query.entry, others, *rows)
        found = sure.tolist()
        likely = sorted(range(len(found)), key=lambda place: -round(found[place][0], 4))[:most]
        return [(place, _judgement(query, prepared[place], *found[place])) for place in likely]

    def probabilities(
        self, query: Prepared, candidates: Sequence[Prepared], *, closely: bool = False
    ) -> NDArray[np.float32]:
        """Return float32 (n, 2): P(SAME_EVENT), P(at least RELATED)."""
        features = pair_features(query, candidates)
        entries = [one.entry for one in candidates]
        if self.second is not None:
            features = np.hstack([features, self.second.cosines(query.entry, entries)])
        odds = self.decision.log_odds(features)
        sure = self.decision.scaled(odds)
        return self._closely(query.entry, entries, features, odds, sure) if closely else sure

    def _closely(
        self, query: Entry, others: Sequence[Entry], features: Floats, odds: Floats, sure: Floats
    ) -> NDArray[np.float32]:
        """Read the pairs that the trees leave open; the others keep what they have in `sure`."""
        closer, found = self.decision.closer, sure.copy()
        if self.cross is None or closer is None:
            return found
        open_ = np.flatnonzero((sure[:, 0] >= closer.asked_from) & ~are_copies(features))
        read = self.cross.log_odds(query, [others[place] for place in open_.tolist()])
        found[open_] = closer.probabilities(odds[open_], read)
        return found


def _judgement(query: Prepared, other: Prepared, same: float, related: float) -> Judgement:
    return Judgement(label_of(same, related), round(same, 4), *grounds(query, other, same))
