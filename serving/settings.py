"""What `triage serve` was told, as one frozen value that travels to the workers in one variable.

Read once at the edge and passed down. The workers are new processes, so the value goes as JSON in
TRIAGE_SERVE_SETTINGS; nothing secret is in it (the keys stay in their file).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from serving.oidc import TokenRules

ENV_SETTINGS = "TRIAGE_SERVE_SETTINGS"
ENV_METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Named by prometheus-client, which reads it when it is imported."""

POINTER = "current.json"
"""In the models folder: names the published model; replaced atomically by `triage publish`."""

OPEN311 = OPEN311_OFF, OPEN311_ON, OPEN311_TEXT = "off", "on", "text"
"""No Open311, Open311 without descriptions, with masked descriptions for everybody."""

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker takes on; beyond it a request is refused, not queued in silence.

    Sizes in bytes, times in seconds. `rate_per_second` is per key (per client address without
    keys) and None for no limit. `query_failures` wrong query codes in `query_window_seconds` lock
    an address, or a code, out of the public query.
    """

    in_flight: int = 64
    batches: int = 4
    batch_size: int = 256
    body_bytes: int = MIB
    batch_body_bytes: int = 32 * MIB
    body_seconds: float = 10.0
    upload_bytes: int = 256 * MIB
    upload_seconds: float = 300.0
    rate_per_second: float | None = None
    query_failures: int = 10
    query_window_seconds: float = 900.0

    def __post_init__(self) -> None:
        numbers = [getattr(self, item.name) for item in fields(self)]
        if any(number is not None and number <= 0 for number in numbers):
            raise ValueError(f"limits must be positive: {self}")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where work orders live, and the city's policy and calendar; None takes the shipped ones.

    `notices` is where notices to citizens go, "" keeps them; webhooks reach this machine and its
    network only where `webhooks_allow_private`. `jobs_dir` is the folder of jobs, None for no jobs;
    `open311` one of `OPEN311`; `index_dir` the folder of the index of orders, None for no index.
    """

    url: str
    vault_keys: str
    policy: str | None = None
    calendar: str | None = None
    notices: str = ""
    webhooks_allow_private: bool = False
    jobs_dir: str | None = None
    open311: str = OPEN311_OFF
    index_dir: str | None = None


_PATHS = (
    "models_dir",
    "catalogue_dir",
    "settings_file",
    "keys_file",
    "opendata_dir",
    "trends_dir",
)


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """One service. `keys_file` is None where no key, `tokens` None where no token is taken."""

    models_dir: Path
    catalogue_dir: Path | None = None
    settings_file: Path | None = None
    keys_file: Path | None = None
    opendata_dir: Path | None = None
    trends_dir: Path | None = None
    tokens: TokenRules | None = None
    store: StoreSettings | None = None
    limits: Limits = field(default_factory=Limits)
    poll_seconds: float = 1.0
    noop_route: bool = False
    debug_engine: bool = False

    def to_env(self) -> str:
        """Return the value of TRIAGE_SERVE_SETTINGS."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> ServeSettings:
        """Read what `to_env` wrote.

        Raises
        ------
        KeyError
            Where the variable is missing: the worker was not started by `triage serve`.
        """
        values = json.loads(environ[ENV_SETTINGS])
        for name in _PATHS:
            values[name] = None if values[name] is None else Path(values[name])
        values["limits"] = Limits(**values["limits"])
        if values["store"] is not None:
            values["store"] = StoreSettings(**values["store"])
        if values["tokens"] is not None:
            values["tokens"] = TokenRules.from_json(values["tokens"])
        return cls(**values)
