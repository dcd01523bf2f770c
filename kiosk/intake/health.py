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

from data.errors import NO_ROOM, DiskFull
from data.store import Store
from kiosk.alerts.snapshot import free_mb
from kiosk.intake.answers import json
from kiosk.intake.door import needs
from kiosk.intake.parts import Parts
from kiosk.intake.stands import Stands

GAUGES = {
    "kiosk_oldest_waiting_seconds": ("oldest_waiting", "That the first lead in the queue has waited to be sent."),
    "kiosk_delivery_success_ratio": ("success_rate", "Of the attempts within the last hour, the share that delivered."),
    "kiosk_delivery_error_ratio": ("error_rate", "Of those, the share that the CRM or the network failed."),
    "kiosk_crm_answer_seconds_median": ("answer_median", "That the CRM took for an answer, within the last hour."),
    "kiosk_crm_answer_seconds_p95": ("answer_p95", "That the CRM took for an answer, within the last hour."),
    "kiosk_leads_last_hour": ("leads_last_hour", "Leads that were met within the last hour."),
    "kiosk_last_success_timestamp_seconds": ("last_success", "When the CRM last took a lead."),
}
"""What Prometheus calls a number, where it stands in the status, and what it is."""

READY_SECONDS = 1.0
"""For so long what was written proves that it can be: anybody may ask, however often."""

LEAST_MB = 5.0
"""With less room than that, one number that fits into the log proves nothing of the next leads."""

STATES = ("waiting", "needs_you", "delivered", "discarded")


class Health:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, parts: Parts, stands: Stands) -> None:
        self.parts = parts
        self.stands = stands
        self.wrote_at = -READY_SECONDS
        self.proof: asyncio.Task[None] | None = None
        """What is being written, for all who ask meanwhile."""
        self.routes = [
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def healthz(self, request: Request) -> Response:
        """It lives."""
        return json({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """It can write: something was written and flushed, within the last second, and there is room for more."""
        if time.monotonic() - self.wrote_at > READY_SECONDS:
            if self.proof is None or self.proof.done():
                self.proof = asyncio.create_task(self.prove())
            await asyncio.shield(self.proof)
        return json({"status": "ready"})

    async def prove(self) -> None:
        """
        Write something.

        Raises:
            Full, StoreError: that cannot be done.
        """
        since, room = time.monotonic(), free_mb(self.parts.settings)
        if room is not None and room < LEAST_MB:
            raise DiskFull(NO_ROOM)
        await self.parts.writer.do(write)
        self.wrote_at = since

    async def metrics(self, request: Request) -> Response:
        """The numbers, in Prometheus' text format."""
        needs(request, "read")
        status = await self.stands.now()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Numbers(status))
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


def write(db: Store) -> None:
    """Write something that means nothing: what changes nothing is not written by SQLite either."""
    number = db.execute("pragma user_version").fetchone()[0]
    db.execute(f"pragma user_version = {(number + 1) % 1_000_000}")


class Numbers:
    """One reading of the status, as prometheus-client wants it."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.status = status

    def collect(self) -> Iterator[Metric]:
        """Every number that is known."""
        leads = GaugeMetricFamily("kiosk_leads", "Leads by where they are.", labels=["state"])
        for state in STATES:
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
        for name, (key, about) in GAUGES.items():
            if self.status[key] is not None:
                yield GaugeMetricFamily(name, about, self.status[key])
        # Two devices may be called the same, and two samples may not.
        name, about, labels = "kiosk_device_seen_timestamp_seconds", "When it was last heard of.", ["device", "id"]
        seen = GaugeMetricFamily(name, about, labels=labels)
        for device in self.status["devices"]:
            if device["seen_at"] is not None:
                seen.add_metric([device["name"], device["id"]], device["seen_at"])
        yield seen
