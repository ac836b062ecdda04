"""An engine without weights, for trying the service: fixed answers, its version from current.json.

Runs only by `triage serve --debug-engine`. It keeps HTTP tests free of a trained model, and a
broken `current.json` is refused as a broken model would be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ArtifactError
from triage.explain import Explanation
from triage.request import (
    CitizenRequest,
    Evidence,
    Json,
    Prediction,
    Ranked,
    Topic,
    Unit,
    Urgency,
    Versions,
)


class DebugLists:
    """Code lists with nothing in them."""

    def to_json(self) -> dict[str, Json]:
        """Return the least that a catalogue is."""
        return {
            "id": "debug",
            "version": "debug",
            "title": "调试用空代码表",
            "effective": "2026-01-01",
        }


@dataclass(frozen=True, slots=True)
class DebugPipeline:
    """Answers every request the same way."""

    versions: Versions
    catalogue: DebugLists

    @classmethod
    def load(cls, models_dir: Path) -> DebugPipeline:
        """Read the version that `current.json` names.

        Raises
        ------
        ArtifactError
            Where the file is missing or broken.
        """
        try:
            version = json.loads((models_dir / "current.json").read_bytes())["version"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(f"{models_dir}/current.json 不可用；请先发布模型") from error
        return cls(Versions(str(version), catalogue="debug", rules="debug"), DebugLists())

    def triage(self, requests: Sequence[CitizenRequest]) -> list[Prediction]:
        """Return a prediction of every kind of field."""
        return [self._one(request) for request in requests]

    def explain(self, request: CitizenRequest) -> Explanation:
        """Return an explanation with nothing in it."""
        return Explanation(request.id, self.versions, request.title, request.text)

    def _one(self, request: CitizenRequest) -> Prediction:
        return Prediction(
            id=request.id,
            versions=self.versions,
            masked_text=request.text,
            request_type=Ranked("HELP", 0.9),
            topics=(Topic("SR03", "餐饮油烟", "市容环卫", "生态景观", 0.8),),
            urgency=Urgency(3, 0.7),
            units=(Unit("URBAN_MGMT", "城市管理（含综合执法）", 0.8),),
            evidence=(Evidence("topic", 0, 1, request.text[:1], 1.0),),
        )
