"""What a worker opens at its start is made once, and what it seldom needs not before."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from triage.catalogue import Catalogue
from triage.catalogue.folder import shipped_folder
from triage.desk.opening import OfficeFiles, RulesAlone, load_city
from triage.errors import TriageError
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Prediction


def test_the_model_and_the_desk_share_one_catalogue(tmp_path: Path, tiny_model: Path) -> None:
    own = shutil.copytree(shipped_folder(), tmp_path / "city")
    for folder in (None, own):
        pipeline = Pipeline.from_model(tiny_model, catalogue_dir=folder)
        assert load_city(OfficeFiles(folder)).catalogue is pipeline.catalogue


def test_changed_lists_are_read_anew(tmp_path: Path) -> None:
    own = shutil.copytree(shipped_folder(), tmp_path / "city")
    before = Catalogue.load(own)
    identity = own / "catalogue.toml"
    identity.write_text(identity.read_text("utf-8") + "\n# 修订\n", "utf-8")
    after = Catalogue.load(own)
    assert after is not before
    assert after.digest != before.digest


def test_the_rules_alone_are_put_together_when_they_are_first_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Pipeline] = []
    triage = Pipeline.triage

    def noted(self: Pipeline, requests: Sequence[CitizenRequest]) -> list[Prediction]:
        made.append(self)
        return triage(self, requests)

    monkeypatch.setattr(Pipeline, "triage", noted)
    rules = load_city(OfficeFiles()).rules
    assert isinstance(rules, RulesAlone)
    assert "_pipeline" not in vars(rules)
    for _ in range(2):
        (said,) = rules([CitizenRequest("1", "煤气泄漏，一家人昏倒了")])
    assert said.urgency.level == 0
    assert len(set(map(id, made))) == 1


def test_settings_that_cannot_be_used_are_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "steps.toml").write_text("nonsense = [", "utf-8")
    with pytest.raises(TriageError):
        load_city(OfficeFiles(settings=tmp_path / "steps.toml"))
