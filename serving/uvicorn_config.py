"""uvicorn's settings, and where the log goes. Every choice that is not a default is here."""

from __future__ import annotations

from typing import Any

from uvicorn import Config

from serving.address import BACKLOG
from serving.supervisor import HANG_SECONDS

DRAIN_SECONDS = 30
"""For requests under way when the service is told to stop."""

KEEP_ALIVE_SECONDS = 75
"""Longer than the 60 s for which nginx keeps its end open, so that it never uses a closed one."""

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "serving": {"level": "INFO"},
        "uvicorn": {"level": "WARNING"},
    },
}


def server_config(*, workers: int, access_log: bool, trusted_proxy: str | None = None) -> Config:
    """Return the settings of every worker; the address comes with its socket.

    Parameters
    ----------
    access_log
        One line a request, from the gate: uvicorn's own would hold query codes.
    trusted_proxy
        The address whose X-Forwarded-For says where a request comes from.
    """
    logs = {**LOGGING["loggers"], "serving.access": {"level": "INFO" if access_log else "WARNING"}}
    return Config(
        "serving.worker:application",
        factory=True,
        workers=workers,
        loop="uvloop",
        http="serving.protocol:PatientProtocol",
        ws="none",
        lifespan="on",
        log_config={**LOGGING, "loggers": logs},
        access_log=False,
        server_header=False,
        proxy_headers=trusted_proxy is not None,
        forwarded_allow_ips=trusted_proxy or [],
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_worker_healthcheck=int(HANG_SECONDS),
    )
