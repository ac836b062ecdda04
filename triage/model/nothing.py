"""A model that has learned nothing: no head, so every decision is left to rules and people.

What the service decides with when the published model cannot be used.
"""

from __future__ import annotations

import numpy as np

from triage.model.features import Field
from triage.model.linear import LinearModel
from triage.model.model import Model

VERSION = "rules-only"


def no_model() -> Model:
    """Return the model without heads."""
    linear = LinearModel(
        (Field("text", (1,)),),
        bucket=np.zeros(0, np.int32),
        field_start=np.zeros(2, np.int32),
        idf=np.zeros(0, np.float32),
        slot=np.zeros(0, np.int32),
        table=np.zeros((0, 0), np.int8),
        scale=np.zeros(0, np.float32),
        bias=np.zeros(0, np.float32),
    )
    return Model(VERSION, linear, ())
