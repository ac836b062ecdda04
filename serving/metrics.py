"""Prometheus metrics: routes, statuses, durations, the model. Never a text, a key or an address.

With several workers each writes memory-mapped files in PROMETHEUS_MULTIPROC_DIR and any of them
answers for all. prometheus-client reads that variable when imported, so it is set before.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from serving.settings import ENV_METRICS
from triage.request import Versions

# Seconds. The promises are 2 ms for one request alone and 25 ms at 16 connections.
BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "triage_http_requests",
            "Requests answered; status 499: the client left.",
            ("route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "triage_http_request_seconds",
            "Time from the request's headers to the end of the answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._model = Gauge(
            "triage_model_info",
            "Workers that answer with this model, these code lists and these rules.",
            ("model", "catalogue", "rules"),
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._reloads = Counter(
            "triage_model_reloads",
            "Published models that a worker took over (ok) or refused (refused).",
            ("result",),
            registry=self.registry,
        )
        self._stale = Gauge(
            "triage_model_stale",
            "Workers that refused the published model and answer with an older one.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._counters: dict[tuple[str, int], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        counter = self._counters.get((route, status))
        if counter is None:
            counter = self._counters[route, status] = self._requests.labels(route, str(status))
        histogram = self._histograms.get(route)
        if histogram is None:
            histogram = self._histograms[route] = self._seconds.labels(route)
        counter.inc()
        histogram.observe(seconds)

    def model_taken(self, versions: Versions, *, before: Versions | None = None) -> None:
        """Note the model that answers from now on."""
        if before is not None:
            self._model.labels(before.model, before.catalogue, before.rules).set(0)
            self._reloads.labels("ok").inc()
        self._model.labels(versions.model, versions.catalogue, versions.rules).set(1)
        self._stale.set(0)

    def model_refused(self) -> None:
        """Note that the published model is not the one that answers."""
        self._reloads.labels("refused").inc()
        self._stale.set(1)

    def exposition(self) -> bytes:
        """Return the text format, for all workers where there are several."""
        if ENV_METRICS not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
