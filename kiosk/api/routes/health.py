"""Whether the server lives, whether it can take leads, and the numbers for Prometheus."""

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
from kiosk.api.wire.problems import json_response

_STATUS_GAUGES = {
    "kiosk_oldest_waiting_seconds": ("oldest_waiting", "That the first lead in the queue has waited to be sent."),
    "kiosk_delivery_success_ratio": ("success_rate", "Of the attempts within the last hour, the share that delivered."),
    "kiosk_delivery_error_ratio": ("error_rate", "Of those, the share that the CRM or the network failed."),
    "kiosk_crm_answer_seconds_median": ("answer_median", "That the CRM took for an answer, within the last hour."),
    "kiosk_crm_answer_seconds_p95": ("answer_p95", "That the CRM took for an answer, within the last hour."),
    "kiosk_leads_last_hour": ("leads_last_hour", "Leads that were met within the last hour."),
    "kiosk_last_success_timestamp_seconds": ("last_success", "When the CRM last took a lead."),
}
"""What Prometheus calls a number, where it stands in the status, and what it is."""

_READY_CACHE_SECONDS = 1.0
"""For so long what was written proves that it can be: anybody may ask, however often."""

_MIN_FREE_MB = 5.0
"""With less room than that, one number that fits into the log proves nothing of the next leads."""

_LEAD_STATE_KEYS = ("waiting", "needs_you", "delivered", "discarded")


class HealthRoutes:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, parts: ApiContext, stands: StatusReader) -> None:
        self.context = parts
        self.status_reader = stands
        self.last_write_at = -_READY_CACHE_SECONDS
        self.write_task: asyncio.Task[None] | None = None
        """What is being written, for all who ask meanwhile."""
        self.routes = [
            Route("/healthz", self._get_liveness, methods=["GET"]),
            Route("/readyz", self.get_readiness, methods=["GET"]),
            Route("/metrics", self._get_metrics, methods=["GET"]),
        ]

    async def _get_liveness(self, request: Request) -> Response:
        """It lives."""
        return json_response({"status": "ok"})

    async def get_readiness(self, request: Request) -> Response:
        """It can write: something was written and flushed, within the last second, and there is room for more."""
        if time.monotonic() - self.last_write_at > _READY_CACHE_SECONDS:
            if self.write_task is None or self.write_task.done():
                self.write_task = asyncio.create_task(self._prove_writable())
            await asyncio.shield(self.write_task)
        return json_response({"status": "ready"})

    async def _prove_writable(self) -> None:
        """
        Write something.

        Raises:
            Full, StoreError: that cannot be done.
        """
        since, room = time.monotonic(), measure_free_mb(self.context.settings)
        if room is not None and room < _MIN_FREE_MB:
            raise DiskFull(DISK_FULL_MESSAGE)
        await self.context.writer.submit_work(write_test_value)
        self.last_write_at = since

    async def _get_metrics(self, request: Request) -> Response:
        """The numbers, in Prometheus' text format."""
        require_role(request, "read")
        status = await self.status_reader.read_fresh()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(StatusCollector(status))
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


def write_test_value(db: Store) -> None:
    """Write something that means nothing: what changes nothing is not written by SQLite either."""
    number = db.execute("pragma user_version").fetchone()[0]
    db.execute(f"pragma user_version = {(number + 1) % 1_000_000}")


class StatusCollector:
    """One reading of the status, as prometheus-client wants it."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.status = status

    def collect(self) -> Iterator[Metric]:
        """Every number that is known."""
        leads = GaugeMetricFamily("kiosk_leads", "Leads by where they are.", labels=["state"])
        for state in _LEAD_STATE_KEYS:
            leads.add_metric([state], self.status[state])
        yield leads
        attempts = GaugeMetricFamily("kiosk_delivery_attempts", "Attempts by how they ended.", labels=["outcome"])
        for outcome, number in self.status["attempts"].items():
            attempts.add_metric([outcome], number)
        yield attempts
        gate = GaugeMetricFamily("kiosk_gate_open", "1 while the CRM takes leads; else the cause.", labels=["cause"])
        gate.add_metric([self.status["cause"]], 0 if self.status["cause"] else 1)
        yield gate
        paused = int(self.status["paused"] is not None)
        yield GaugeMetricFamily("kiosk_sending_paused", "1 while a person has paused sending.", paused)
        alerts = GaugeMetricFamily("kiosk_alert", "1 for each thing that is wrong.", labels=["cause"])
        for alert in self.status["alerts"]:
            alerts.add_metric([alert["cause"]], 1)
        yield alerts
        yield GaugeMetricFamily("kiosk_sender_up", "1 while a worker lives.", int(self.status["sender_runs"]))
        for name, (key, about) in _STATUS_GAUGES.items():
            if self.status[key] is not None:
                yield GaugeMetricFamily(name, about, self.status[key])
        # Two devices may be called the same, and two samples may not.
        name, about, labels = "kiosk_device_seen_timestamp_seconds", "When it was last heard of.", ["device", "id"]
        seen = GaugeMetricFamily(name, about, labels=labels)
        for device in self.status["devices"]:
            if device["seen_at"] is not None:
                seen.add_metric([device["name"], device["id"]], device["seen_at"])
        yield seen
