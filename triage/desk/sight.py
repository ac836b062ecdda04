"""How texts are seen when orders are compared: the encoder that prints them, the judge of pairs.

One version stands for both: the index's snapshots are filed under it, so a new encoder's index is
built beside the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from triage.errors import ArtifactError
from triage.index.found import Printed
from triage.index.pairs import pairs_of
from triage.model.artifact import read_manifest
from triage.model.encoder import Encoder
from triage.model.registry import current_folder
from triage.same_event.closely import Closely
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judge, Judgement
from triage.same_event.model import FOLDER, SameEventModel
from triage.same_event.pair_features import Prepared
from triage.store.index_feed import Told
from triage.workorder.order import WorkOrder


class Packer(Protocol):
    """A judge that need not prepare every candidate: it reads what it once packed of it."""

    @property
    def layout(self) -> str:
        """Which records it can read: letters, digits, dots and hyphens."""

    def forget(self) -> None:
        """Let go of the entries that are kept in memory."""

    def prepare_once(self, entry: Entry) -> Prepared:
        """Return an entry as it is compared; nothing is kept."""

    def pack(self, entry: Entry) -> bytes:
        """Return what to keep of an entry."""

    def best(
        self,
        query: Prepared,
        candidates: Sequence[Entry],
        packed: Sequence[bytes | None],
        most: int,
        reads: int = 0,
    ) -> list[tuple[int, Judgement]]:
        """Return the places of the likeliest candidates, best first, judged as `judge` does.

        So many of them as `reads` says may be judged better, which takes longer.
        """


@dataclass(frozen=True, slots=True)
class Sight:
    """`version` names the encoder: letters, digits, dots and hyphens; `dimensions` of vectors.

    `packer` is the judge where it can read what it packed; `closely` the one that takes its time.
    """

    version: str
    dimensions: int
    encoder: Encoder
    judge: Judge
    packer: Packer | None = None
    closely: Judge | None = None

    def forget(self) -> None:
        """Let the judge keep no words in memory: some were taken away for good."""
        if self.packer is not None:
            self.packer.forget()

    def printed(self, told: Sequence[Told]) -> Printed:
        """Return what the index keeps of orders."""
        return self.prints([Entry(one.order_id, one.title, one.text) for one in told])

    def prints(self, entries: Sequence[Entry]) -> Printed:
        """Return what the index keeps of entries, or searches for."""
        return Printed(
            tuple(entry.id for entry in entries),
            self.encoder.encode([entry.text for entry in entries]),
            tuple(pairs_of(f"{entry.title}\n{entry.detail}") for entry in entries),
        )


def entry_of(order: WorkOrder) -> Entry:
    """Return what the judge reads of an order."""
    return Entry(
        order.id,
        order.title,
        order.text,
        order.received_at,
        order.requester,
        order.district,
        order.topic,
    )


def load_sight(models_dir: Path) -> Sight:
    """Load the published same-event model.

    Raises
    ------
    ArtifactError
        There is none below `models_dir`, or it is damaged.
    MissingExtraError
        Its encoder is an exported one, and onnxruntime or tokenizers is not installed.
    """
    folder = current_folder(models_dir / FOLDER)
    said = read_manifest(folder).get("encoder")
    if not isinstance(said, dict):
        raise ArtifactError(f"同一事件模型 {folder} 的清单没有写编码器：请重新训练或发布")
    model = SameEventModel.open(folder)
    return Sight(
        str(said.get("version")), model.dimensions, model.encoder, model, model, Closely(model)
    )
