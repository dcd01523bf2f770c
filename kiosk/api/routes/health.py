"""Liveness, readiness, and the metrics for Prometheus."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.errors import DISK_FULL_MESSAGE, DiskFull
from data.store import Store
from kiosk.alerts.snapshot import measure_free_mb
from kiosk.api.context import ApiContext
from kiosk.api.routes.status import StatusReader
from kiosk.api.wire.caller import require_role
from kiosk.api.wire.json_codec import json_response

# Metric name: the key in the status, and the help text.
_STATUS_GAUGES = {
    "kiosk_oldest_waiting_seconds": ("oldest_waiting", "How long the first lead in the queue has waited to be sent."),
    "kiosk_delivery_success_ratio": ("success_rate", "Share of the last hour's delivery attempts that succeeded."),
    "kiosk_delivery_error_ratio": (
        "error_rate",
        "Share of the last hour's delivery attempts that failed because of the CRM or the network.",
    ),
    "kiosk_crm_answer_seconds_median": ("answer_median", "Response time of the CRM within the last hour, median."),
    "kiosk_crm_answer_seconds_p95": ("answer_p95", "Response time of the CRM within the last hour, 95th percentile."),
    "kiosk_leads_last_hour": ("leads_last_hour", "New leads within the last hour."),
    "kiosk_last_success_timestamp_seconds": ("last_success", "When the CRM last accepted a lead."),
}

# How long a successful write proves readiness. /readyz needs no token, so anybody could wear out the memory card.
_READY_CACHE_SECONDS = 1.0

# The least free disk space, in megabytes, to be ready. With less, the test write may still fit into SQLite's log, but
# the next leads may not.
_MIN_FREE_MB = 5.0

_LEAD_STATE_KEYS = ("waiting", "needs_you", "delivered", "discarded")


class HealthRoutes:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, context: ApiContext, status_reader: StatusReader) -> None:
        self.context = context
        self.status_reader = status_reader
        self.last_write_at = -_READY_CACHE_SECONDS
        self.write_task: asyncio.Task[None] | None = None
        """The test write that is running; everybody who asks meanwhile gets its result."""
        self.routes = [
            Route("/healthz", self.get_liveness, methods=["GET"]),
            Route("/readyz", self.get_readiness, methods=["GET"]),
            Route("/metrics", self.get_metrics, methods=["GET"]),
        ]

    async def get_liveness(self, request: Request) -> Response:
        """Return 200, which shows that the process is alive."""
        return json_response({"status": "ok"})

    async def get_readiness(self, request: Request) -> Response:
        """Return 200 if something was written and flushed within the last second, and there is room for more."""
        if time.monotonic() - self.last_write_at > _READY_CACHE_SECONDS:
            if self.write_task is None or self.write_task.done():
                self.write_task = asyncio.create_task(self._prove_writable())
            await asyncio.shield(self.write_task)
        return json_response({"status": "ready"})

    async def _prove_writable(self) -> None:
        """
        Write and flush something.

        Raises:
            WriteQueueFull, StoreError: nothing can be written now.
        """
        began, free_mb = time.monotonic(), measure_free_mb(self.context.settings)
        if free_mb is not None and free_mb < _MIN_FREE_MB:
            raise DiskFull(DISK_FULL_MESSAGE)
        await self.context.group_commit.submit_work(_write_test_value)
        self.last_write_at = began

    async def get_metrics(self, request: Request) -> Response:
        """Return the metrics in Prometheus' text format."""
        require_role(request, "read")
        status = await self.status_reader.read_fresh()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_StatusCollector(status))
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


def _write_test_value(db: Store) -> None:
    """Change the database's user version, which means nothing here: SQLite skips writes that change nothing."""
    number = db.execute("pragma user_version").fetchone()[0]
    db.execute(f"pragma user_version = {(number + 1) % 1_000_000}")


class _StatusCollector:
    """The metrics of one status, for prometheus-client."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.status = status

    def collect(self) -> Iterator[Metric]:
        """Yield every metric whose value is known."""
        leads = GaugeMetricFamily("kiosk_leads", "Leads by state.", labels=["state"])
        for state in _LEAD_STATE_KEYS:
            leads.add_metric([state], self.status[state])
        yield leads
        attempts = GaugeMetricFamily(
            "kiosk_delivery_attempts", "Delivery attempts by outcome, over all time.", labels=["outcome"]
        )
        for outcome, number in self.status["attempts"].items():
            attempts.add_metric([outcome], number)
        yield attempts
        gate = GaugeMetricFamily("kiosk_gate_open", "1 while leads can be sent, else 0.", labels=["cause"])
        gate.add_metric([self.status["cause"]], 0 if self.status["cause"] else 1)
        yield gate
        paused = int(self.status["paused"] is not None)
        yield GaugeMetricFamily("kiosk_sending_paused", "1 while a person has paused sending.", paused)
        alerts = GaugeMetricFamily("kiosk_alert", "1 for each current alert.", labels=["cause"])
        for alert in self.status["alerts"]:
            alerts.add_metric([alert["cause"]], 1)
        yield alerts
        yield GaugeMetricFamily("kiosk_sender_up", "1 while a worker runs.", int(self.status["sender_runs"]))
        for name, (key, help_text) in _STATUS_GAUGES.items():
            if self.status[key] is not None:
                yield GaugeMetricFamily(name, help_text, self.status[key])
        yield self._collect_last_seen()

    def _collect_last_seen(self) -> Metric:
        """Return the metric of when each device was last seen."""
        # With the id, because two devices may have the same name, and Prometheus refuses a sample that comes twice.
        last_seen = GaugeMetricFamily(
            "kiosk_device_seen_timestamp_seconds", "When the device last called.", labels=["device", "id"]
        )
        for device in self.status["devices"]:
            if device["seen_at"] is not None:
                last_seen.add_metric([device["name"], device["id"]], device["seen_at"])
        return last_seen
