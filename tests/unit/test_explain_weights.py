"""What characters add to log odds: by hand, and against the weights of single columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.model.features import Document
from triage.model.model import Model, log_odds

DOCUMENT = Document("", "楼下油烟很大，工地施工")


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return Model.load(tiny_model)


def test_log_odds_are_kept_within_bounds() -> None:
    found = log_odds(np.array([0.5, 0.75, 0.0, 1.0], np.float32))
    # log(0.75 / 0.25) = log 3 = 1.0986
    assert found.tolist() == pytest.approx([0, 1.0986, -30, 30], abs=1e-3)


def test_an_independent_label_moves_with_its_own_column_only(model: Model) -> None:
    # support ECOLOGY knows 油烟; its log odds are 2 times its score, so its characters weigh double
    head = model.heads["support_units"]
    column = head.labels.index("ECOLOGY")
    reading = model.read(DOCUMENT)
    weights = model.log_odds_weights(
        DOCUMENT, reading, lambda rows: rows["support_units"][:, column : column + 1]
    )["text"][0]
    single = model.character_weights(DOCUMENT, reading, "support_units", "ECOLOGY")
    assert weights == pytest.approx(2 * single, abs=1e-3)


def test_a_rival_of_a_topic_weighs_against_it(model: Model) -> None:
    column = model.heads["topic"].labels.index("SR03")
    weights = model.log_odds_weights(
        DOCUMENT, model.read(DOCUMENT), lambda rows: rows["topic"][:, column : column + 1]
    )["text"][0]
    assert weights[2:4].min() > 0  # 油烟
    assert weights[7:11].max() < 0  # 工地施工 speaks for JS01


def test_a_decision_that_is_quite_certain_still_has_weights(model: Model) -> None:
    document = Document("", "工地施工")
    column = model.heads["topic"].labels.index("JS01")
    weights = model.log_odds_weights(
        document, model.read(document), lambda rows: rows["topic"][:, column : column + 1]
    )["text"][0]
    assert weights.min() > 0
